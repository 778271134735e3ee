//! Columns on long lines.

/// Bytes that are gone through to tell a column.
pub(super) const BLOCK: usize = 4096;

pub(super) const BOM: char = '\u{feff}';

/// How many characters a text has before each [`BLOCK`] of bytes, so that places on a long line are not counted from its start
/// each time.
#[derive(Debug)]
pub(super) struct Columns(Box<[u32]>);

impl Columns {
    pub(super) fn of(text: &[u8]) -> Self {
        let counts = (0..=text.len() / BLOCK).map(|nth| {
            let start = nth * BLOCK;
            u32::try_from(characters(text, start, start + BLOCK)).unwrap_or(u32::MAX)
        });
        let sums = counts.scan(0_u32, |sum, count| {
            let before = *sum;
            *sum = sum.saturating_add(count);
            Some(before)
        });
        Self(sums.collect())
    }

    /// How many characters begin before an offset, byte order marks left out.
    pub(super) fn before(&self, text: &[u8], offset: usize) -> usize {
        let block = offset / BLOCK;
        let before = self.0.get(block).copied().unwrap_or_default() as usize;
        before + characters(text, block * BLOCK, offset)
    }
}

/// How many characters begin in a part of a text, byte order marks left out.
fn characters(text: &[u8], start: usize, end: usize) -> usize {
    let part = text.get(start..end.min(text.len())).unwrap_or_default();
    let begins = part.iter().filter(|byte| **byte & 0xc0 != 0x80).count();
    let marks = memchr::memchr_iter(0xef, part).filter(|at| {
        text.get(start + at..)
            .is_some_and(|rest| rest.starts_with("\u{feff}".as_bytes()))
    });
    begins - marks.count()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn characters_are_counted_across_blocks() {
        let text = "a\u{feff}\u{e9}\u{1f600}".repeat(3 * BLOCK);
        let columns = Columns::of(text.as_bytes());
        for (at, nth) in text
            .char_indices()
            .zip(0..)
            .map(|((at, _), nth)| (at, nth))
            .step_by(997)
        {
            let marks = text[..at].matches(BOM).count();
            assert_eq!(columns.before(text.as_bytes(), at), nth - marks, "{at}");
        }
    }
}
