//! The printer: the decisions of libyaml's emitter (as in yaml.v2's `emitterc.go`) about quotes, folding and indentation.

use super::allowed::{Allowed, is_break, is_printable};
use std::collections::BTreeSet;

use super::super::node::{Kind, Node, Style};
use super::super::scalar::{Resolved, Schema, resolve_plain};
use crate::neutral::{Verdict, is_harmless, judged};

use super::{Mapped, Placed, Value, fold, json_value, key_text, number, order};

/// Columns after which a text is folded at its next space.
const WIDTH: usize = 80;
const INDENT: usize = 2;
/// Keys longer than this are written as `? key`.
const MAX_SIMPLE_KEY: usize = 128;

pub(super) struct Emitter {
    out: String,
    scalars: Option<Vec<Placed>>,
    column: usize,
    /// Columns of the innermost collection; `None` before the first.
    indent: Option<usize>,
    /// Whether the last character was white space (or nothing was written).
    whitespace: bool,
    /// Whether only indentation and indicators stand on the line.
    indention: bool,
    /// Whether a terminal or the runner of a CI server may read the text.
    is_shown: bool,
}

/// What surrounds a node.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Context {
    Root,
    Item,
    SimpleKey,
    /// The value of a map entry, or a key written with `?`.
    Entry,
}

impl Emitter {
    pub(super) fn new(scalars: Option<Vec<Placed>>) -> Self {
        Self {
            out: String::new(),
            scalars,
            column: 0,
            indent: None,
            whitespace: true,
            indention: true,
            is_shown: false,
        }
    }

    /// Escapes whatever a terminal or a runner would obey. The text still says the same.
    pub(super) fn shown(mut self) -> Self {
        self.is_shown = true;
        self
    }

    pub(super) fn document(&mut self, node: &Node) {
        self.node(node, Context::Root);
        self.write_indent();
    }

    pub(super) fn finish(self) -> Mapped {
        Mapped {
            text: self.out,
            scalars: self.scalars.unwrap_or_default(),
        }
    }

    fn node(&mut self, node: &Node, context: Context) {
        match node.kind() {
            Kind::Scalar(scalar) => {
                let value = json_value(scalar, Schema::Kustomize);
                self.scalar(node, value, context);
            }
            Kind::Sequence(items) if items.is_empty() => self.empty("[", "]"),
            Kind::Mapping(entries) if entries.is_empty() => self.empty("{", "}"),
            Kind::Sequence(items) => {
                let outer = self.indent;
                let at_key = context == Context::Entry && !self.indention;
                self.increase_indent(at_key);
                for item in items {
                    self.write_indent();
                    self.indicator("-", true, true);
                    self.node(item, Context::Item);
                }
                self.indent = outer;
            }
            Kind::Mapping(entries) => {
                let outer = self.indent;
                self.increase_indent(false);
                let mut sorted: Vec<_> = entries
                    .iter()
                    .map(|entry| (key_text(&entry.key), entry))
                    .collect();
                order::sort_by_key(&mut sorted, |(key, _)| key);
                for (key, entry) in sorted {
                    self.write_indent();
                    let is_simple = key.len() <= MAX_SIMPLE_KEY && !key.contains(is_break);
                    let text = Value::Text(key);
                    if is_simple {
                        self.scalar(&entry.key, text, Context::SimpleKey);
                        self.indicator(":", false, false);
                    } else {
                        self.indicator("?", true, true);
                        self.scalar(&entry.key, text, Context::Entry);
                        self.mark_key();
                        self.write_indent();
                        self.indicator(":", true, true);
                    }
                    self.node(&entry.value, Context::Entry);
                }
                self.indent = outer;
            }
        }
    }

    fn empty(&mut self, open: &str, close: &str) {
        self.indicator(open, true, false);
        self.whitespace = true;
        self.indicator(close, false, false);
    }

    /// `at_key`: a list stands at the indentation of its key.
    fn increase_indent(&mut self, at_key: bool) {
        self.indent = Some(match self.indent {
            None => 0,
            Some(indent) if at_key => indent,
            Some(indent) => indent + INDENT,
        });
    }

    fn mark_key(&mut self) {
        if let Some(last) = self.scalars.as_mut().and_then(|all| all.last_mut()) {
            last.is_key = true;
        }
    }

