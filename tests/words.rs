//! Whether every text of a rule is held by a test: reversed, it fails one.
//!
//! `cargo test --test words -- --ignored every_text` copies the project with a sign of its own in every text that a rule may say. The pages
//! run there once, and then each text with a sign is reversed by itself in what they find: the comparison with the marks has to
//! fail. What no page holds is held where a test of the library compares it to the letter, and so fails because of the sign; as a test
//! ends with its first failure, signs that are held are left out in the next round, until a round holds no more.
//! `tests/words-unmarked.txt` lists the texts that nothing holds.
#![allow(missing_docs, clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod common;

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::path::Path;
use std::process::Command;

use common::compare::differences;
use common::found::{Found, found};
use common::page::{examples, with_cases};
use meshlint::rules::RULES;

const SIGNS: (char, char) = ('⟦', '⟧');

/// Files of tables and of tests, which say nothing to people.
const SILENT: [&str; 8] = [
    "de",
    "defaults.rs",
    "fixture.rs",
    "page.rs",
    "table.rs",
    "testing.rs",
    "tests",
    "tests.rs",
];

/// Literals that look like words and are not said, or decide something.
const NOT_SAID: [&str; 17] = [
    "artifact {root}",
    "key {name}",
    "kind create",
    "kind: Application",
    "kind: ApplicationSet",
    "variable {name}",
    "ConfigMap {}",
    "key {text}",
    "spec.postBuild {}",
    "data {}",
    "{} in {}",
    "PRIVATE KEY",
    "op: remove",
    "kind: FluxInstance",
    "kind: {kind}",
    "{} comparisons",
    "namespace: {namespace}",
];

/// Where the texts of rules stand.
const SPEAKERS: [&str; 10] = [
    "src/rules",
    "src/cluster",
    "src/fleet",
    "src/flux",
    "src/helm",
    "src/kustomize",
    "src/mesh",
    "src/policy",
    "src/postbuild",
    "src/yaml",
];

struct Literal {
    file: String,
    line: usize,
    text: String,
}

#[test]
#[ignore = "builds the project several times"]
fn every_text_of_a_rule_is_held() {
    let copy = common::project().join("target/words");
    let mut held = BTreeSet::new();
    let literals = copied_with_signs(&copy, &held);
    held.extend(held_by_pages(&copy));
    let by_pages = held.len();
    loop {
        copied_with_signs(&copy, &held);
        let before = held.len();
        held.extend(held_by_the_library(&copy));
        if held.len() == before {
            break;
        }
    }
    let mut list = String::new();
    for (at, literal) in literals.iter().enumerate().filter(|(at, _)| !held.contains(at)) {
        println!("{at} {}:{} {}", literal.file, literal.line, literal.text);
        let _ = writeln!(list, "{}: {}", literal.file, literal.text);
    }
    println!(
        "{} of {} texts are held, {by_pages} by pages",
        held.len(),
        literals.len()
    );
    let path = common::project().join("tests/words-unmarked.txt");
    let current = std::fs::read_to_string(&path).unwrap_or_default();
    common::check_generated(&path, &current, &list);
}

/// Copies the project, with a sign in every text of a rule but those that are held.
fn copied_with_signs(copy: &Path, held: &BTreeSet<usize>) -> Vec<Literal> {
    let project = common::project();
    let mut literals = Vec::new();
    let _ = std::fs::remove_dir_all(copy);
    let parts = [
        "src",
        "rules",
        "tests",
        "schema",
        "testdata",
        "benches",
        "examples",
        "build.rs",
        "Cargo.toml",
        "Cargo.lock",
    ];
    let files = parts.iter().flat_map(|part| {
        let files = walkdir::WalkDir::new(project.join(part)).sort_by_file_name();
        files
            .into_iter()
            .map(Result::unwrap)
            .filter(|entry| entry.file_type().is_file())
    });
    for file in files {
        let below = file.path().strip_prefix(&project).unwrap();
        let target = copy.join(below);
        std::fs::create_dir_all(target.parent().unwrap()).unwrap();
        let name = below.file_name().unwrap().to_str().unwrap();
        if may_speak(below) {
            let source = std::fs::read_to_string(file.path()).unwrap();
            let below = below.to_str().unwrap().replace('\\', "/");
            std::fs::write(target, signed(&source, &below, held, &mut literals)).unwrap();
        } else if name == "Cargo.toml" {
            // Of another version, so that what is built is not taken for the project's own.
            let manifest = std::fs::read_to_string(file.path()).unwrap();
            let (before, rest) = manifest.split_once("\nversion = \"").unwrap();
            std::fs::write(target, format!("{before}\nversion = \"0.0.0-signs.{rest}")).unwrap();
        } else {
            std::fs::copy(file.path(), target).unwrap();
        }
    }
    literals
}

