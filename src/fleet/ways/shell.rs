//! The words of commands in scripts, each with its place. Nothing is carried out.

use std::collections::BTreeMap;
use std::ops::Range;
use std::sync::{Arc, LazyLock};

use regex::Regex;

use crate::source::{FileId, Span};
use crate::yaml::{Node, Origin, Substitution};

/// A word of a command.
#[derive(Debug, Clone)]
pub(super) struct Word {
    /// Without quotes, with the values of variables that are known.
    pub(super) text: String,
    pub(super) span: Span,
    /// For each byte of the text, the byte of the file that it comes from.
    places: Vec<u32>,
    /// Variables in the text: where, and the place that sets them; `None` when nobody knows.
    variables: Vec<(Range<usize>, String, Option<Span>)>,
}

impl Word {
    /// Whether something in it is not known.
    pub(super) fn is_computed(&self) -> bool {
        self.variables.iter().any(|(_, _, value)| value.is_none())
    }

    /// The whole word as a scalar.
    pub(super) fn node(&self) -> Node {
        self.part(0..self.text.len())
    }

    /// Part of the word as a scalar.
    pub(super) fn part(&self, range: Range<usize>) -> Node {
        let text = self.text.get(range.clone()).unwrap_or_default();
        let place = |at: usize| {
            self.places
                .get(at)
                .map_or(self.span.end as usize, |place| *place as usize)
        };
        let end = range
            .end
            .checked_sub(1)
            .map_or(place(range.start), |last| place(last) + 1);
        let span = Span::new(self.span.file, place(range.start), end.max(place(range.start)));
        let taken: Vec<Substitution> = self
            .variables
            .iter()
            .filter(|(at, ..)| at.start < range.end && range.start < at.end)
            .map(|(_, name, value)| Substitution {
                variable: name.as_str().into(),
                expression: span,
                value: *value,
                unknown: value.is_none(),
                output: None,
            })
            .collect();
        let origin = Origin {
            span,
            substituted: (!taken.is_empty()).then(|| Arc::from(taken)),
        };
        Node::plain(text, origin)
    }

    /// What follows the first bytes.
    pub(super) fn behind(&self, at: usize) -> Self {
        let variables = self.variables.iter().filter(|(range, ..)| range.start >= at);
        Self {
            text: self.text.get(at..).unwrap_or_default().to_owned(),
            span: Span::new(
                self.span.file,
                self.places
                    .get(at)
                    .map_or(self.span.end as usize, |place| *place as usize),
                self.span.end as usize,
            ),
            places: self.places.get(at..).unwrap_or_default().to_vec(),
            variables: variables
                .map(|(range, name, value)| (range.start - at..range.end - at, name.clone(), *value))
                .collect(),
        }
    }
}

/// The commands of a script: its lines, joined where they end in a backslash, and cut at `&&`, `||`, `;` and `|`.
pub(super) fn commands(file: FileId, text: &str) -> Vec<Vec<Word>> {
    let variables = variables(file, text);
    let mut commands = Vec::new();
    let mut reader = Reader {
        file,
        text,
        at: 0,
        variables: &variables,
    };
    while reader.at < text.len() {
        let words = reader.command();
        let words = without_prefix(words);
        if !words.is_empty() {
            commands.push(words);
        }
    }
    commands
}

/// Drops what may stand before a program: marks of task runners, `sudo`, assignments, keywords.
fn without_prefix(mut words: Vec<Word>) -> Vec<Word> {
    const BEFORE: [&str; 12] = [
        "-", "@", "sudo", "then", "do", "else", "exec", "time", "if", "!", "cmd:", "env",
    ];
    while let Some(first) = words.first_mut() {
        let is_assignment = first.text.split_once('=').is_some_and(|(name, _)| {
            !name.is_empty() && name.chars().all(|c| c.is_alphanumeric() || c == '_')
        });
        if BEFORE.contains(&first.text.as_str()) || is_assignment {
            words.remove(0);
        } else if first.text.len() > 1 && first.text.starts_with(['@', '-']) && !first.text.starts_with("--")
        {
            *first = first.behind(1);
        } else {
            break;
        }
    }
    words
}