    fn scalar(&mut self, node: &Node, value: Value<'_>, context: Context) {
        let value = match value {
            Value::Text(text) => Value::Text(fold::through_json(text)),
            other => other,
        };
        let (text, style) = match &value {
            Value::Null => ("null", Style::Plain),
            Value::Bool(true) => ("true", Style::Plain),
            Value::Bool(false) => ("false", Style::Plain),
            Value::Number(digits) => (&**digits, Style::Plain),
            Value::Text(text) if self.is_shown && is_obeyed(text) => (&**text, Style::DoubleQuoted),
            Value::Text(text) => (&**text, style_of(text, context)),
        };
        let reread = match &value {
            Value::Number(digits) => Some(reread_number(digits)),
            _ => None,
        };
        let text = reread.as_deref().unwrap_or(text);
        let outer = self.indent;
        // A scalar that goes over several lines is indented deeper than its collection.
        self.indent = Some(outer.map_or(INDENT, |indent| indent + INDENT));
        if !self.whitespace {
            self.put(' ');
        }
        let start = self.out.len();
        let folds = context != Context::SimpleKey;
        match style {
            Style::Plain => self.plain(text, folds),
            Style::SingleQuoted => self.single_quoted(text, folds),
            Style::DoubleQuoted => self.double_quoted(text, folds),
            Style::Literal | Style::Folded => self.literal(text),
        }
        self.indent = outer;
        let end = start
            + self
                .out
                .get(start..)
                .unwrap_or_default()
                .trim_end_matches('\n')
                .len();
        if let Some(scalars) = &mut self.scalars {
            scalars.push(Placed {
                range: start..end,
                node: node.clone(),
                is_key: context == Context::SimpleKey,
            });
        }
    }

    fn plain(&mut self, text: &str, folds: bool) {
        let mut after_space = false;
        let mut chars = text.chars().peekable();
        while let Some(c) = chars.next() {
            if c == ' ' && folds && !after_space && self.column > WIDTH && chars.peek() != Some(&' ') {
                self.write_indent();
            } else {
                self.put(c);
            }
            after_space = c == ' ';
            if !after_space {
                self.indention = false;
            }
        }
        self.whitespace = false;
        self.indention = false;
    }

    fn single_quoted(&mut self, text: &str, folds: bool) {
        self.put('\'');
        self.whitespace = false;
        self.indention = false;
        let mut after_space = false;
        let mut after_break = false;
        let mut chars = text.char_indices().peekable();
        while let Some((at, c)) = chars.next() {
            if c == ' ' {
                let inside = at > 0 && at + 1 < text.len();
                let single = chars.peek().is_none_or(|(_, next)| *next != ' ');
                if folds && !after_space && self.column > WIDTH && inside && single {
                    self.write_indent();
                } else {
                    self.put(c);
                }
                after_space = true;
            } else if is_break(c) {
                // Only U+2028 and U+2029 come here: text with line feeds is a block.
                self.put(c);
                self.column = 0;
                self.indention = true;
                after_break = true;
            } else {
                if after_break {
                    self.write_indent();
                }
                if c == '\'' {
                    self.put('\'');
                }
                self.put(c);
                self.indention = false;
                after_space = false;
                after_break = false;
            }
        }
        self.put('\'');
        self.whitespace = false;
        self.indention = false;
    }

    fn double_quoted(&mut self, text: &str, folds: bool) {
        self.put('"');
        self.whitespace = false;
        self.indention = false;
        // yaml.v2 asks the first character whether a character is a byte order mark (`is_bom`), so that text which
        // begins with one is escaped throughout.
        let escape_all = text.starts_with('\u{feff}');
        let obeyed = if self.is_shown {
            obeyed(text)
        } else {
            BTreeSet::new()
        };
        let mut after_space = false;
        let mut chars = text.char_indices().peekable();
        while let Some((at, c)) = chars.next() {
            if escape_all || obeyed.contains(&at) || !is_printable(c) || is_break(c) || c == '"' || c == '\\'
            {
                self.escaped(c);
                after_space = false;
            } else if c == ' ' {
                let inside = at > 0 && at + 1 < text.len();
                if folds && !after_space && self.column > WIDTH && inside {
                    self.write_indent();
                    if chars.peek().is_some_and(|(_, next)| *next == ' ') {
                        self.put('\\');
                    }
                } else {
                    self.put(c);
                }
                after_space = true;
            } else {
                self.put(c);
                after_space = false;
            }
        }
        self.put('"');
        self.whitespace = false;
        self.indention = false;
    }

    fn escaped(&mut self, c: char) {
        self.put('\\');
        let short = match c {
            '\0' => '0',
            '\u{7}' => 'a',
            '\u{8}' => 'b',
            '\t' => 't',
            '\n' => 'n',
            '\u{b}' => 'v',
            '\u{c}' => 'f',
            '\r' => 'r',
            '\u{1b}' => 'e',
            '"' | '\\' => c,
            '\u{85}' => 'N',
            '\u{a0}' => '_',
            '\u{2028}' => 'L',
            '\u{2029}' => 'P',
            _ => {
                let code = u32::from(c);
                let long = match code {
                    0..=0xff => format!("x{code:02X}"),
                    0x100..=0xffff => format!("u{code:04X}"),
                    _ => format!("U{code:08X}"),
                };
                long.chars().for_each(|c| self.put(c));
                return;
            }
        };
        self.put(short);
    }

