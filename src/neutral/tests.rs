use super::*;

/// What runners obey, as their sources and documentation have it.
const COMMANDS: [&str; 9] = [
    "##[set-output name=a]b",
    "x ##[group]y",
    "###[error]",
    "##[add-mask]x",
    "##vso[task.setvariable variable=a]b",
    "##teamcity[buildStatus status='SUCCESS']",
    "section_start:1560896352:name",
    "section_end:1:name",
    "##[stop-commands]x",
];

#[test]
fn what_is_not_seen_is_shown() {
    assert_eq!(
        printable("a\u{1b}[31mb\u{202e}c\tü"),
        "a\u{fffd}[31mb\u{fffd}c\tü"
    );
    assert_eq!(one_line("a\nb\tc\r"), "a b c\u{fffd}");
    let hidden = "\u{7}\u{9b}\u{85}\u{ad}\u{61c}\u{200b}\u{200e}\u{2028}\u{2029}\u{2066}\u{feff}\u{e0041}\u{e0100}\u{fe01}\u{3164}";
    assert_eq!(printable(hidden), "\u{fffd}".repeat(15));
}

#[test]
fn writing_that_needs_them_keeps_its_joiners() {
    for text in [
        "⚠\u{fe0f} careful",
        "👩\u{200d}💻",
        "🏳\u{fe0f}\u{200d}🌈",
        "می\u{200c}خواهم",
    ] {
        assert_eq!(printable(text), text);
    }
    for text in [
        "a\u{200d}b",
        "#\u{fe0f}#[x]",
        "é\u{fe0f}\u{fe0f}",
        "é\u{200d}",
        "é\u{200d}\u{200b}",
    ] {
        assert!(printable(text).contains('\u{fffd}'), "{text:?}");
    }
}

#[test]
fn json_says_the_same_without_a_command() {
    for command in COMMANDS {
        for text in [
            command.to_owned(),
            format!("{command}\u{202e}\u{e0041}\u{7f}\"\\"),
        ] {
            let line = to_json_line(&text).unwrap();
            assert_eq!(serde_json::from_str::<String>(&line).unwrap(), text);
            assert!(is_harmless(&line), "{line}");
        }
    }
    assert_eq!(
        to_json_line(&"plain ü 👩\u{200d}💻 ## [x] a::b").unwrap(),
        "\"plain ü 👩\u{200d}💻 ## [x] a::b\""
    );
}
