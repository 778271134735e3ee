//! The scanner: text to tokens. Keys are only known by the `:` behind them, so tokens wait in a queue until it is clear
//! whether a key begins before them.

use std::collections::VecDeque;
use std::ops::Range;

use super::super::node::Style;
use super::super::parsed::COMMENT_MARK;
use super::cursor::{Cursor, Mark};
use super::problem::{self, Fault};
use super::tokens::{Scanned, Token, TokenKind};

/// The furthest that the `:` may stand behind the begin of its key, in characters.
const MAX_KEY_LENGTH: usize = 1024;

/// A place where a key may have begun.
#[derive(Debug)]
struct SimpleKey {
    /// No other reading of the line is possible: the line stands at the indentation of its map.
    required: bool,
    /// The number of the key's first token.
    token: usize,
    mark: Mark,
}

pub(super) struct Scanner<'a> {
    pub(super) cursor: Cursor<'a>,
    queue: VecDeque<Token<'a>>,
    /// Tokens handed out.
    taken: usize,
    /// Columns of the open block collections; the innermost is [`Self::indent`].
    indents: Vec<isize>,
    pub(super) indent: isize,
    pub(super) flow_level: usize,
    /// One slot for the block context and one for each open flow collection.
    simple_keys: Vec<Option<SimpleKey>>,
    pub(super) simple_key_allowed: bool,
    pub(super) comments: Vec<Range<usize>>,
    max_depth: usize,
    /// Whether nothing was read behind a `---`: kustomize cuts files there, and a part may begin with a byte order mark.
    behind_separator: bool,
    ended: bool,
}

impl<'a> Scanner<'a> {
    pub(super) fn new(text: &'a str, max_depth: usize) -> Self {
        Self {
            cursor: Cursor::new(text),
            queue: VecDeque::new(),
            taken: 0,
            indents: Vec::new(),
            indent: -1,
            flow_level: 0,
            simple_keys: vec![None],
            simple_key_allowed: true,
            comments: Vec::new(),
            max_depth,
            behind_separator: false,
            ended: false,
        }
    }

    pub(super) fn error<T>(&self, at: usize, fault: Fault) -> Scanned<T> {
        Err(problem::error(&self.cursor, at, fault))
    }

