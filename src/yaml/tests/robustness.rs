use std::path::{Path, PathBuf};

use super::*;
use crate::yaml::{Schema, Style, Walk, from_node, parse_embedded, to_go_json, to_yaml, to_yaml_mapped};

/// A small generator of numbers that are the same on every machine (xorshift).
struct Dice(u64);

impl Dice {
    fn roll(&mut self, sides: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        usize::try_from(self.0 % sides as u64).unwrap()
    }
}

/// Pieces that matter to a YAML parser.
const PIECES: &[&str] = &[
    "a: b\n",
    "- x\n",
    "? k\n",
    ": v\n",
    "|\n  t\n",
    "|2-\n   t",
    ">+\n x\n\n",
    "'it''s'",
    "\"\\n\\u263a\\\"\"",
    "[a, b]",
    "{a: b, c: }",
    "&x ",
    "*x",
    "!!int ",
    "!t ",
    "<<: *x\n",
    "<<: [*x]\n",
    "# c\n",
    "---\n",
    "...\n",
    "%YAML 1.1\n",
    "\t",
    "  ",
    "\n",
    "\r\n",
    ": ",
    "- ",
    "-",
    "?",
    ":",
    "\u{feff}",
    "é",
    "😀",
    "\u{2028}",
    "\u{85}",
    "@",
    "`",
    "\"",
    "'",
    "[",
    "]",
    "{",
    "}",
    ",",
    "#",
    "~",
    "0x1F",
    "2001-01-01",
    ".inf",
    "\\",
    "\0",
    "\"\\/\"",
    "{{ x }}",
    "${X:=y}",
    "a\n  b\n",
];

const SEEDS: &[&str] = &[
    "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: &n x\n  labels: {app: *n, 'k': \"v\"}\ndata:\n  a: |-\n    one\n      two\n  b: >\n    f\n    g\n",
    "# note\n---\n- a: 1 # x\n  b:\n  - [c, {d: e}]\n---\nx: &x {p: 1}\ny:\n  <<: *x\n  p: 2\n...\n",
    "? long\n: value\nq: \"a\\\n  b\"\ns: 'c\n\n  d'\np: plain\n  text\n",
];

/// Everything the module can do with a text, none of which may panic.
fn exercise(text: &str) {
    let (sources, id) = file(text);
    let parsed = parse(id, text);
    let check = |span: crate::source::Span| {
        assert!(span.start <= span.end, "{text:?}");
        assert!(text.get(span.range()).is_some(), "{span:?} in {text:?}");
    };
    for error in &parsed.errors {
        check(error.span);
    }
    for comment in &parsed.comments {
        check(comment.span);
        assert!(text[comment.span.range()].starts_with('#'), "{text:?}");
    }
    for document in &parsed.documents {
        check(document.span);
        document.root.walk(&mut |_, key, node| {
            check(node.span());
            if let Some(key) = key {
                check(key.span());
            }
            let _ = parse_embedded(node, &sources);
            Walk::Enter
        });
        let printed = to_yaml(&document.root);
        let mapped = to_yaml_mapped(&document.root);
        assert_eq!(mapped.text, printed);
        for placed in &mapped.scalars {
            assert!(printed.get(placed.range.clone()).is_some());
        }
        let _ = to_go_json(&document.root, Schema::Kubernetes);
        let _ = from_node::<serde_json::Value>(&document.root);
        assert!(document.root.same_value(&document.root.clone()));
    }
}

fn mutate(text: &str, dice: &mut Dice) -> String {
    let mut chars: Vec<char> = text.chars().collect();
    for _ in 0..=dice.roll(4) {
        let at = dice.roll(chars.len() + 1);
        match dice.roll(3) {
            0 => {
                let end = (at + 1 + dice.roll(4)).min(chars.len());
                chars.drain(at..end);
            }
            1 => {
                let from = dice.roll(chars.len() + 1);
                let copy: Vec<char> = chars[from..].iter().copied().take(dice.roll(20)).collect();
                chars.splice(at..at, copy);
            }
            _ => {
                chars.splice(at..at, PIECES[dice.roll(PIECES.len())].chars());
            }
        }
    }
    chars.into_iter().collect()
}

#[test]
fn no_input_panics_or_gives_a_span_outside_of_the_text() {
    let mut dice = Dice(0x9e37_79b9_7f4a_7c15);
    for round in 0..6_000 {
        let text = if round % 2 == 0 {
            mutate(SEEDS[dice.roll(SEEDS.len())], &mut dice)
        } else {
            (0..=dice.roll(12))
                .map(|_| PIECES[dice.roll(PIECES.len())])
                .collect()
        };
        exercise(&text);
    }
}

