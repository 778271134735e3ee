//! Ranges that a cluster gives up.

use super::members::living;
use crate::finding::Finding;
use crate::mesh::{Fact, Member, Range};
use crate::rules::Context;
use crate::rules::places::at;

/// What a rule about one kind of ranges says.
pub(crate) struct Loss {
    /// The ranges it is about.
    pub(crate) ranges: fn(&Member) -> &Fact<Vec<Range>>,
    /// The fact: the cluster, the ranges it loses, and those it has from now on.
    pub(crate) message: fn(&Member, &[String], &[String]) -> String,
    /// A few words at the first range that it has from now on.
    pub(crate) label: &'static str,
    /// What to do.
    pub(crate) help: &'static str,
}

impl Loss {
    /// Tells of every cluster that gives up ranges.
    pub(crate) fn report(&self, context: &Context<'_>, findings: &mut Vec<Finding>) {
        for one in living(context) {
            let (before, after) = ((self.ranges)(one.before), (self.ranges)(one.after));
            let Some((lost, after)) = given_up(before, after) else {
                continue;
            };
            let Some(first) = after.first() else {
                continue;
            };
            let message = (self.message)(one.after, &named(lost), &named(after));
            let finding = at(message, &first.place, self.label);
            findings.push(finding.help(self.help).clusters([one.after.name.as_str()]));
        }
    }
}

/// The ranges of before that are in none of after; none where either cannot be known.
fn given_up<'a>(
    before: &'a Fact<Vec<Range>>,
    after: &'a Fact<Vec<Range>>,
) -> Option<(Vec<&'a Range>, &'a [Range])> {
    let (before, after) = (before.get()?, after.stated()?);
    let is_kept = |range: &Range| after.iter().any(|other| other.contains(range));
    let lost: Vec<&Range> = before.iter().filter(|range| !is_kept(range)).collect();
    (!lost.is_empty()).then_some((lost, after.as_slice()))
}

fn named<'a>(ranges: impl IntoIterator<Item = &'a Range>) -> Vec<String> {
    ranges.into_iter().map(Range::to_string).collect()
}
