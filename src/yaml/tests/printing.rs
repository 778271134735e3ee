use super::*;
use crate::yaml::{Schema, obstacle, to_go_json, to_yaml, to_yaml_mapped};

/// The expected text was printed by `kustomize build` (v5.8.1), apart from the fields that make it a resource.
fn prints(read: &str, printed: &str) {
    assert_eq!(to_yaml(&tree(read)), printed, "{read}");
}

#[test]
fn types_survive_and_text_is_quoted_where_it_would_change() {
    prints(
        "a: on\nb: 01\nc: 1e3\nd: 1.20\ne: 0.00001\nf: 123456789.5\ng: 123456789012345678901\nh: 2001-12-14\ni: \"y\"\n\
         j: 1_000\nk: !!binary aGVsbG8=\nl: ~\nm: \"12:30\"\no: !!str 1\np: True\nq: ''\nr: '0x1'\ns: <<\n",
        "a: \"on\"\nb: 1\nc: 1000\nd: 1.2\ne: 1e-05\nf: 1.234567895e+08\ng: 1.2345678901234568e+20\n\
         h: \"2001-12-14T00:00:00Z\"\ni: \"y\"\nj: 1000\nk: hello\nl: null\nm: \"12:30\"\no: \"1\"\np: true\nq: \"\"\n\
         r: \"0x1\"\ns: <<\n",
    );
}

#[test]
fn keys_are_sorted_and_lists_stand_at_the_indentation_of_their_key() {
    prints(
        "n: [[a, [b]], {x: y, w: {}}]\nb: {c: []}\na10: 1\na9: 2\n",
        "a9: 2\na10: 1\nb:\n  c: []\n\"n\":\n- - a\n  - - b\n- w: {}\n  x: \"y\"\n",
    );
}

#[test]
fn text_over_several_lines_is_a_block_unless_it_cannot_be() {
    prints("a: \"x\\ny\\n\"\n", "a: |\n  x\n  y\n");
    prints("a: \"x\\ny\"\n", "a: |-\n  x\n  y\n");
    prints("a: \"x\\n\\n\"\n", "a: |+\n  x\n\n");
    prints("a: \" x\\ny\"\n", "a: |2-\n   x\n  y\n");
    prints("a: \"x \\ny\"\n", "a: \"x \\ny\"\n");
    prints("a: \"x\\ty\\n\"\n", "a: \"x\\ty\\n\"\n");
    prints("- - \"x\\ny\"\n", "- - |-\n    x\n    y\n");
}

#[test]
fn indicators_and_strange_characters_are_quoted() {
    prints(
        "- '- a'\n- '-a'\n- 'a: b'\n- 'a:b'\n- 'a #b'\n- 'a#b'\n- '*x'\n- ' a'\n- \"it's: x\"\n- '@a'\n- '---'\n- '{a}'\n- 'a,[b]'\n",
        "- '- a'\n- -a\n- 'a: b'\n- a:b\n- 'a #b'\n- a#b\n- '*x'\n- ' a'\n- 'it''s: x'\n- '@a'\n- '---'\n- '{a}'\n- a,[b]\n",
    );
    prints(
        "- \"\\u263a \\U0001F600 \\xA0 \\x85 \\e\"\n- \"\\uFEFFab\"\n- ä\n",
        "- \"☺ \\U0001F600 \u{a0} \\e\"\n- \"\\uFEFF\\x61\\x62\"\n- ä\n",
    );
}

#[test]
fn long_text_is_folded_behind_column_80() {
    let long = "long text ".repeat(11);
    let long = long.trim_end();
    prints(
        &format!("l: {long}\n"),
        &format!("l: {}\n  {}\n", &long[..79], &long[80..]),
    );
    prints(
        &format!("l: \"{long}: \"\n"),
        &format!("l: '{}\n  {}: '\n", &long[..79], &long[80..]),
    );
    prints(
        &format!("l: \"{long} \\t  x\"\n"),
        &format!("l: \"{}\n  {} \\t  x\"\n", &long[..79], &long[80..]),
    );
    let word = "w".repeat(100);
    prints(&format!("l: {word}\n"), &format!("l: {word}\n"));
}