    /// The next token.
    pub(super) fn peek(&mut self) -> Scanned<&Token<'a>> {
        while self.needs_more()? {
            self.fetch()?;
        }
        match self.queue.front() {
            Some(token) => Ok(token),
            None => Err(problem::error(
                &self.cursor,
                self.cursor.pos(),
                problem::NO_CONTENT,
            )),
        }
    }

    /// Takes the next token, which [`Self::peek`] has shown. The end of the stream stays.
    pub(super) fn take(&mut self) -> Option<Token<'a>> {
        if matches!(self.queue.front()?.kind, TokenKind::StreamEnd) {
            return None;
        }
        self.taken += 1;
        self.queue.pop_front()
    }

    /// Whether a key might still begin before the first token of the queue.
    fn needs_more(&mut self) -> Scanned<bool> {
        if self.ended {
            return Ok(false);
        }
        if self.queue.is_empty() {
            return Ok(true);
        }
        let taken = self.taken;
        let slot = self
            .simple_keys
            .iter()
            .rposition(|key| key.as_ref().is_some_and(|key| key.token == taken));
        match slot {
            Some(slot) => self.is_key_valid(slot),
            None => Ok(false),
        }
    }

    /// Whether the possible key in that slot can still be one. Forgets it otherwise.
    fn is_key_valid(&mut self, slot: usize) -> Scanned<bool> {
        let Some(key) = self.simple_keys.get(slot).and_then(Option::as_ref) else {
            return Ok(false);
        };
        let now = self.cursor.mark();
        if key.mark.line < now.line || key.mark.index + MAX_KEY_LENGTH < now.index {
            if key.required {
                return self.error(key.mark.at, problem::NO_COLON);
            }
            if let Some(key) = self.simple_keys.get_mut(slot) {
                *key = None;
            }
            return Ok(false);
        }
        Ok(true)
    }

    pub(super) fn save_simple_key(&mut self) -> Scanned<()> {
        if !self.simple_key_allowed {
            return Ok(());
        }
        let mark = self.cursor.mark();
        self.remove_simple_key()?;
        let key = SimpleKey {
            required: self.flow_level == 0 && self.indent == signed(mark.column),
            token: self.taken + self.queue.len(),
            mark,
        };
        if let Some(slot) = self.simple_keys.last_mut() {
            *slot = Some(key);
        }
        Ok(())
    }

    pub(super) fn remove_simple_key(&mut self) -> Scanned<()> {
        match self.simple_keys.last_mut().and_then(Option::take) {
            Some(key) if key.required => self.error(key.mark.at, problem::NO_COLON),
            _ => Ok(()),
        }
    }

    fn push(&mut self, kind: TokenKind<'a>, at: Range<usize>) {
        self.queue.push_back(Token { kind, at });
    }

    /// Opens a block collection if the column lies deeper than the innermost. `number` is the token to stand before.
    fn roll_indent(&mut self, mark: Mark, number: Option<usize>, kind: TokenKind<'a>) -> Scanned<()> {
        let column = signed(mark.column);
        if self.flow_level > 0 || self.indent >= column {
            return Ok(());
        }
        if self.indents.len() >= self.max_depth {
            return self.error(mark.at, problem::TOO_DEEP);
        }
        self.indents.push(self.indent);
        self.indent = column;
        let token = Token {
            kind,
            at: mark.at..mark.at,
        };
        match number {
            Some(number) => self.insert(number, token),
            None => self.queue.push_back(token),
        }
        Ok(())
    }

    fn insert(&mut self, number: usize, token: Token<'a>) {
        let place = number.saturating_sub(self.taken).min(self.queue.len());
        self.queue.insert(place, token);
    }

    /// Closes block collections that lie deeper than the column.
    fn unroll_indent(&mut self, column: isize) {
        if self.flow_level > 0 {
            return;
        }
        let at = self.cursor.pos();
        while self.indent > column {
            self.push(TokenKind::BlockEnd, at..at);
            self.indent = self.indents.pop().unwrap_or(-1);
        }
    }

    fn fetch(&mut self) -> Scanned<()> {
        self.skip_to_next_token();
        self.behind_separator = false;
        self.unroll_indent(signed(self.cursor.column()));
        if self.cursor.at_end() {
            return self.fetch_stream_end();
        }
        let byte = self.cursor.byte(0);
        if self.cursor.column() == 0 && byte == b'%' {
            return self.fetch_directive();
        }
        if self.cursor.is_document_indicator() {
            return self.fetch_document_indicator(byte);
        }
        let blank_follows = self.cursor.is_blankz(1);
        let in_flow = self.flow_level > 0;
        match byte {
            b'[' => self.fetch_flow_start(TokenKind::FlowSequenceStart),
            b'{' => self.fetch_flow_start(TokenKind::FlowMappingStart),
            b']' => self.fetch_flow_end(TokenKind::FlowSequenceEnd),
            b'}' => self.fetch_flow_end(TokenKind::FlowMappingEnd),
            b',' => self.fetch_flow_entry(),
            b'-' if blank_follows => self.fetch_block_entry(),
            b'?' if in_flow || blank_follows => self.fetch_key(),
            b':' if in_flow || blank_follows => self.fetch_value(),
            b'*' | b'&' => self.fetch_anchor(byte == b'*'),
            b'!' => self.fetch_tag(),
            b'|' if !in_flow => self.fetch_block_scalar(Style::Literal),
            b'>' if !in_flow => self.fetch_block_scalar(Style::Folded),
            b'\'' => self.fetch_quoted(Style::SingleQuoted),
            b'"' => self.fetch_quoted(Style::DoubleQuoted),
            b'\t' => self.error(self.cursor.pos(), problem::TAB),
            b'#' | b'|' | b'>' | b'%' | b'@' | b'`' => {
                self.error(self.cursor.pos(), problem::NO_VALUE_BEGINS)
            }
            b'?' | b':' if in_flow => self.error(self.cursor.pos(), problem::NO_VALUE_BEGINS),
            _ => self.fetch_plain(),
        }
    }

    /// Passes white space, comments and line ends.
    fn skip_to_next_token(&mut self) {
        loop {
            // Tabs may not indent: they count only where no key can begin.
            while self.cursor.is_space(0)
                || ((self.flow_level > 0 || !self.simple_key_allowed) && self.cursor.byte(0) == b'\t')
            {
                self.cursor.skip();
            }
            if self.behind_separator && self.cursor.column() == 0 {
                self.cursor.skip_byte_order_mark();
            }
            if self.cursor.byte(0) == b'#' {
                self.skip_comments();
            }
            if !self.cursor.is_break(0) {
                return;
            }
            self.cursor.read_break();
            if self.flow_level == 0 {
                self.simple_key_allowed = true;
            }
        }
    }

    /// Passes a comment and those that follow. Before these, unlike before anything else, tabs may stand.
    fn skip_comments(&mut self) {
        const LOOK_AHEAD: usize = 512;
        loop {
            self.skip_comment();
            let next = (0..LOOK_AHEAD)
                .find(|&ahead| !matches!(self.cursor.byte(ahead), b' ' | b'\t' | b'\r' | b'\n'));
            let Some(next) = next.filter(|&next| self.cursor.byte(next) == b'#') else {
                return;
            };
            let target = self.cursor.pos() + next;
            while self.cursor.pos() < target {
                if self.cursor.is_break(0) {
                    self.cursor.read_break();
                } else {
                    self.cursor.skip();
                }
            }
        }
    }

    pub(super) fn skip_comment(&mut self) {
        let start = self.cursor.pos();
        while !self.cursor.is_breakz(0) {
            self.cursor.skip();
        }
        let comment = start..self.cursor.pos();
        if self
            .cursor
            .text()
            .get(comment.clone())
            .is_some_and(|text| text.contains(COMMENT_MARK))
        {
            self.comments.push(comment);
        }
    }

    fn fetch_stream_end(&mut self) -> Scanned<()> {
        self.unroll_indent(-1);
        self.remove_simple_key()?;
        self.simple_key_allowed = false;
        let at = self.cursor.pos();
        if self.cursor.control_character().is_some() {
            return self.error(at, problem::NO_CONTENT);
        }
        self.push(TokenKind::StreamEnd, at..at);
        self.ended = true;
        Ok(())
    }

    fn fetch_directive(&mut self) -> Scanned<()> {
        self.unroll_indent(-1);
        self.remove_simple_key()?;
        self.simple_key_allowed = false;
        let token = self.scan_directive()?;
        self.queue.push_back(token);
        Ok(())
    }

    fn fetch_document_indicator(&mut self, byte: u8) -> Scanned<()> {
        self.unroll_indent(-1);
        self.remove_simple_key()?;
        self.simple_key_allowed = false;
        let start = self.cursor.pos();
        self.cursor.skip_to(start + 3);
        let kind = if byte == b'-' {
            TokenKind::DocumentStart
        } else {
            TokenKind::DocumentEnd
        };
        self.push(kind, start..start + 3);
        self.behind_separator = byte == b'-';
        Ok(())
    }

    /// Passes one character as a token.
    fn indicator(&mut self, kind: TokenKind<'a>) {
        let start = self.cursor.pos();
        self.cursor.skip();
        self.push(kind, start..self.cursor.pos());
    }

    fn fetch_flow_start(&mut self, kind: TokenKind<'a>) -> Scanned<()> {
        self.save_simple_key()?;
        if self.flow_level >= self.max_depth {
            return self.error(self.cursor.pos(), problem::TOO_DEEP);
        }
        self.simple_keys.push(None);
        self.flow_level += 1;
        self.simple_key_allowed = true;
        self.indicator(kind);
        Ok(())
    }

    fn fetch_flow_end(&mut self, kind: TokenKind<'a>) -> Scanned<()> {
        self.remove_simple_key()?;
        if self.flow_level > 0 {
            self.flow_level -= 1;
            self.simple_keys.pop();
        }
        self.simple_key_allowed = false;
        self.indicator(kind);
        Ok(())
    }

    fn fetch_flow_entry(&mut self) -> Scanned<()> {
        self.remove_simple_key()?;
        self.simple_key_allowed = true;
        self.indicator(TokenKind::FlowEntry);
        Ok(())
    }

    fn fetch_block_entry(&mut self) -> Scanned<()> {
        if self.flow_level == 0 {
            let mark = self.cursor.mark();
            if !self.simple_key_allowed {
                return self.error(mark.at, problem::ITEM_NOT_ALLOWED);
            }
            self.roll_indent(mark, None, TokenKind::BlockSequenceStart)?;
        }
        self.remove_simple_key()?;
        self.simple_key_allowed = true;
        self.indicator(TokenKind::BlockEntry);
        Ok(())
    }

    fn fetch_key(&mut self) -> Scanned<()> {
        if self.flow_level == 0 {
            let mark = self.cursor.mark();
            if !self.simple_key_allowed {
                return self.error(mark.at, problem::KEY_NOT_ALLOWED);
            }
            self.roll_indent(mark, None, TokenKind::BlockMappingStart)?;
        }
        self.remove_simple_key()?;
        self.simple_key_allowed = self.flow_level == 0;
        self.indicator(TokenKind::Key);
        Ok(())
    }

    fn fetch_value(&mut self) -> Scanned<()> {
        let slot = self.simple_keys.len() - 1;
        if self.is_key_valid(slot)? {
            if let Some(key) = self.simple_keys.last_mut().and_then(Option::take) {
                let at = key.mark.at;
                self.insert(
                    key.token,
                    Token {
                        kind: TokenKind::Key,
                        at: at..at,
                    },
                );
                self.roll_indent(key.mark, Some(key.token), TokenKind::BlockMappingStart)?;
            }
            self.simple_key_allowed = false;
        } else {
            if self.flow_level == 0 {
                let mark = self.cursor.mark();
                if !self.simple_key_allowed {
                    return self.error(mark.at, problem::COLON_INSIDE);
                }
                self.roll_indent(mark, None, TokenKind::BlockMappingStart)?;
            }
            self.simple_key_allowed = self.flow_level == 0;
        }
        self.indicator(TokenKind::Value);
        Ok(())
    }

    fn fetch_anchor(&mut self, is_alias: bool) -> Scanned<()> {
        self.save_simple_key()?;
        self.simple_key_allowed = false;
        let start = self.cursor.pos();
        self.cursor.skip();
        let name_start = self.cursor.pos();
        while is_word(self.cursor.byte(0)) {
            self.cursor.skip();
        }
        let end = self.cursor.pos();
        let ends_well = self.cursor.is_blankz(0)
            || matches!(
                self.cursor.byte(0),
                b'?' | b':' | b',' | b']' | b'}' | b'%' | b'@' | b'`'
            );
        if name_start == end || !ends_well {
            return self.error(start, problem::ANCHOR_NAME);
        }
        let name = self.cursor.slice(name_start, end);
        let kind = if is_alias {
            TokenKind::Alias(name)
        } else {
            TokenKind::Anchor(name)
        };
        self.push(kind, start..end);
        Ok(())
    }

    fn fetch_tag(&mut self) -> Scanned<()> {
        self.save_simple_key()?;
        self.simple_key_allowed = false;
        let token = self.scan_tag()?;
        self.queue.push_back(token);
        Ok(())
    }

    fn fetch_block_scalar(&mut self, style: Style) -> Scanned<()> {
        self.remove_simple_key()?;
        self.simple_key_allowed = true;
        let token = self.scan_block_scalar(style)?;
        self.queue.push_back(token);
        Ok(())
    }

    fn fetch_quoted(&mut self, style: Style) -> Scanned<()> {
        self.save_simple_key()?;
        self.simple_key_allowed = false;
        let token = self.scan_quoted(style)?;
        self.queue.push_back(token);
        Ok(())
    }

    fn fetch_plain(&mut self) -> Scanned<()> {
        self.save_simple_key()?;
        self.simple_key_allowed = false;
        let token = self.scan_plain()?;
        self.queue.push_back(token);
        Ok(())
    }
}

/// A column for comparison with indentations, where -1 is "before any".
pub(super) fn signed(column: usize) -> isize {
    isize::try_from(column).unwrap_or(isize::MAX)
}

/// Characters of anchors and of the handles of tags.
pub(super) fn is_word(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-')
}
