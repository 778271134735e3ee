//! Bounds on what one text may cost.

/// No result grows beyond this. etcd takes objects of about 1.5 MB, so nothing real comes near.
pub(crate) const MAX_OUTPUT: usize = 16 * 1024 * 1024;

/// Comparisons of pattern bytes that one text may cost. Trimming tries a pattern against every prefix of a value.
pub(crate) const MAX_WORK: usize = 20_000_000;

/// An operator gives nothing because a bound is exceeded.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct TooLarge;

/// The work left for patterns.
#[derive(Debug)]
pub(crate) struct Work(usize);

impl Default for Work {
    fn default() -> Self {
        Self(MAX_WORK)
    }
}

impl Work {
    /// Takes one unit of work.
    pub(crate) fn spend(&mut self) -> Result<(), TooLarge> {
        self.0 = self.0.checked_sub(1).ok_or(TooLarge)?;
        Ok(())
    }
}

/// The first character, or U+FFFD for a byte that begins none, with its width: Go's `utf8.DecodeRuneInString`.
pub(crate) fn first_character(bytes: &[u8]) -> Option<(char, usize)> {
    let head = bytes.get(..bytes.len().min(4))?;
    if head.is_empty() {
        return None;
    }
    let valid = match std::str::from_utf8(head) {
        Ok(text) => text,
        Err(error) => std::str::from_utf8(head.get(..error.valid_up_to())?).unwrap_or_default(),
    };
    Some(
        valid
            .chars()
            .next()
            .map_or((char::REPLACEMENT_CHARACTER, 1), |c| (c, c.len_utf8())),
    )
}