/// Variables that a script sets exactly once, to a literal.
fn variables(file: FileId, text: &str) -> BTreeMap<String, (String, Span)> {
    static ASSIGNMENT: LazyLock<Option<Regex>> = LazyLock::new(|| {
        Regex::new(r#"(?m)^[ \t]*(?:export[ \t]+|readonly[ \t]+|local[ \t]+)?([A-Za-z_]\w*)[ \t]*(?::=|\?=|=|[ \t]:=)[ \t]*("[^"\n]*"|'[^'\n]*'|[^\s#"'$`(]+)[ \t]*(?:#.*)?$"#).ok()
    });
    let mut found: BTreeMap<String, Option<(String, Span)>> = BTreeMap::new();
    for captures in ASSIGNMENT.iter().flat_map(|regex| regex.captures_iter(text)) {
        let (Some(name), Some(value)) = (captures.get(1), captures.get(2)) else {
            continue;
        };
        let bare = value.as_str().trim_matches(['"', '\'']);
        let quote = usize::from(bare.len() < value.as_str().len());
        let start = value.start() + quote;
        let span = Span::new(file, start, start + bare.len());
        let is_literal = !bare.contains(['$', '`']) && !bare.contains("{{");
        let value = is_literal.then(|| (bare.to_owned(), span));
        found
            .entry(name.as_str().to_owned())
            .and_modify(|known| *known = None)
            .or_insert(value);
    }
    found
        .into_iter()
        .filter_map(|(name, value)| Some((name, value?)))
        .collect()
}

struct Reader<'t> {
    file: FileId,
    text: &'t str,
    at: usize,
    variables: &'t BTreeMap<String, (String, Span)>,
}

impl Reader<'_> {
    fn rest(&self) -> &str {
        self.text.get(self.at..).unwrap_or_default()
    }

    /// The words up to the end of the command.
    fn command(&mut self) -> Vec<Word> {
        let mut words = Vec::new();
        loop {
            let rest = self.rest();
            let blank = rest.len() - rest.trim_start_matches([' ', '\t', '\r']).len();
            self.at += blank;
            let rest = self.rest();
            if rest.starts_with("\\\n") {
                self.at += 2;
                continue;
            }
            if rest.starts_with("\\\r\n") {
                self.at += 3;
                continue;
            }
            match rest.bytes().next() {
                None => return words,
                Some(b'#') => {
                    self.at += rest.find('\n').unwrap_or(rest.len());
                }
                Some(b'\n' | b';' | b'|' | b'&' | b'(' | b')') => {
                    self.at += 1;
                    return words;
                }
                Some(_) => words.push(self.word()),
            }
        }
    }

    fn word(&mut self) -> Word {
        let start = self.at;
        let mut word = Word {
            text: String::new(),
            span: Span::new(self.file, start, start),
            places: Vec::new(),
            variables: Vec::new(),
        };
        let mut quote = None;
        while let Some(c) = self.rest().chars().next() {
            let width = c.len_utf8();
            match (c, quote) {
                ('\'' | '"', None) => quote = Some(c),
                (c, Some(open)) if c == open => quote = None,
                ('\\', None | Some('"')) => {
                    let next = self.rest()[1..].chars().next();
                    match next {
                        None | Some('\n' | '\r') if quote.is_none() => break,
                        Some(next) => {
                            // Helm takes a backslash before a dot or a comma itself, where quotes leave it.
                            if quote.is_some() && !matches!(next, '"' | '\\' | '$' | '`') {
                                push(&mut word, '\\', self.at);
                            }
                            push(&mut word, next, self.at + 1);
                            self.at += 1 + next.len_utf8();
                            continue;
                        }
                        None => {}
                    }
                }
                ('$' | '`', None | Some('"')) => {
                    self.variable(&mut word);
                    continue;
                }
                ('{', _) if self.rest().starts_with("{{") => {
                    self.computed(&mut word, "}}");
                    continue;
                }
                (' ' | '\t' | '\n' | '\r' | ';' | '|' | '&' | ')', None) => break,
                (c, _) => push(&mut word, c, self.at),
            }
            self.at += width;
        }
        word.span = Span::new(self.file, start, self.at);
        word
    }

    /// `$NAME`, `${NAME}`, `$(NAME)` of make; anything else is computed.
    fn variable(&mut self, word: &mut Word) {
        static NAME: LazyLock<Option<Regex>> = LazyLock::new(|| {
            Regex::new(
                r"^\$(?:([A-Za-z_]\w*)|\{([A-Za-z_]\w*)\}|\(([A-Za-z_]\w*)\)|\{([A-Za-z_]\w*):?-([^}$]*)\})",
            )
            .ok()
        });
        let start = word.text.len();
        let rest = self.rest().to_owned();
        let captures = NAME.as_ref().and_then(|regex| regex.captures(&rest));
        if let Some(captures) = captures {
            let length = captures.get(0).map_or(1, |all| all.len());
            let name = (1..=4)
                .find_map(|at| captures.get(at))
                .map_or("", |name| name.as_str());
            if let Some((value, span)) = self.variables.get(name) {
                for c in value.chars() {
                    push(word, c, self.at);
                }
                word.variables
                    .push((start..word.text.len(), name.to_owned(), Some(*span)));
            } else {
                push_unknown(word, name, self.at);
            }
            self.at += length;
        } else if rest.starts_with("$(") {
            self.computed(word, ")");
        } else if rest.starts_with("${") {
            self.computed(word, "}");
        } else if let Some(inner) = rest.strip_prefix('`') {
            let length = inner.find('`').map_or(rest.len(), |at| at + 2);
            push_unknown(word, "`", self.at);
            self.at += length;
        } else {
            let next = rest.chars().nth(1).map_or(0, char::len_utf8);
            push_unknown(word, "$", self.at);
            self.at += 1 + next;
        }
    }

    fn computed(&mut self, word: &mut Word, end: &str) {
        push_unknown(word, "computed", self.at);
        let rest = self.rest();
        let line = rest.find('\n').unwrap_or(rest.len());
        let length = rest[..line].find(end).map_or(line, |at| at + end.len());
        self.at += length.max(1);
    }
}

