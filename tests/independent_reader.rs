//! What our writer prints is read by a YAML reader that knows nothing of ours, and it sees our own tree.
//!
//! Ours reads and prints as Go does, the other one as YAML 1.2 has it. Where they differ on purpose stands in [`KNOWN`],
//! one by one with a reason; any other difference fails.
#![allow(missing_docs, clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod common;

use std::collections::{BTreeMap, BTreeSet};

use meshlint::source::{FileId, SourceMap, Span};
use meshlint::yaml::{
    Entry, Int, Kind, Node, Resolved, Scalar, Schema, Store, Style, Tag, to_go_json, to_yaml,
};
use yaml_serde::Value;

/// A way in which the two may see one scalar differently.
struct Known {
    name: &'static str,
    is: fn(&Scalar, &Value) -> bool,
}

/// `strconv.ParseInt` of Go with base 0 and the resolvers of yaml.v2 and yaml.v3 on the one side, the core schema of YAML 1.2 on
/// the other. Words (`yes`, `on`), numbers in base 60 and `<<` are not here: the writer puts them into quotes or resolves them.
const KNOWN: [Known; 5] = [
    // yaml.v3 makes a time of it, and JSON a text with hour and zone.
    Known {
        name: "a date is printed with its time",
        is: |ours, theirs| {
            let printed = theirs.as_str().unwrap_or_default();
            ours.style == Style::Plain && is_day(&ours.text) && is_day(printed) && printed.contains('T')
        },
    },
    // JSON knows neither; Go refuses to print them, and our writer keeps the text.
    Known {
        name: "what is no finite number is printed as text",
        is: |ours, theirs| {
            matches!(ours.resolve(Schema::Kustomize), Resolved::Float(value) if !value.is_finite())
                && theirs.as_str() == Some(&*ours.text)
        },
    },
    // kustomize reads and prints folded text once more than other text (`fold.rs`).
    Known {
        name: "folded text is folded again",
        is: |ours, theirs| ours.style == Style::Folded && has_same_words(ours, theirs),
    },
    // Go's JSON leaves it as it is, and yaml.v2 takes it for a line break inside the quotes (`through_json`).
    Known {
        name: "U+0085 is folded like a line break",
        is: |ours, theirs| ours.text.contains('\u{85}') && has_same_words(ours, theirs),
    },
    // The bytes are printed as the text that they are.
    Known {
        name: "binary data is decoded",
        is: |ours, theirs| ours.tag == Some(Tag::Binary) && theirs.is_string(),
    },
];

fn has_same_words(ours: &Scalar, theirs: &Value) -> bool {
    // U+0085 is white space.
    let words = theirs.as_str().map(str::split_whitespace);
    words.is_some_and(|words| words.eq(ours.text.split_whitespace()))
}

fn is_day(text: &str) -> bool {
    let digits = |part: Option<&str>| part.is_some_and(|part| part.starts_with(|c: char| c.is_ascii_digit()));
    let mut parts = text.splitn(3, '-');
    digits(parts.next()) && digits(parts.next()) && digits(parts.next())
}

/// What has been compared.
#[derive(Default)]
struct Comparison {
    scalars: usize,
    /// How often each known difference was met.
    met: BTreeMap<&'static str, usize>,
    unknown: Vec<String>,
}

impl Comparison {
    /// Prints a tree and compares it with what the other reader sees.
    fn of_printed(&mut self, tree: &Node, from: &str) {
        let text = to_yaml(tree);
        match yaml_serde::from_str::<Value>(&text) {
            Ok(theirs) => self.node(tree, &theirs, from),
            Err(error) => self.unknown.push(format!("{from}: not read: {error}\n{text}")),
        }
    }

    fn node(&mut self, ours: &Node, theirs: &Value, at: &str) {
        match (ours.kind(), theirs) {
            (Kind::Scalar(scalar), theirs) => self.scalar(scalar, theirs, at),
            (Kind::Sequence(items), Value::Sequence(others)) if items.len() == others.len() => {
                for (nth, (item, other)) in items.iter().zip(others).enumerate() {
                    self.node(item, other, &format!("{at}[{nth}]"));
                }
            }
            (Kind::Mapping(entries), Value::Mapping(others)) if entries.len() == others.len() => {
                for entry in entries {
                    let key = key_text(&entry.key);
                    match others.get(key.as_str()) {
                        Some(other) => self.node(&entry.value, other, &format!("{at}.{key}")),
                        None => self.unknown.push(format!("{at}: no key {key:?}")),
                    }
                }
            }
            (ours, theirs) => self.unknown.push(format!("{at}: {ours:?} is {theirs:?}")),
        }
    }