#[test]
fn printed_text_reads_as_the_same_value() {
    let mut dice = Dice(42);
    let mut compared = 0;
    for _ in 0..3_000 {
        let text: String = (0..=dice.roll(6))
            .map(|_| PIECES[dice.roll(PIECES.len())])
            .collect();
        // A byte order mark in front is no content to a YAML reader. Folded text changes in kustomize, see `write/fold.rs`.
        let text = text.replace('\u{feff}', "");
        let root = Node::sequence(
            vec![Node::string(
                text.as_str(),
                crate::source::Span::at_start(file("").1),
            )],
            crate::source::Span::at_start(file("").1),
        );
        let printed = to_yaml(&root);
        let reread = read(&printed);
        if text.contains('\u{85}') {
            continue;
        }
        // Characters that YAML 1.1 takes for line ends are reported when they are not escaped.
        let serious = reread
            .errors
            .iter()
            .filter(|e| e.kind != crate::yaml::ParseErrorKind::Dialect)
            .count();
        assert_eq!(serious, 0, "{printed:?} {:?}", reread.errors);
        assert_eq!(
            reread.root().unwrap().items()[0].as_text().unwrap_or_default(),
            text,
            "{printed:?}"
        );
        compared += 1;
    }
    assert!(compared > 2_000);
}

fn yaml_files(directory: &Path, found: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(directory).unwrap().filter_map(Result::ok) {
        let path = entry.path();
        if entry.file_type().unwrap().is_dir() {
            yaml_files(&path, found);
        } else if path
            .extension()
            .is_some_and(|e| e == "yaml" || e == "yml" || e == "json")
        {
            found.push(path);
        }
    }
}

/// Plain text is found under its span as it is, or folded; quoted text lies between its quotes.
fn check_scalar(node: &Node, text: &str) {
    let Some(scalar) = node.as_scalar() else { return };
    let under = &text[node.span().range()];
    if under.starts_with('*') && node.is_null() {
        // Stands for an alias without an anchor.
        return;
    }
    match scalar.style {
        Style::Plain if under.contains('\n') => {
            let words = |text: &str| text.split_whitespace().map(str::to_owned).collect::<Vec<_>>();
            assert_eq!(words(under), words(&scalar.text));
        }
        Style::Plain => assert_eq!(under, &*scalar.text),
        Style::SingleQuoted => assert!(
            under.starts_with('\'') && under.ends_with('\'') && under.len() > 1,
            "{under:?}"
        ),
        Style::DoubleQuoted => assert!(
            under.starts_with('"') && under.ends_with('"') && under.len() > 1,
            "{under:?}"
        ),
        Style::Literal => assert!(under.starts_with('|'), "{under:?}"),
        Style::Folded => assert!(under.starts_with('>'), "{under:?}"),
    }
    if matches!(scalar.style, Style::SingleQuoted | Style::DoubleQuoted) && !under.contains(['\n', '\\']) {
        assert_eq!(
            under[1..under.len() - 1].replace("''", "'"),
            scalar.text.replace("''", "'")
        );
    }
}

#[test]
#[cfg_attr(not(meshlint_corpus), ignore = "MESHLINT_CORPUS is not set")]
fn real_repositories_are_read_and_every_scalar_stands_under_its_span() {
    let corpus = std::env::var_os("MESHLINT_CORPUS").expect("MESHLINT_CORPUS is set");
    let mut files = Vec::new();
    yaml_files(Path::new(&corpus), &mut files);
    assert!(!files.is_empty());
    let (mut scalars, mut broken) = (0_usize, 0_usize);
    for path in &files {
        let Ok(text) = String::from_utf8(std::fs::read(path).unwrap()) else {
            continue;
        };
        let parsed = read(&text);
        broken += usize::from(
            parsed
                .errors
                .iter()
                .any(|e| e.kind == crate::yaml::ParseErrorKind::Syntax),
        );
        for document in &parsed.documents {
            document.root.walk(&mut |_, key, node| {
                for node in key.into_iter().chain([node]) {
                    check_scalar(node, &text);
                    scalars += 1;
                }
                Walk::Enter
            });
        }
    }
    assert!(scalars > files.len());
    assert!(
        broken * 20 < files.len(),
        "{broken} of {} files cannot be read",
        files.len()
    );
}
