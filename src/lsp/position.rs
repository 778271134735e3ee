//! Positions as the protocol counts them: lines end with `\n`, `\r\n` or `\r`, and characters are bytes or UTF-16 code units.

use std::ops::Range;

use lsp_types::{Position, PositionEncodingKind};

/// What a client counts characters in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) enum Encoding {
    /// Bytes.
    Utf8,
    /// What every client understands.
    #[default]
    Utf16,
}

impl Encoding {
    /// Bytes where the client takes them.
    pub(super) fn agreed(offered: Option<&[PositionEncodingKind]>) -> Self {
        if offered.is_some_and(|kinds| kinds.contains(&PositionEncodingKind::UTF8)) {
            Self::Utf8
        } else {
            Self::Utf16
        }
    }

    pub(super) fn kind(self) -> PositionEncodingKind {
        match self {
            Self::Utf8 => PositionEncodingKind::UTF8,
            Self::Utf16 => PositionEncodingKind::UTF16,
        }
    }

    /// What a text is long.
    fn length(self, text: &str) -> usize {
        match self {
            Self::Utf8 => text.len(),
            Self::Utf16 => text.chars().map(char::len_utf16).sum(),
        }
    }

    /// The bytes before so many units; a character that is cut through counts as behind.
    fn bytes(self, text: &str, units: usize) -> usize {
        let mut left = units;
        for (at, c) in text.char_indices() {
            let length = match self {
                Self::Utf8 => c.len_utf8(),
                Self::Utf16 => c.len_utf16(),
            };
            if left < length {
                return at;
            }
            left -= length;
        }
        text.len()
    }
}

/// The lines of a text.
#[derive(Debug)]
pub(super) struct Lines<'t> {
    text: &'t str,
    starts: Vec<usize>,
    encoding: Encoding,
}

impl<'t> Lines<'t> {
    pub(super) fn of(text: &'t str, encoding: Encoding) -> Self {
        let bytes = text.as_bytes();
        let ends = memchr::memchr2_iter(b'\n', b'\r', bytes)
            .filter(|at| bytes[*at] == b'\n' || bytes.get(at + 1) != Some(&b'\n'));
        // Editors take a byte order mark away.
        let first = if text.starts_with('\u{feff}') {
            '\u{feff}'.len_utf8()
        } else {
            0
        };
        Self {
            text,
            starts: std::iter::once(first).chain(ends.map(|at| at + 1)).collect(),
            encoding,
        }
    }

    /// The text of a line without its end.
    fn line(&self, nth: usize) -> &'t str {
        let start = self.starts.get(nth).copied().unwrap_or(self.text.len());
        let end = self.starts.get(nth + 1).copied().unwrap_or(self.text.len());
        let line = self.text.get(start..end).unwrap_or_default();
        line.trim_end_matches(['\n', '\r'])
    }

    /// The position of a byte; what lies behind the end counts as the end.
    pub(super) fn position(&self, offset: usize) -> Position {
        let nth = self
            .starts
            .partition_point(|start| *start <= offset)
            .saturating_sub(1);
        let start = self.starts.get(nth).copied().unwrap_or_default();
        let line = self.line(nth);
        let before = offset.saturating_sub(start).min(line.len());
        let before = (0..=before)
            .rev()
            .find_map(|end| line.get(..end))
            .unwrap_or_default();
        let number = |number: usize| u32::try_from(number).unwrap_or(u32::MAX);
        Position::new(number(nth), number(self.encoding.length(before)))
    }

    /// The byte at a position; what lies behind the end of a line or the text counts as the end of it.
    pub(super) fn offset(&self, position: Position) -> usize {
        let nth = position.line as usize;
        let Some(start) = self.starts.get(nth) else {
            return self.text.len();
        };
        start + self.encoding.bytes(self.line(nth), position.character as usize)
    }

    pub(super) fn range(&self, bytes: Range<usize>) -> lsp_types::Range {
        lsp_types::Range::new(self.position(bytes.start), self.position(bytes.end))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: &str = "a: ü😀x\r\nb\rc\n\nend";

    #[test]
    fn every_character_has_a_position_of_its_own() {
        for encoding in [Encoding::Utf8, Encoding::Utf16] {
            let lines = Lines::of(TEXT, encoding);
            for (at, c) in TEXT.char_indices().filter(|(_, c)| !matches!(c, '\n' | '\r')) {
                assert_eq!(lines.offset(lines.position(at)), at, "{c} {encoding:?}");
            }
        }
        let lines = Lines::of(TEXT, Encoding::Utf16);
        assert_eq!(lines.position(TEXT.find('x').unwrap()), Position::new(0, 6));
        assert_eq!(lines.position(TEXT.find("end").unwrap()), Position::new(4, 0));
        let lines = Lines::of(TEXT, Encoding::Utf8);
        assert_eq!(lines.position(TEXT.find('x').unwrap()), Position::new(0, 9));
    }

    #[test]
    fn what_lies_outside_is_the_nearest_end() {
        let lines = Lines::of(TEXT, Encoding::Utf16);
        assert_eq!(lines.offset(Position::new(0, 99)), TEXT.find('\r').unwrap());
        assert_eq!(lines.offset(Position::new(99, 0)), TEXT.len());
        // Between the two halves of a character.
        assert_eq!(lines.offset(Position::new(0, 5)), TEXT.find('😀').unwrap());
        assert_eq!(lines.position(9999), Position::new(4, 3));
        assert_eq!(lines.position(TEXT.find('😀').unwrap() + 1), Position::new(0, 4));
        assert_eq!(Lines::of("", Encoding::Utf8).position(3), Position::new(0, 0));
    }
}