    fn scalar(&mut self, ours: &Scalar, theirs: &Value, at: &str) {
        self.scalars += 1;
        if is_same(ours.resolve(Schema::Kustomize), theirs) {
            return;
        }
        match KNOWN.iter().find(|known| (known.is)(ours, theirs)) {
            Some(known) => *self.met.entry(known.name).or_default() += 1,
            None => self.unknown.push(format!("{at}: {ours:?} is {theirs:?}")),
        }
    }

    #[track_caller]
    fn assert_nothing_unknown(&self) {
        let some: Vec<_> = self.unknown.iter().take(20).collect();
        assert!(
            self.unknown.is_empty(),
            "{} differences: {some:#?}",
            self.unknown.len()
        );
    }
}

fn is_same(ours: Resolved<'_>, theirs: &Value) -> bool {
    match (ours, theirs) {
        (Resolved::Null, Value::Null) => true,
        (Resolved::Bool(ours), Value::Bool(theirs)) => ours == *theirs,
        (Resolved::Int(Int::Signed(ours)), Value::Number(theirs)) => theirs.as_i64() == Some(ours),
        (Resolved::Int(Int::Unsigned(ours)), Value::Number(theirs)) => theirs.as_u64() == Some(ours),
        // JSON has one kind of number.
        (Resolved::Float(ours), Value::Number(theirs)) => theirs
            .as_f64()
            .is_some_and(|theirs| theirs == ours || (theirs.is_nan() && ours.is_nan())),
        (Resolved::Str(ours), Value::String(theirs)) => ours == theirs,
        _ => false,
    }
}

/// Keys are text in JSON, and one that is no scalar (as the `{{ … }}` of a chart's template read as YAML) is its own JSON.
fn key_text(key: &Node) -> String {
    match key.resolve(Schema::Kustomize) {
        Some(Resolved::Bool(value)) => value.to_string(),
        Some(Resolved::Int(value)) => value.to_string(),
        Some(_) => key.as_text().unwrap_or_default().to_owned(),
        None => to_go_json(key, Schema::Kustomize),
    }
}

/// Texts that some reader takes for something else than text, or that are hard to print.
const TEXTS: [&str; 92] = [
    "",
    " ",
    "a",
    "a b",
    "~",
    "null",
    "Null",
    "NULL",
    "true",
    "True",
    "TRUE",
    "false",
    "yes",
    "Yes",
    "no",
    "NO",
    "on",
    "On",
    "off",
    "OFF",
    "y",
    "Y",
    "n",
    "N",
    "0",
    "-0",
    "+0",
    "00",
    "01",
    "017",
    "-017",
    "089",
    "0o17",
    "-0o17",
    "0O17",
    "0x1F",
    "0X1f",
    "-0x1F",
    "0b11",
    "-0b11",
    "0b2",
    "1_000",
    "_1",
    "1_",
    "0x_1",
    "1.5",
    "-1.5",
    "+1.5",
    ".5",
    "5.",
    "1e3",
    "1E3",
    "1e+3",
    "1e-7",
    "1e21",
    "1e400",
    "123456789",
    "9223372036854775807",
    "9223372036854775808",
    "18446744073709551615",
    "18446744073709551616",
    "-9223372036854775809",
    "123456789012345678901234567890",
    ".inf",
    "-.inf",
    ".nan",
    "inf",
    "nan",
    "1:30",
    "190:20:30",
    "-1:30",
    "2001-12-14",
    "2001-12-14T21:59:43Z",
    "2001-12-14 21:59:43.10 -5",
    "2001-1-1",
    "<<",
    "=",
    "!x",
    "&x",
    "*x",
    "#x",
    "a #b",
    "a: b",
    "- a",
    "? a",
    "%a",
    "@a",
    "`a",
    "{a}",
    "[a]",
    "'a'",
    "\"a\"",
];

/// The same for texts that a line cannot hold as it is.
const LINES: [&str; 22] = [
    "a\nb",
    "a\nb\n",
    "a\n\n",
    "\na",
    "\n",
    "\n\n",
    " a\nb",
    "a\n b\n",
    "a \nb",
    "a\n \nb",
    "a\tb",
    "\ta",
    "a\t\nb",
    "a\r\nb",
    "a\u{85}b",
    "a\u{2028}b",
    "\u{feff}a",
    "a\u{7}b",
    "\u{1f600} b",
    "\u{e9}: \u{fc}",
    "a\\b\"c'd",
    "---\na\n...\n",
];

/// The next number of a sequence that looks random and is always the same.
struct Numbers(u64);

