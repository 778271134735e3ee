//! Plain scalars, on one line or several.

use std::borrow::Cow;

use super::super::node::Style;
use super::problem;
use super::scanner::{Scanner, signed};
use super::tokens::{Scanned, Token, TokenKind};

/// Line ends between two lines of text: the first, and those of the empty lines behind it.
#[derive(Debug, Default)]
pub(super) struct Breaks {
    pub(super) first: Option<char>,
    pub(super) more: String,
}

impl Breaks {
    /// Adds what the line ends come to: a single one is a space, and of several the first is dropped.
    pub(super) fn fold_into(&mut self, text: &mut String) {
        match self.first.take() {
            Some('\n') if self.more.is_empty() => text.push(' '),
            Some('\n') | None => text.push_str(&self.more),
            Some(kept) => {
                text.push(kept);
                text.push_str(&self.more);
            }
        }
        self.more.clear();
    }
}

impl<'a> Scanner<'a> {
    pub(super) fn scan_plain(&mut self) -> Scanned<Token<'a>> {
        let start = self.cursor.pos();
        let mut end = start;
        // What is folded so far, and where the piece begins that is not yet in it.
        let mut folded: Option<String> = None;
        let mut piece = start;
        let mut breaks = Breaks::default();
        let mut behind_break = false;
        loop {
            if self.cursor.is_document_indicator() || self.cursor.byte(0) == b'#' {
                break;
            }
            let word = self.cursor.pos();
            self.skip_word();
            if self.cursor.pos() > word {
                if behind_break {
                    let text = folded.get_or_insert_default();
                    text.push_str(self.cursor.slice(piece, end));
                    breaks.fold_into(text);
                    piece = word;
                    behind_break = false;
                }
                end = self.cursor.pos();
            }
            if !self.cursor.is_blank(0) && !self.cursor.is_break(0) {
                break;
            }
            loop {
                if self.cursor.is_blank(0) {
                    let indents = behind_break && signed(self.cursor.column()) < self.indent + 1;
                    if indents && self.cursor.byte(0) == b'\t' {
                        return self.error(self.cursor.pos(), problem::TAB_IN_PLAIN);
                    }
                    self.cursor.skip();
                } else if self.cursor.is_break(0) {
                    let c = self.cursor.read_break();
                    if behind_break {
                        breaks.more.push(c);
                    } else {
                        breaks.first = Some(c);
                        behind_break = true;
                    }
                } else {
                    break;
                }
            }
            if self.flow_level == 0 && signed(self.cursor.column()) < self.indent + 1 {
                break;
            }
        }
        if behind_break {
            self.simple_key_allowed = true;
        }
        let last = self.cursor.slice(piece, end);
        let text = match folded {
            None => Cow::Borrowed(last),
            Some(mut text) => {
                text.push_str(last);
                Cow::Owned(text)
            }
        };
        let style = Style::Plain;
        Ok(Token {
            kind: TokenKind::Scalar { text, style },
            at: start..end,
        })
    }

    /// Passes characters up to white space or an indicator that ends the scalar.
    fn skip_word(&mut self) {
        let in_flow = self.flow_level > 0;
        let start = self.cursor.pos();
        let mut ahead = 0;
        loop {
            match self.cursor.byte(ahead) {
                0 | b' ' | b'\t' | b'\n' | b'\r' => break,
                b':' if self.cursor.is_blankz(ahead + 1) => break,
                b',' | b'?' | b'[' | b']' | b'{' | b'}' if in_flow => break,
                0xc2 | 0xe2 if self.cursor.is_break(ahead) => break,
                _ => ahead += 1,
            }
        }
        self.cursor.skip_to(start + ahead);
    }
}