fn may_speak(file: &Path) -> bool {
    let is_silent = |part: &std::ffi::OsStr| SILENT.iter().any(|silent| part == *silent);
    SPEAKERS.iter().any(|speaker| file.starts_with(speaker)) && !file.iter().any(is_silent)
}

fn signed(source: &str, file: &str, held: &BTreeSet<usize>, literals: &mut Vec<Literal>) -> String {
    let code = source.split("#[cfg(test)]\nmod ").next().unwrap_or_default();
    let mut text = String::with_capacity(source.len());
    let mut at = 0;
    for (from, to) in strings(code) {
        let literal = &code[from..to];
        if is_words(literal) && !is_of_the_compiler(&code[..from - 1]) {
            text.push_str(&code[at..from]);
            at = from;
            if !held.contains(&literals.len()) {
                let _ = write!(text, "{}{}{}", SIGNS.0, literals.len(), SIGNS.1);
            }
            literals.push(Literal {
                file: file.to_owned(),
                line: code[..from].lines().count(),
                text: literal.split_whitespace().collect::<Vec<_>>().join(" "),
            });
        }
    }
    text + &source[at..]
}

/// Whether people could read it as more than a name: letters and a space, besides what is filled in.
fn is_words(literal: &str) -> bool {
    let mut depth = 0_usize;
    let fixed: String = literal
        .chars()
        .filter(|char| {
            match char {
                '{' => depth += 1,
                '}' => depth = depth.saturating_sub(1),
                _ => return depth == 0,
            }
            false
        })
        .collect();
    let has_word = fixed
        .split(|char: char| !char.is_ascii_alphabetic())
        .any(|word| word.len() > 1);
    has_word && literal.trim().contains(' ') && !NOT_SAID.contains(&literal)
}

fn is_of_the_compiler(before: &str) -> bool {
    ["include_str!(", "reason = "]
        .iter()
        .any(|end| before.ends_with(end))
}

/// Where ordinary string literals stand, without their quotes. Comments, characters and raw strings are passed over.
fn strings(code: &str) -> Vec<(usize, usize)> {
    let bytes = code.as_bytes();
    let mut found = Vec::new();
    let mut at = 0;
    while at < bytes.len() {
        let rest = &code.as_bytes()[at..];
        at += match rest {
            [b'/', b'/', ..] => rest.iter().position(|byte| *byte == b'\n').unwrap_or(rest.len()),
            [b'r', b'"', ..] => 2 + rest[2..].iter().position(|byte| *byte == b'"').unwrap() + 1,
            [b'r', b'#', b'"', ..] => 3 + code[at + 3..].find("\"#").unwrap() + 2,
            [b'\'', b'\\', ..] => 2 + rest[2..].iter().position(|byte| *byte == b'\'').unwrap() + 1,
            [b'\'', _, b'\'', ..] => 3,
            [b'"', ..] => {
                let end = end_of_string(&rest[1..]);
                found.push((at + 1, at + 1 + end));
                end + 2
            }
            _ => 1,
        };
    }
    found
}

fn end_of_string(bytes: &[u8]) -> usize {
    let mut at = 0;
    while bytes[at] != b'"' {
        at += if bytes[at] == b'\\' { 2 } else { 1 };
    }
    at
}

/// Runs tests in the copy.
fn run(copy: &Path, arguments: &[&str]) -> String {
    let output = Command::new(env!("CARGO"))
        .args(["test", "--offline", "--no-fail-fast"])
        .args(arguments)
        .current_dir(copy)
        .env("CARGO_TARGET_DIR", common::project().join("target"))
        .env("RUST_BACKTRACE", "0")
        .output()
        .unwrap();
    let text = common::stdout(&output);
    assert!(
        text.contains("test result: "),
        "{text}{}",
        common::stderr(&output)
    );
    text
}

/// Runs `texts_that_marks_hold` in the copy.
fn held_by_pages(copy: &Path) -> BTreeSet<usize> {
    let only = [
        "--test",
        "words",
        "--",
        "--ignored",
        "--exact",
        "texts_that_marks_hold",
        "--nocapture",
    ];
    let text = run(copy, &only);
    let line = text.lines().find_map(|line| line.split_once("held: "));
    let (_, signs) = line.unwrap_or_else(|| panic!("{text}"));
    let signs = signs.split_whitespace();
    signs.map(|sign| sign.parse().unwrap()).collect()
}

