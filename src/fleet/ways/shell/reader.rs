//! Reading the words of a script, one command after another.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use regex::Regex;

use super::word::Word;
use crate::source::{FileId, Span};

/// Where the reading is.
pub(super) struct Reader<'t> {
    pub(super) file: FileId,
    pub(super) text: &'t str,
    pub(super) at: usize,
    pub(super) variables: &'t BTreeMap<String, (String, Span)>,
    /// Where the lines end that the command is given on its input.
    pub(super) inputs: Vec<Ending>,
}

/// The line that ends an input.
pub(super) struct Ending {
    pub(super) line: String,
    /// Whether tabs before its lines do not count (`<<-`).
    pub(super) is_indented: bool,
    /// Whether it is taken as it stands (`<<'EOF'`).
    pub(super) is_literal: bool,
}

impl Reader<'_> {
    pub(super) fn rest(&self) -> &str {
        self.text.get(self.at..).unwrap_or_default()
    }

    /// The words up to the end of the command.
    pub(super) fn command(&mut self) -> Vec<Word> {
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
            if rest.starts_with("<<") && !rest.starts_with("<<<") {
                self.ending();
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

    pub(super) fn empty_word(&self) -> Word {
        Word {
            text: String::new(),
            span: Span::new(self.file, self.at, self.at),
            places: Vec::new(),
            variables: Vec::new(),
        }
    }

    pub(super) fn word(&mut self) -> Word {
        let start = self.at;
        let mut word = self.empty_word();
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
    pub(super) fn variable(&mut self, word: &mut Word) {
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

    pub(super) fn computed(&mut self, word: &mut Word, end: &str) {
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
