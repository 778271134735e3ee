//! Whether every text of a rule is marked on a page or among its further cases.
//!
//! `cargo test --test words -- --ignored every_text` copies the project with a sign of its own in every text of `src/rules`, builds it once and
//! runs its pages there: a sign in a text that a mark asserts shows that the mark holds this text to the letter, so that
//! any change of it fails a test. `tests/words-unmarked.txt` lists the texts of which that is not so yet.
#![allow(missing_docs, clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod common;

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::process::Command;

use common::found::{Found, found};
use common::page::{examples, with_cases};
use meshlint::rules::RULES;

const SIGNS: (char, char) = ('⟦', '⟧');

/// Files of tables and of tests, which say nothing to people.
const SILENT: [&str; 6] = [
    "flux_shapes.rs",
    "cilium_shapes.rs",
    "api_version_table.rs",
    "fixture.rs",
    "tests.rs",
    "page.rs",
];

/// Literals that look like words and are not said, or decide something.
const NOT_SAID: [&str; 12] = [
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

struct Literal {
    file: String,
    line: usize,
    text: String,
}

#[test]
#[ignore = "builds the project once more"]
fn every_text_of_a_rule_is_marked() {
    let copy = common::project().join("target/words");
    let literals = copied_with_signs(&copy);
    let mut marked = marked_signs(&copy);
    let asserted = texts_of_tests();
    let is_asserted = |literal: &Literal| asserted.iter().any(|text| fills(text, &literal.text));
    marked.extend((0..literals.len()).filter(|at| is_asserted(&literals[*at])));
    let mut list = String::new();
    for (at, literal) in literals.iter().enumerate() {
        if !marked.contains(&at) {
            let _ = writeln!(list, "{}: {}", literal.file, literal.text);
        }
    }
    println!(
        "{} texts, {} marked",
        literals.len(),
        literals.len() - list.lines().count()
    );
    let path = common::project().join("tests/words-unmarked.txt");
    let current = std::fs::read_to_string(&path).unwrap_or_default();
    let lines: Vec<String> = literals
        .iter()
        .enumerate()
        .filter(|(at, _)| !marked.contains(at))
        .map(|(_, one)| format!("{}:{} {}", one.file, one.line, one.text))
        .collect();
    if current != list {
        println!("{}", lines.join("\n"));
    }
    common::check_generated(&path, &current, &list);
}

/// What the tests of rules expect to the letter, with names in the place of what is filled in.
fn texts_of_tests() -> BTreeSet<String> {
    let rules = walkdir::WalkDir::new(common::project().join("src/rules"));
    let files = rules.into_iter().map(Result::unwrap);
    let sources = files.filter_map(|entry| std::fs::read_to_string(entry.path()).ok());
    let mut texts = BTreeSet::new();
    for source in sources {
        let Some((_, tests)) = source.split_once("#[cfg(test)]\nmod ") else {
            continue;
        };
        texts.extend(
            strings(tests)
                .into_iter()
                .map(|(from, to)| tests[from..to].to_owned()),
        );
    }
    texts
}

/// Whether a text has all that the literal says, with something in the place of each `{…}`.
fn fills(text: &str, literal: &str) -> bool {
    let mut fixed = literal
        .split('{')
        .map(|part| part.split_once('}').map_or(part, |(_, rest)| rest));
    let mut rest = text;
    fixed.all(|part| match rest.find(part) {
        Some(at) => {
            rest = &rest[at + part.len()..];
            true
        }
        None => false,
    })
}

/// Copies the project, with a sign in every text of a rule.
fn copied_with_signs(copy: &Path) -> Vec<Literal> {
    let project = common::project();
    let mut literals = Vec::new();
    let _ = std::fs::remove_dir_all(copy);
    let parts = [
        "src",
        "rules",
        "tests",
        "schema",
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
        if below.starts_with("src/rules") && !SILENT.contains(&name) {
            let source = std::fs::read_to_string(file.path()).unwrap();
            let below = below.to_str().unwrap().replace('\\', "/");
            std::fs::write(target, signed(&source, &below, &mut literals)).unwrap();
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

fn signed(source: &str, file: &str, literals: &mut Vec<Literal>) -> String {
    let code = source.split("#[cfg(test)]\nmod ").next().unwrap_or_default();
    let mut text = String::with_capacity(source.len());
    let mut at = 0;
    for (from, to) in strings(code) {
        let literal = &code[from..to];
        if is_words(literal) && !is_of_the_compiler(&code[..from - 1]) {
            let _ = write!(
                text,
                "{}{}{}{}",
                &code[at..from],
                SIGNS.0,
                literals.len(),
                SIGNS.1
            );
            at = from;
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

/// Runs `signs_in_marked_texts` in the copy.
fn marked_signs(copy: &Path) -> BTreeSet<usize> {
    let target: PathBuf = common::project().join("target");
    let output = Command::new(env!("CARGO"))
        .args(["test", "--offline", "--test", "words"])
        .args([
            "--",
            "--ignored",
            "--exact",
            "signs_in_marked_texts",
            "--nocapture",
        ])
        .current_dir(copy)
        .env("CARGO_TARGET_DIR", target)
        .output()
        .unwrap();
    let text = common::stdout(&output);
    assert!(output.status.success(), "{text}{}", common::stderr(&output));
    let line = text.lines().find_map(|line| line.split_once("marked signs: "));
    let (_, signs) = line.unwrap();
    signs
        .split_whitespace()
        .map(|sign| sign.parse().unwrap())
        .collect()
}

#[test]
#[ignore = "says something only in a copy with signs"]
fn signs_in_marked_texts() {
    let mut signs = BTreeSet::new();
    for rule in RULES {
        for example in examples(&with_cases(rule), "Fails") {
            let all = found(rule, &example);
            let plain: Vec<Found> = all.iter().map(without_signs).collect();
            for mark in example.marks() {
                let texts = |one: &Found, sign: &Found| {
                    one.said(&mark).map(|text| {
                        let texts = sign.labels.iter().map(|(_, text)| text);
                        texts
                            .chain([&sign.message, &sign.help])
                            .filter(|signed| stripped(signed) == text)
                            .flat_map(|signed| signs_in(signed))
                            .collect::<Vec<_>>()
                    })
                };
                let pairs = plain.iter().zip(&all);
                signs.extend(pairs.filter_map(|(one, sign)| texts(one, sign)).flatten());
            }
        }
    }
    println!(
        "marked signs: {}",
        signs.iter().map(usize::to_string).collect::<Vec<_>>().join(" ")
    );
}

fn without_signs(found: &Found) -> Found {
    Found {
        place: found.place.clone(),
        level: found.level.clone(),
        rule: found.rule,
        message: stripped(&found.message),
        help: stripped(&found.help),
        labels: found
            .labels
            .iter()
            .map(|(place, text)| (place.clone(), stripped(text)))
            .collect(),
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
fn a_text_fills_its_literal() {
    assert!(fills(
        "`a` is not looked at: it is a pipe",
        "`{path}` is not looked at: {reason}"
    ));
    assert!(fills("two words", "two words"));
    assert!(!fills("words two", "two words"));
    assert!(!fills("`a` is looked at", "`{path}` is not looked at: {reason}"));
}

#[test]
fn signs_come_and_go() {
    let source = "const A: &str = \"two words\"; // \"no, not here\"\nlet b = ('\"', \"name\", \"{of} is \\\"off\\\"\");\n\
        #[cfg(test)]\nmod tests { \"not this one\" }\n";
    let mut literals = Vec::new();
    let text = signed(source, "a.rs", &mut literals);
    let shape: Vec<_> = literals.iter().map(|one| (one.line, one.text.as_str())).collect();
    assert_eq!(shape, [(1, "two words"), (2, "{of} is \\\"off\\\"")]);
    assert_eq!(text.matches(SIGNS.0).count(), 2);
    assert_eq!(stripped(&text), source);
    assert_eq!(signs_in(&text).collect::<Vec<_>>(), [0, 1]);
}