/// The signs for which comparisons in tests of the library fail.
fn held_by_the_library(copy: &Path) -> BTreeSet<usize> {
    let text = run(copy, &["--lib"]);
    let failures = text.split("assertion `left == right` failed").skip(1);
    failures.flat_map(of_one_side).collect()
}

/// The signs that stand on one side of a comparison, so that it fails for each of them alone.
fn of_one_side(failure: &str) -> BTreeSet<usize> {
    let side = |name: &str| -> BTreeSet<usize> {
        let line = failure.lines().find_map(|line| line.strip_prefix(name));
        signs_in(line.unwrap_or_default()).collect()
    };
    &side("  left: ") ^ &side(" right: ")
}

#[test]
#[ignore = "says something only in a copy with signs"]
fn texts_that_marks_hold() {
    let mut held = BTreeSet::new();
    for rule in RULES {
        for example in examples(&with_cases(rule), "Fails") {
            let all = found(rule, &example);
            let marks = example.marks();
            let plain: Vec<Found> = all.iter().map(|one| told(one, stripped)).collect();
            // Where texts are sorted, signs change their order.
            let count = |found: &[Found]| differences(found, &marks).len();
            let before = count(&plain);
            let signs = all.iter().flat_map(texts).flat_map(|text| signs_in(text));
            let signs: BTreeSet<usize> = signs.collect();
            held.extend(signs.into_iter().filter(|sign| {
                let reversed = |one| told(one, |text| reversed(text, *sign));
                count(&all.iter().map(reversed).collect::<Vec<_>>()) > before
            }));
        }
    }
    let held: Vec<String> = held.iter().map(usize::to_string).collect();
    println!("held: {}", held.join(" "));
}

fn texts(found: &Found) -> impl Iterator<Item = &String> {
    let labels = found.labels.iter().map(|(_, text)| text);
    labels.chain([&found.message, &found.help])
}

/// The text without signs, and backwards where it has this one.
fn reversed(text: &str, sign: usize) -> String {
    let plain = stripped(text);
    if signs_in(text).any(|one| one == sign) {
        plain.chars().rev().collect()
    } else {
        plain
    }
}

/// The same finding with its texts told otherwise.
fn told(found: &Found, tell: impl Fn(&str) -> String) -> Found {
    let labels = found.labels.iter();
    Found {
        place: found.place.clone(),
        level: found.level.clone(),
        rule: found.rule,
        message: tell(&found.message),
        help: tell(&found.help),
        labels: labels.map(|(place, text)| (place.clone(), tell(text))).collect(),
    }
}

fn stripped(text: &str) -> String {
    let mut parts = text.split(SIGNS.0);
    let first = parts.next().unwrap_or_default().to_owned();
    parts.fold(first, |text, part| {
        text + part.split_once(SIGNS.1).map_or(part, |(_, rest)| rest)
    })
}

fn signs_in(text: &str) -> impl Iterator<Item = usize> + '_ {
    let parts = text.split(SIGNS.0).skip(1);
    parts.filter_map(|part| part.split_once(SIGNS.1)?.0.parse().ok())
}

#[test]
fn a_comparison_holds_what_stands_on_one_side() {
    let failure = "\n  left: [\"a ⟦1⟧b\", \"⟦2⟧c\"]\n right: [\"a b\", \"⟦2⟧d\"]\n";
    assert_eq!(of_one_side(failure), BTreeSet::from([1]));
}

#[test]
fn a_text_is_reversed_by_its_sign() {
    assert_eq!(reversed("⟦1⟧no ⟦2⟧path", 2), "htap on");
    assert_eq!(reversed("⟦1⟧no ⟦2⟧path", 3), "no path");
}

#[test]
fn signs_come_and_go() {
    let source = "const A: &str = \"two words\"; // \"no, not here\"\nlet b = ('\"', \"name\", \"{of} is \\\"off\\\"\");\n\
        #[cfg(test)]\nmod tests { \"not this one\" }\n";
    let mut literals = Vec::new();
    let text = signed(source, "a.rs", &BTreeSet::new(), &mut literals);
    let shape: Vec<_> = literals.iter().map(|one| (one.line, one.text.as_str())).collect();
    assert_eq!(shape, [(1, "two words"), (2, "{of} is \\\"off\\\"")]);
    assert_eq!(text.matches(SIGNS.0).count(), 2);
    assert_eq!(stripped(&text), source);
    assert_eq!(signs_in(&text).collect::<Vec<_>>(), [0, 1]);
}
