//! The position in the text, with the counting of lines and columns that indentation and keys depend on.

/// A position as tokens need it.
#[derive(Debug, Clone, Copy)]
pub(super) struct Mark {
    /// Byte offset.
    pub(super) at: usize,
    /// Offset in characters.
    pub(super) index: usize,
    pub(super) line: usize,
    /// Column in characters, from 0.
    pub(super) column: usize,
}

#[derive(Debug)]
pub(super) struct Cursor<'a> {
    text: &'a str,
    pos: usize,
    /// The text ends here for the reader: its end, or the first character that YAML does not allow.
    limit: usize,
    /// Bytes before the position that do not begin a character.
    continuation: usize,
    line: usize,
    /// Offset in characters at which the line begins.
    line_index: usize,
}

impl<'a> Cursor<'a> {
    pub(super) fn new(text: &'a str) -> Self {
        let mut cursor = Self {
            text,
            pos: 0,
            limit: first_control_character(text.as_bytes()).unwrap_or(text.len()),
            continuation: 0,
            line: 0,
            line_index: 0,
        };
        cursor.skip_byte_order_mark();
        cursor
    }

    pub(super) fn text(&self) -> &'a str {
        self.text
    }

    pub(super) fn pos(&self) -> usize {
        self.pos
    }

    /// The byte at that distance; 0 behind the end.
    #[inline]
    pub(super) fn byte(&self, ahead: usize) -> u8 {
        let at = self.pos + ahead;
        if at < self.limit {
            self.text.as_bytes().get(at).copied().unwrap_or(0)
        } else {
            0
        }
    }

    pub(super) fn mark(&self) -> Mark {
        Mark {
            at: self.pos,
            index: self.index(),
            line: self.line,
            column: self.column(),
        }
    }

    fn index(&self) -> usize {
        self.pos - self.continuation
    }

    #[inline]
    pub(super) fn column(&self) -> usize {
        self.index() - self.line_index
    }

    /// Whether everything is read, up to the end or the character that is not allowed.
    pub(super) fn at_end(&self) -> bool {
        self.pos >= self.limit
    }

    /// The character that is not allowed, if reading came to it.
    pub(super) fn control_character(&self) -> Option<(usize, char)> {
        let c = self.text.get(self.limit..)?.chars().next()?;
        self.at_end().then_some((self.limit, c))
    }

    /// The text between two offsets.
    pub(super) fn slice(&self, from: usize, to: usize) -> &'a str {
        self.text.get(from..to).unwrap_or_default()
    }

    #[inline]
    pub(super) fn is_space(&self, ahead: usize) -> bool {
        self.byte(ahead) == b' '
    }

    /// Space or tab.
    #[inline]
    pub(super) fn is_blank(&self, ahead: usize) -> bool {
        matches!(self.byte(ahead), b' ' | b'\t')
    }

    /// Whether a line ends there. YAML 1.1 has three line ends more than 1.2: U+0085, U+2028 and U+2029.
    #[inline]
    pub(super) fn is_break(&self, ahead: usize) -> bool {
        match self.byte(ahead) {
            b'\n' | b'\r' => true,
            0xc2 => self.byte(ahead + 1) == 0x85,
            0xe2 => self.byte(ahead + 1) == 0x80 && matches!(self.byte(ahead + 2), 0xa8 | 0xa9),
            _ => false,
        }
    }

    /// Blank, line end, or end of the text.
    #[inline]
    pub(super) fn is_blankz(&self, ahead: usize) -> bool {
        self.is_blank(ahead) || self.is_breakz(ahead)
    }

    /// Line end, or end of the text.
    #[inline]
    pub(super) fn is_breakz(&self, ahead: usize) -> bool {
        self.is_break(ahead) || self.byte(ahead) == 0
    }

    /// Whether `---` or `...` stands at the beginning of the line.
    pub(super) fn is_document_indicator(&self) -> bool {
        self.column() == 0
            && matches!(
                [self.byte(0), self.byte(1), self.byte(2)],
                [b'-', b'-', b'-'] | [b'.', b'.', b'.']
            )
            && self.is_blankz(3)
    }

    /// Passes one character that does not end a line.
    #[inline]
    pub(super) fn skip(&mut self) {
        let width = match self.byte(0) {
            0..=0x7f => usize::from(!self.at_end()),
            0x80..=0xdf => 2,
            0xe0..=0xef => 3,
            _ => 4,
        };
        self.pos += width;
        self.continuation += width.saturating_sub(1);
    }

    /// Passes characters up to an offset on the same line.
    pub(super) fn skip_to(&mut self, offset: usize) {
        let passed = self.text.as_bytes().get(self.pos..offset).unwrap_or_default();
        self.continuation += passed.iter().filter(|&&byte| byte & 0xc0 == 0x80).count();
        self.pos += passed.len();
    }

    /// Passes the line end and gives the character it stands for: U+2028 and U+2029 are kept, all others are `\n`.
    pub(super) fn read_break(&mut self) -> char {
        let (width, continuation, c) = match (self.byte(0), self.byte(1), self.byte(2)) {
            (b'\r', b'\n', _) => (2, 0, '\n'),
            (0xc2, ..) => (2, 1, '\n'),
            (0xe2, _, 0xa8) => (3, 2, '\u{2028}'),
            (0xe2, ..) => (3, 2, '\u{2029}'),
            _ => (1, 0, '\n'),
        };
        self.pos += width;
        self.continuation += continuation;
        self.line += 1;
        self.line_index = self.index();
        c
    }

    /// Passes a byte order mark; the column stays.
    pub(super) fn skip_byte_order_mark(&mut self) {
        if self
            .text
            .get(self.pos..)
            .is_some_and(|rest| rest.starts_with('\u{feff}'))
        {
            self.pos += 3;
            self.continuation += 3;
        }
    }
}

/// The offset of the first character that `readerc.go` refuses.
fn first_control_character(bytes: &[u8]) -> Option<usize> {
    let follows = |at: usize, byte: u8| bytes.get(at) == Some(&byte);
    let mut from = 0;
    loop {
        let at = from
            + bytes
                .get(from..)?
                .iter()
                .position(|byte| matches!(byte, 0..=8 | 0x0b | 0x0c | 0x0e..=0x1f | 0x7f | 0xc2 | 0xef))?;
        let refused = match bytes.get(at)? {
            0xc2 => matches!(bytes.get(at + 1)?, 0x80..=0x84 | 0x86..=0x9f),
            // U+FFFE and U+FFFF.
            0xef => follows(at + 1, 0xbf) && (follows(at + 2, 0xbe) || follows(at + 2, 0xbf)),
            _ => true,
        };
        if refused {
            return Some(at);
        }
        from = at + 1;
    }
}
