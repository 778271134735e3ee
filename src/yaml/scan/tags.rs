//! Tags and directives.

use super::problem;
use super::scanner::{Scanner, is_word};
use super::tokens::{Scanned, Token, TokenKind};

impl<'a> Scanner<'a> {
    pub(super) fn scan_tag(&mut self) -> Scanned<Token<'a>> {
        let start = self.cursor.pos();
        let (handle, suffix) = if self.cursor.byte(1) == b'<' {
            self.cursor.skip_to(start + 2);
            let uri = self.scan_uri(start, "")?;
            if self.cursor.byte(0) != b'>' {
                return self.error(start, problem::TAG.upstream("did not find the expected '>'"));
            }
            self.cursor.skip();
            ("", uri)
        } else {
            let handle = self.scan_handle(start)?;
            if handle.len() > 1 && handle.ends_with('!') {
                (handle, self.scan_uri(start, "")?)
            } else {
                match self.scan_uri(start, handle)? {
                    suffix if suffix.is_empty() => ("", "!".to_owned()),
                    suffix => ("!", suffix),
                }
            }
        };
        if !self.cursor.is_blankz(0) {
            return self.error(start, problem::TAG);
        }
        Ok(Token {
            kind: TokenKind::Tag { handle, suffix },
            at: start..self.cursor.pos(),
        })
    }

    /// `!`, `!!` or `!name!`; also `!name`, which turns out to be no handle.
    fn scan_handle(&mut self, start: usize) -> Scanned<&'a str> {
        let from = self.cursor.pos();
        if self.cursor.byte(0) != b'!' {
            return self.error(start, problem::TAG);
        }
        self.cursor.skip();
        while is_word(self.cursor.byte(0)) {
            self.cursor.skip();
        }
        if self.cursor.byte(0) == b'!' {
            self.cursor.skip();
        }
        Ok(self.cursor.slice(from, self.cursor.pos()))
    }

    /// The rest of a tag behind `head`, whose `!` is dropped.
    fn scan_uri(&mut self, start: usize, head: &str) -> Scanned<String> {
        let mut bytes: Vec<u8> = head.bytes().skip(1).collect();
        let mut any = !head.is_empty();
        loop {
            match self.cursor.byte(0) {
                b'%' => bytes.push(self.scan_uri_escape(start)?),
                byte if is_uri(byte) => {
                    bytes.push(byte);
                    self.cursor.skip();
                }
                _ => break,
            }
            any = true;
        }
        match String::from_utf8(bytes) {
            Ok(uri) if any => Ok(uri),
            _ => self.error(start, problem::TAG.upstream("did not find expected tag URI")),
        }
    }

    fn scan_uri_escape(&mut self, start: usize) -> Scanned<u8> {
        let at = self.cursor.pos();
        let digits = self.cursor.slice(at + 1, at + 3);
        let is_hex = digits.len() == 2 && digits.bytes().all(|byte| byte.is_ascii_hexdigit());
        match is_hex.then(|| u8::from_str_radix(digits, 16).ok()).flatten() {
            Some(byte) => {
                self.cursor.skip_to(at + 3);
                Ok(byte)
            }
            None => self.error(start, problem::TAG.upstream("did not find URI escaped octet")),
        }
    }

    pub(super) fn scan_directive(&mut self) -> Scanned<Token<'a>> {
        let start = self.cursor.pos();
        self.cursor.skip();
        let name_start = self.cursor.pos();
        while is_word(self.cursor.byte(0)) {
            self.cursor.skip();
        }
        let name = self.cursor.slice(name_start, self.cursor.pos());
        if !self.cursor.is_blankz(0) {
            return self.error(start, problem::DIRECTIVE);
        }
        let kind = match name {
            "YAML" => self.scan_version(start)?,
            "TAG" => self.scan_tag_directive(start)?,
            _ => return self.error(start, problem::DIRECTIVE),
        };
        let end = self.cursor.pos();
        self.skip_blanks();
        if self.cursor.byte(0) == b'#' {
            self.skip_comment();
        }
        if self.cursor.is_break(0) {
            self.cursor.read_break();
        } else if !self.cursor.at_end() {
            return self.error(start, problem::DIRECTIVE);
        }
        Ok(Token { kind, at: start..end })
    }

    fn scan_version(&mut self, start: usize) -> Scanned<TokenKind<'a>> {
        self.skip_blanks();
        let major = self.scan_version_number(start)?;
        if self.cursor.byte(0) != b'.' {
            return self.error(start, problem::DIRECTIVE);
        }
        self.cursor.skip();
        let minor = self.scan_version_number(start)?;
        let is_one = |digits: &str| digits.trim_start_matches('0') == "1";
        Ok(TokenKind::Version {
            supported: is_one(major) && is_one(minor),
        })
    }

    fn scan_version_number(&mut self, start: usize) -> Scanned<&'a str> {
        let from = self.cursor.pos();
        while self.cursor.byte(0).is_ascii_digit() {
            self.cursor.skip();
        }
        let digits = self.cursor.slice(from, self.cursor.pos());
        if (1..=2).contains(&digits.len()) {
            Ok(digits)
        } else {
            self.error(start, problem::DIRECTIVE)
        }
    }

    fn scan_tag_directive(&mut self, start: usize) -> Scanned<TokenKind<'a>> {
        self.skip_blanks();
        let handle = self.scan_handle(start)?;
        if !handle.ends_with('!') || !self.cursor.is_blank(0) {
            return self.error(start, problem::DIRECTIVE);
        }
        self.skip_blanks();
        let prefix = self.scan_uri(start, "")?;
        if !self.cursor.is_blankz(0) {
            return self.error(start, problem::DIRECTIVE);
        }
        Ok(TokenKind::TagDirective { handle, prefix })
    }

    fn skip_blanks(&mut self) {
        while self.cursor.is_blank(0) {
            self.cursor.skip();
        }
    }
}

fn is_uri(byte: u8) -> bool {
    is_word(byte)
        || matches!(
            byte,
            b';' | b'/'
                | b'?'
                | b':'
                | b'@'
                | b'&'
                | b'='
                | b'+'
                | b'$'
                | b','
                | b'.'
                | b'!'
                | b'~'
                | b'*'
                | b'\''
                | b'('
                | b')'
                | b'['
                | b']'
        )
}