impl Numbers {
    fn below(&mut self, end: usize) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
        usize::try_from(self.0 >> 33).unwrap() % end
    }
}

struct Generator {
    numbers: Numbers,
    span: Span,
}

impl Generator {
    fn new(seed: u64, file: FileId) -> Self {
        Self {
            numbers: Numbers(seed),
            span: Span::at_start(file),
        }
    }

    fn text(&mut self) -> String {
        match self.numbers.below(8) {
            0..4 => TEXTS[self.numbers.below(TEXTS.len())].to_owned(),
            4..6 => LINES[self.numbers.below(LINES.len())].to_owned(),
            // Long enough to be folded, with what folding stumbles over in between.
            6 => {
                let count = 12 + self.numbers.below(30);
                let words = (0..count).map(|_| TEXTS[self.numbers.below(TEXTS.len())]);
                words.collect::<Vec<_>>().join(" ")
            }
            _ => {
                let count = 1 + self.numbers.below(5);
                let lines = (0..count).map(|_| LINES[self.numbers.below(LINES.len())]);
                lines.collect::<Vec<_>>().join("\n")
            }
        }
    }

    fn scalar(&mut self) -> Node {
        let text = self.text();
        let style = match self.numbers.below(6) {
            0 => Style::SingleQuoted,
            1 => Style::DoubleQuoted,
            2 => Style::Literal,
            3 => Style::Folded,
            _ if text.contains('\n') => Style::Literal,
            _ => Style::Plain,
        };
        let tag = match self.numbers.below(12) {
            0 => Some(Tag::Str),
            1 if style == Style::DoubleQuoted => {
                return self.tagged("aGVsbG8gd29ybGQ=", style, Some(Tag::Binary));
            }
            _ => None,
        };
        self.tagged(&text, style, tag)
    }

    fn tagged(&self, text: &str, style: Style, tag: Option<Tag>) -> Node {
        let text = text.into();
        Node::new(Kind::Scalar(Scalar { text, style, tag }), self.span)
    }

    fn tree(&mut self, depth: usize) -> Node {
        match self.numbers.below(if depth == 0 { 1 } else { 4 }) {
            0 => self.scalar(),
            1 => {
                let count = self.numbers.below(5);
                let items = (0..count).map(|_| self.tree(depth - 1)).collect();
                Node::sequence(items, self.span)
            }
            _ => self.mapping(depth),
        }
    }

    fn mapping(&mut self, depth: usize) -> Node {
        let (count, mut taken) = (self.numbers.below(6), BTreeSet::new());
        let mut entries = Vec::new();
        for _ in 0..count {
            // What becomes of U+0085 is told by values.
            let key = Node::string(self.text().replace('\u{85}', ""), self.span);
            if taken.insert(key_text(&key)) {
                let value = self.tree(depth - 1);
                entries.push(Entry { key, value });
            }
        }
        Node::mapping(entries, self.span)
    }
}

#[test]
fn generated_trees_are_read_as_they_were_meant() {
    let sources = SourceMap::from_memory([("x.yaml", "x")]);
    let file = sources.iter().next().unwrap().0;
    let mut comparison = Comparison::default();
    for seed in 0..600 {
        let tree = Generator::new(seed, file).mapping(4);
        comparison.of_printed(&tree, &format!("seed {seed}"));
    }
    comparison.assert_nothing_unknown();
    assert!(comparison.scalars > 3_000, "{}", comparison.scalars);
    for known in &KNOWN {
        assert!(
            comparison.met.contains_key(known.name),
            "{} is not met any more",
            known.name
        );
    }
}

/// A way in which Go reads a plain scalar otherwise than YAML 1.2 says.
struct KnownReading {
    name: &'static str,
    is: fn(&str, Schema) -> bool,
}

