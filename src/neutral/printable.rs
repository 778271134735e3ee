//! Single texts among our own colours.

use super::verdict::{Verdict, judged};

/// The text with a sign in the place of each hidden character. Line breaks and tabs stay.
pub fn printable(text: &str) -> String {
    let shown = |(c, verdict)| if verdict == Verdict::Hidden { '\u{fffd}' } else { c };
    judged(text).map(shown).collect()
}

/// [`printable`] on one line.
pub fn one_line(text: &str) -> String {
    printable(text).replace(['\n', '\t'], " ")
}