fn push(word: &mut Word, c: char, at: usize) {
    word.text.push(c);
    for _ in 0..c.len_utf8() {
        word.places.push(u32::try_from(at).unwrap_or(u32::MAX));
    }
}

fn push_unknown(word: &mut Word, name: &str, at: usize) {
    let start = word.text.len();
    for c in "unknown".chars() {
        push(word, c, at);
    }
    word.variables
        .push((start..word.text.len(), name.to_owned(), None));
}

/// The parts between commas that stand in no braces and behind no backslash.
pub(super) fn split_at_commas(text: &str) -> Vec<(usize, usize)> {
    let mut parts = Vec::new();
    let (mut from, mut depth, mut escaped) = (0, 0_usize, false);
    for (at, c) in text.char_indices() {
        match c {
            _ if escaped => escaped = false,
            '\\' => escaped = true,
            '{' => depth += 1,
            '}' => depth = depth.saturating_sub(1),
            ',' if depth == 0 => {
                parts.push((from, at));
                from = at + 1;
            }
            _ => {}
        }
    }
    parts.push((from, text.len()));
    parts
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::source::SourceMap;

    fn words(text: &str) -> Vec<Vec<String>> {
        let sources = SourceMap::from_memory([("a.sh", text)]);
        let file = sources.iter().next().unwrap().0;
        let texts = |words: Vec<Word>| words.into_iter().map(|word| word.text).collect();
        commands(file, text).into_iter().map(texts).collect()
    }

    #[test]
    fn words_lose_their_quotes_and_lines_are_joined() {
        assert_eq!(
            words(
                "set -e\n@helm upgrade \\\n  --set 'a=1' --set \"b=two words\" && echo done # no\n- cilium install\n"
            ),
            [
                vec!["set", "-e"],
                vec!["helm", "upgrade", "--set", "a=1", "--set", "b=two words"],
                vec!["echo", "done"],
                vec!["cilium", "install"],
            ]
        );
    }

    #[test]
    fn variables_set_once_are_known_and_all_else_is_not() {
        let text = "ID=3\nNAME=a\nNAME=b\ncilium install --set cluster.id=$ID --set cluster.name=${NAME} --set x=$(date)\n";
        let sources = SourceMap::from_memory([("a.sh", text)]);
        let file = sources.iter().next().unwrap().0;
        let commands = commands(file, text);
        let last = commands.last().unwrap();
        assert_eq!(last[3].text, "cluster.id=3");
        let id = last[3].part(11..12);
        assert_eq!(sources.snippet(id.origin().edit_span()), "3");
        assert_eq!(id.origin().edit_span().start, 3);
        assert!(last[5].is_computed());
        assert!(last[7].is_computed());
    }
}
