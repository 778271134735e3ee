//! Text of a repository made harmless for whoever shows it: terminals obey control characters, readers believe the order and
//! number of the characters they see, and the runners of CI servers take lines of a log for commands.
//!
//! [`printable`] is for single texts among our own colours. [`Gate`] is what everything that people read goes through last,
//! whatever wrote it. Documents for programs keep every value and only write it with escapes: `json`.

mod gate;
mod json;
#[cfg(test)]
mod tests;
mod verdict;

pub use gate::{Gate, Own};
pub use json::{to_json, to_json_line};
pub(crate) use verdict::{Verdict, is_harmless, judged};

/// The text with a sign in the place of each hidden character. Line breaks and tabs stay.
pub fn printable(text: &str) -> String {
    let shown = |(c, verdict)| if verdict == Verdict::Hidden { '\u{fffd}' } else { c };
    judged(text).map(shown).collect()
}

/// [`printable`] on one line.
pub fn one_line(text: &str) -> String {
    printable(text).replace(['\n', '\t'], " ")
}
