//! Text of a repository made harmless for whoever shows it: terminals obey control characters, readers believe the order and
//! number of the characters they see, and the runners of CI servers take lines of a log for commands.
//!
//! [`printable`] is for single texts among our own colours. [`Gate`] is what everything that people read goes through last,
//! whatever wrote it. Documents for programs keep every value and only write it with escapes: `json`.

mod gate;
mod json;
mod markdown;
mod printable;
#[cfg(test)]
mod tests;
mod verdict;

pub use gate::{Gate, Own};
pub use json::{to_json, to_json_line};
pub use markdown::{code, fence, html_code, to_markdown};
pub use printable::{one_line, printable};
pub(crate) use verdict::{Verdict, is_harmless, judged};
