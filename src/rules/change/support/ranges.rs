//! Ranges that a cluster gives up.

use crate::mesh::{Fact, Range};

/// The ranges of before that are in none of after; none where either cannot be known.
pub(in crate::rules::change) fn given_up<'a>(
    before: &'a Fact<Vec<Range>>,
    after: &'a Fact<Vec<Range>>,
) -> Option<(Vec<&'a Range>, &'a [Range])> {
    let (before, after) = (before.get()?, after.stated()?);
    let is_kept = |range: &Range| after.iter().any(|other| other.contains(range));
    let lost: Vec<&Range> = before.iter().filter(|range| !is_kept(range)).collect();
    let is_told = !lost.is_empty() && !after.is_empty();
    is_told.then_some((lost, after.as_slice()))
}

/// Ranges in backticks.
pub(in crate::rules::change) fn named<'a>(ranges: impl IntoIterator<Item = &'a Range>) -> Vec<String> {
    ranges.into_iter().map(Range::to_string).collect()
}