    fn literal(&mut self, text: &str) {
        self.put('|');
        if text.starts_with(' ') || text.starts_with(is_break) {
            self.put('2');
        }
        let mut last = text.chars().rev();
        match (last.next().is_some_and(is_break), last.next()) {
            (false, _) => self.put('-'),
            (true, None) => self.put('+'),
            (true, Some(c)) if is_break(c) => self.put('+'),
            (true, Some(_)) => {}
        }
        self.put_break();
        self.indention = true;
        self.whitespace = true;
        let mut after_break = true;
        for c in text.chars() {
            if is_break(c) {
                if c == '\n' {
                    self.put_break();
                } else {
                    self.put(c);
                    self.column = 0;
                }
                self.indention = true;
                after_break = true;
            } else {
                if after_break {
                    self.write_indent();
                }
                self.put(c);
                self.indention = false;
                after_break = false;
            }
        }
    }

    fn put(&mut self, c: char) {
        self.out.push(c);
        self.column += 1;
    }

    fn put_break(&mut self) {
        self.out.push('\n');
        self.column = 0;
    }

    /// Begins a line at the indentation, unless the cursor stands there already.
    fn write_indent(&mut self) {
        let indent = self.indent.unwrap_or(0);
        if !self.indention || self.column > indent || (self.column == indent && !self.whitespace) {
            self.put_break();
        }
        while self.column < indent {
            self.put(' ');
        }
        self.whitespace = true;
        self.indention = true;
    }

    fn indicator(&mut self, text: &str, needs_space: bool, is_indention: bool) {
        if needs_space && !self.whitespace {
            self.put(' ');
        }
        text.chars().for_each(|c| self.put(c));
        self.whitespace = false;
        self.indention &= is_indention;
    }
}

/// Whether a terminal or a runner would take part of a text for something to do.
fn is_obeyed(text: &str) -> bool {
    !is_harmless(text) || text.contains("::") && !obeyed(text).is_empty()
}

/// The offsets of the characters that make a text harmless when they are escaped: hidden ones, and one of each command. A line
/// may be folded at any space.
fn obeyed(text: &str) -> BTreeSet<usize> {
    let mut offsets = BTreeSet::new();
    let mut at = 0;
    let mut before = [' ', ' '];
    for (c, verdict) in judged(text) {
        let [last_but_one, last] = before;
        let begins_a_line = c == ':' && last == ':' && last_but_one.is_whitespace();
        if verdict != Verdict::Harmless || begins_a_line {
            offsets.insert(at);
        }
        before = [last, c];
        at += c.len_utf8();
    }
    offsets
}

/// The number as `sigs.k8s.io/yaml` prints it after having read it from JSON.
fn reread_number(digits: &str) -> String {
    match resolve_plain(digits, Schema::Kubernetes) {
        Resolved::Int(value) => value.to_string(),
        Resolved::Float(value) => number::general(value),
        _ => digits.to_owned(),
    }
}

/// How a text is quoted: as little as possible, so that yaml.v2 reads text again.
fn style_of(text: &str, context: Context) -> Style {
    let allowed = Allowed::of(text);
    let stays_text = matches!(resolve_plain(text, Schema::Kubernetes), Resolved::Str(_))
        && !is_base60(text)
        && super::timestamp::rfc3339(text).is_none();
    if text.contains('\n') && context != Context::SimpleKey && allowed.block {
        Style::Literal
    } else if text.contains('\n') || !stays_text {
        Style::DoubleQuoted
    } else if allowed.plain {
        Style::Plain
    } else if allowed.single_quoted {
        Style::SingleQuoted
    } else {
        Style::DoubleQuoted
    }
}

/// `base60float` of yaml.v2: `12:30:45`, a number in YAML 1.1, is quoted although Go reads it as text.
fn is_base60(text: &str) -> bool {
    let unsigned = text.strip_prefix(['+', '-']).unwrap_or(text);
    let (groups, fraction) = match unsigned.split_once('.') {
        Some((groups, fraction)) => (groups, fraction),
        None => (unsigned, ""),
    };
    let is_digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit() || byte == b'_');
    let mut parts = groups.split(':');
    let whole = parts
        .next()
        .is_some_and(|first| first.starts_with(|c: char| c.is_ascii_digit()) && is_digits(first));
    let mut any = false;
    let sixties = parts.all(|part| {
        any = true;
        match part.as_bytes() {
            [digit] => digit.is_ascii_digit(),
            [b'0'..=b'5', digit] => digit.is_ascii_digit(),
            _ => false,
        }
    });
    whole && any && sixties && is_digits(fraction)
}