#[test]
fn long_keys_and_keys_over_several_lines_are_written_with_a_question_mark() {
    let key = "k".repeat(129);
    prints(&format!("{{{key}: [1]}}"), &format!("? {key}\n: - 1\n"));
    prints("{\"a\\nb\": {c: d}}", "? |-\n  a\n  b\n: c: d\n");
}

#[test]
fn folded_text_gets_the_line_breaks_that_kustomize_adds() {
    prints("a: >\n  foo\n    bar\n  baz\n", "a: |\n  foo\n\n    bar\n  baz\n");
    prints("a: >-\n  foo\n  bar\n", "a: foo bar\n");
}

#[test]
fn every_scalar_is_found_in_the_printed_text() {
    let root = tree("b: {x: \"1\", '': [p, \"q\\nr\\n\"]}\na: plain text\nc: \"it's: \"\n");
    let mapped = to_yaml_mapped(&root);
    assert_eq!(mapped.text, to_yaml(&root));
    let found: Vec<_> = mapped
        .scalars
        .iter()
        .map(|placed| (&mapped.text[placed.range.clone()], placed.is_key))
        .collect();
    assert_eq!(
        found,
        [
            ("a", true),
            ("plain text", false),
            ("b", true),
            ("\"\"", true),
            ("p", false),
            ("|\n    q\n    r", false),
            ("x", true),
            ("\"1\"", false),
            ("c", true),
            ("'it''s: '", false),
        ]
    );
    let x = mapped.text.find("\"1\"").unwrap() + 1;
    assert!(mapped.at(x).unwrap().node.is_same(root.at(&["b", "x"]).unwrap()));
    assert!(mapped.at(1).is_none());
    assert!(mapped.at(1000).is_none());
}

#[test]
fn json_is_printed_as_go_prints_it() {
    let root = tree("b: [1, 1.5, 1e21, 1e-7, yes, ~]\na: \"<a&b>\\u2028\\t\\x01\\\"\\\\é\"\n");
    assert_eq!(
        to_go_json(&root, Schema::Kustomize),
        r#"{"a":"\u003ca\u0026b\u003e\u2028\t\u0001\"\\é","b":[1,1.5,1e+21,1e-7,"yes",null]}"#
    );
    assert_eq!(
        to_go_json(root.get("b").unwrap(), Schema::Kubernetes),
        "[1,1.5,1e+21,1e-7,true,null]"
    );
}

#[test]
fn what_kustomize_cannot_print_is_named() {
    // All of these end `kustomize build` with an error, and their absence lets it pass.
    for (text, under, message) in [
        ("data: {a: 1, 2: b}", "2", "the key `2` is a number, not a text"),
        (
            "data: {true: b}",
            "true",
            "the key `true` is a boolean, not a text",
        ),
        ("data: {~: b}", "~", "the key `~` is null, not a text"),
        ("~: b", "~", "the key `~` is null, not a text"),
        (
            "data: {2001-01-01: b}",
            "2001-01-01",
            "the key `2001-01-01` is a date, not a text",
        ),
        (
            "data: [.inf]",
            ".inf",
            "`.inf` is a number that JSON does not have",
        ),
        (
            "data: \"\\x7f\"",
            "\"\\x7f\"",
            "the text holds the control character U+007F",
        ),
    ] {
        let found = obstacle(&tree(text)).unwrap();
        assert_eq!(
            (&text[found.span.range()], found.message.as_str()),
            (under, message)
        );
    }
    for text in [
        "1: a\ntrue: b",
        "data: {on: b, y: c, '1': d}",
        "data: [.5, \"\\x1b\"]",
    ] {
        assert_eq!(obstacle(&tree(text)), None, "{text}");
    }
}
