//! Single- and double-quoted scalars.

use std::borrow::Cow;

use super::super::node::Style;
use super::plain::Breaks;
use super::problem;
use super::scanner::Scanner;
use super::tokens::{Scanned, Token, TokenKind};

impl<'a> Scanner<'a> {
    pub(super) fn scan_quoted(&mut self, style: Style) -> Scanned<Token<'a>> {
        let quote = if style == Style::SingleQuoted { b'\'' } else { b'"' };
        let start = self.cursor.pos();
        self.cursor.skip();
        let text = match self.simple_quoted(quote) {
            Some(text) => Cow::Borrowed(text),
            None => Cow::Owned(self.folded_quoted(start, quote)?),
        };
        self.cursor.skip();
        Ok(Token {
            kind: TokenKind::Scalar { text, style },
            at: start..self.cursor.pos(),
        })
    }

    /// The usual case: everything up to the closing quote stands for itself. Leaves the cursor at the quote.
    fn simple_quoted(&mut self, quote: u8) -> Option<&'a str> {
        let start = self.cursor.pos();
        let mut ahead = 0;
        loop {
            match self.cursor.byte(ahead) {
                byte if byte == quote => break,
                0 | b'\n' | b'\r' => return None,
                b'\\' if quote == b'"' => return None,
                0xc2 | 0xe2 if self.cursor.is_break(ahead) => return None,
                _ => ahead += 1,
            }
        }
        if quote == b'\'' && self.cursor.byte(ahead + 1) == b'\'' {
            return None;
        }
        self.cursor.skip_to(start + ahead);
        Some(self.cursor.slice(start, start + ahead))
    }

    fn folded_quoted(&mut self, start: usize, quote: u8) -> Scanned<String> {
        let mut text = String::new();
        let mut blanks = String::new();
        let mut breaks = Breaks::default();
        loop {
            if self.cursor.is_document_indicator() {
                return self.error(start, problem::QUOTES_CROSS);
            }
            if self.cursor.at_end() {
                return self.error(start, problem::QUOTES_OPEN);
            }
            let mut behind_break = self.read_word(start, quote, &mut text)?;
            if self.cursor.byte(0) == quote {
                return Ok(text);
            }
            loop {
                if self.cursor.is_blank(0) {
                    if !behind_break {
                        blanks.push(char::from(self.cursor.byte(0)));
                    }
                    self.cursor.skip();
                } else if self.cursor.is_break(0) {
                    let c = self.cursor.read_break();
                    if behind_break {
                        breaks.more.push(c);
                    } else {
                        blanks.clear();
                        breaks.first = Some(c);
                        behind_break = true;
                    }
                } else {
                    break;
                }
            }
            if behind_break {
                breaks.fold_into(&mut text);
            } else {
                text.push_str(&blanks);
                blanks.clear();
            }
        }
    }

    /// Reads up to white space or the closing quote. Gives whether an escaped line end stood at the end.
    fn read_word(&mut self, start: usize, quote: u8, text: &mut String) -> Scanned<bool> {
        while !self.cursor.is_blankz(0) {
            let byte = self.cursor.byte(0);
            if byte == quote {
                if quote != b'\'' || self.cursor.byte(1) != b'\'' {
                    break;
                }
                text.push('\'');
                self.cursor.skip();
                self.cursor.skip();
            } else if byte == b'\\' && quote == b'"' {
                if self.cursor.is_break(1) {
                    self.cursor.skip();
                    self.cursor.read_break();
                    return Ok(true);
                }
                text.push(self.escape(start)?);
            } else {
                let from = self.cursor.pos();
                self.cursor.skip();
                text.push_str(self.cursor.slice(from, self.cursor.pos()));
            }
        }
        Ok(false)
    }

    fn escape(&mut self, start: usize) -> Scanned<char> {
        let at = self.cursor.pos();
        let length = match self.cursor.byte(1) {
            b'x' => 2,
            b'u' => 4,
            b'U' => 8,
            0 => return self.error(start, problem::QUOTES_OPEN),
            other => {
                let Some(c) = short_escape(other) else {
                    let words = if other == b'/' {
                        problem::ESCAPED_SLASH
                    } else {
                        problem::ESCAPE
                    };
                    return self.error(at, words);
                };
                self.cursor.skip();
                self.cursor.skip();
                return Ok(c);
            }
        };
        let digits = self.cursor.slice(at + 2, at + 2 + length);
        let is_hex = digits.len() == length && digits.bytes().all(|byte| byte.is_ascii_hexdigit());
        let code = is_hex.then(|| u32::from_str_radix(digits, 16).ok()).flatten();
        match code.and_then(char::from_u32) {
            Some(c) => {
                self.cursor.skip_to(at + 2 + length);
                Ok(c)
            }
            None if code.is_none() => self.error(at, problem::ESCAPE_DIGITS),
            None => self.error(at, problem::ESCAPE_CODE),
        }
    }
}

fn short_escape(byte: u8) -> Option<char> {
    Some(match byte {
        b'0' => '\0',
        b'a' => '\u{7}',
        b'b' => '\u{8}',
        b't' | b'\t' => '\t',
        b'n' => '\n',
        b'v' => '\u{b}',
        b'f' => '\u{c}',
        b'r' => '\r',
        b'e' => '\u{1b}',
        b' ' => ' ',
        b'"' => '"',
        b'\'' => '\'',
        b'\\' => '\\',
        b'N' => '\u{85}',
        b'_' => '\u{a0}',
        b'L' => '\u{2028}',
        b'P' => '\u{2029}',
        _ => return None,
    })
}
