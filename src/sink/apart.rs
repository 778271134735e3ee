//! Groups of which only some members are meant.

use crate::finding::Finding;
use crate::rules::Rule;

/// Takes groups apart of which some members, and not all, are marked: what hides one fault hides no other.
pub(crate) fn apart(
    found: Vec<(&'static Rule, Finding)>,
    is_marked: impl Fn(&'static Rule, &Finding) -> bool,
) -> impl Iterator<Item = (&'static Rule, Finding)> {
    found.into_iter().flat_map(move |(rule, mut finding)| {
        let marked = finding
            .members
            .iter()
            .filter(|member| is_marked(rule, member))
            .count();
        let all = if marked > 0 && marked < finding.members.len() {
            std::mem::take(&mut finding.members)
        } else {
            vec![finding]
        };
        all.into_iter().map(move |finding| (rule, finding))
    })
}