const KNOWN_READINGS: [KnownReading; 7] = [
    // YAML 1.1, which yaml.v2 keeps for Kubernetes. yaml.v3 reads text.
    KnownReading {
        name: "yes, no, on, off, y and n are truth values for Kubernetes",
        is: |text, schema| {
            let words = ["yes", "no", "on", "off", "y", "n"];
            schema == Schema::Kubernetes && words.contains(&&*text.to_ascii_lowercase())
        },
    },
    // `strconv.ParseInt` with base 0. In YAML 1.2 it is text, for this crate at least: the number would be decimal.
    KnownReading {
        name: "a leading zero makes an octal number",
        is: |text, _| has_leading_zero(text) && !text.contains(['8', '9']),
    },
    // Not octal, so Go tries a float.
    KnownReading {
        name: "a leading zero before an 8 or a 9 makes a decimal number",
        is: |text, _| has_leading_zero(text) && text.contains(['8', '9']),
    },
    // Go's prefixes may be written large.
    KnownReading {
        name: "0X and 0O are prefixes like 0x and 0o",
        is: |text, _| text.contains("0X") || text.contains("0O"),
    },
    // YAML 1.1 lets underscores stand in numbers.
    KnownReading {
        name: "underscores are left out of numbers",
        is: |text, _| text.contains('_'),
    },
    // Go makes a float of it; the crate has no value for it and refuses.
    KnownReading {
        name: "a whole number of more than 64 bits is a float",
        is: |text, _| {
            text.len() > 18
                && text
                    .trim_start_matches('-')
                    .bytes()
                    .all(|byte| byte.is_ascii_digit())
        },
    },
    // A tag that nobody knows: Go takes the text.
    KnownReading {
        name: "a tag of one's own says nothing",
        is: |text, _| text.starts_with('!'),
    },
];

fn has_leading_zero(text: &str) -> bool {
    let digits = text.trim_start_matches(['-', '+']);
    digits.len() > 1 && digits.starts_with('0') && digits.bytes().all(|byte| byte.is_ascii_digit())
}

#[test]
fn plain_scalars_are_read_alike_but_for_what_go_is_known_for() {
    let mut met = BTreeSet::new();
    let mut unknown = Vec::new();
    for text in TEXTS {
        let source = format!("- {text}\n");
        let sources = SourceMap::from_memory([("x.yaml", source.as_str())]);
        let parsed = Store::new(&sources)
            .parsed(sources.iter().next().unwrap().0)
            .clone();
        let theirs = yaml_serde::from_str::<Vec<Value>>(&source);
        let ours = parsed.documents.first().filter(|_| parsed.errors.is_empty());
        let known = |schema| KNOWN_READINGS.iter().find(|known| (known.is)(text, schema));
        let (Some(ours), Ok(theirs)) = (ours, &theirs) else {
            if let Some(known) = known(Schema::Kustomize) {
                met.insert(known.name);
            } else if ours.is_some() != theirs.is_ok() {
                unknown.push(format!(
                    "{text}: read by one only: {:?}, {theirs:?}",
                    parsed.errors
                ));
            }
            continue;
        };
        let (ours, theirs) = (&ours.root.items()[0], &theirs[0]);
        for schema in [Schema::Kustomize, Schema::Kubernetes] {
            let Some(resolved) = ours
                .resolve(schema)
                .filter(|resolved| !is_same(*resolved, theirs))
            else {
                continue;
            };
            match known(schema) {
                Some(known) => drop(met.insert(known.name)),
                None => unknown.push(format!("{text}: {resolved:?} is {theirs:?} ({schema:?})")),
            }
        }
    }
    assert!(unknown.is_empty(), "{unknown:#?}");
    assert_eq!(met, KNOWN_READINGS.iter().map(|known| known.name).collect());
}

/// `<<` is a key like any other in YAML 1.2; the other reader merges when asked to.
#[test]
fn merge_keys_bring_the_same() {
    let source = "a: &a {x: 1, y: 2}\nb: &b {y: 3, z: 4}\nc: {<<: *a, x: 5}\nd: {<<: [*a, *b]}\n";
    let sources = SourceMap::from_memory([("x.yaml", source)]);
    let store = Store::new(&sources);
    let parsed = store.parsed(sources.iter().next().unwrap().0);
    let mut theirs: Value = yaml_serde::from_str(source).unwrap();
    theirs.apply_merge().unwrap();
    let mut comparison = Comparison::default();
    comparison.node(&parsed.documents[0].root, &theirs, "");
    comparison.assert_nothing_unknown();
    assert_eq!(comparison.scalars, 9);
}

#[test]
#[cfg_attr(not(meshlint_corpus), ignore = "MESHLINT_CORPUS is not set")]
fn documents_of_real_repositories_are_read_as_they_were_meant() {
    let mut comparison = Comparison::default();
    for repository in common::corpus() {
        let sources = SourceMap::open(&repository).unwrap();
        let store = Store::new(&sources);
        for (id, file) in sources.iter() {
            let path = file.path();
            if !path.as_str().ends_with(".yaml") && !path.as_str().ends_with(".yml") {
                continue;
            }
            for (nth, document) in store.parsed(id).documents.iter().enumerate() {
                comparison.of_printed(&document.root, &format!("{path} {nth}"));
            }
        }
    }
    println!("{} scalars, {:#?}", comparison.scalars, comparison.met);
    comparison.assert_nothing_unknown();
    assert!(comparison.scalars > 0);
}
