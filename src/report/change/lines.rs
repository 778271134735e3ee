//! Texts line by line.

use similar::{ChangeTag, TextDiff};

/// Texts of which more pairs of lines would have to be looked at are shown as replaced.
const MAX_PAIRS: usize = 4_000_000;

fn is_large(before: &str, after: &str) -> bool {
    before.lines().count().saturating_mul(after.lines().count()) > MAX_PAIRS
}

/// Lines around a change.
pub(super) const AROUND: usize = 3;

/// The lines that differ, with `-` and `+` before them.
pub(super) fn changed(before: &str, after: &str) -> Vec<String> {
    if is_large(before, after) {
        return replaced(before, after);
    }
    let diff = TextDiff::from_lines(before, after);
    let lines = diff.iter_all_changes().filter_map(|change| {
        let sign = match change.tag() {
            ChangeTag::Delete => '-',
            ChangeTag::Insert => '+',
            ChangeTag::Equal => return None,
        };
        Some(format!("{sign}{}", change.value().trim_end_matches(['\n', '\r'])))
    });
    lines.collect()
}

/// Two versions of a document as `diff -u` prints them, without the names of files.
pub(crate) fn hunks(before: &str, after: &str, around: usize) -> String {
    if is_large(before, after) {
        let (old, new) = (before.lines().count(), after.lines().count());
        let lines = replaced(before, after).join("\n");
        return format!("@@ -1,{old} +1,{new} @@\n{lines}\n");
    }
    let diff = TextDiff::from_lines(before, after);
    let mut hunks = diff.unified_diff();
    hunks
        .context_radius(around)
        .missing_newline_hint(false)
        .to_string()
}

fn replaced(before: &str, after: &str) -> Vec<String> {
    let old = before.lines().map(|line| format!("-{line}"));
    old.chain(after.lines().map(|line| format!("+{line}"))).collect()
}
