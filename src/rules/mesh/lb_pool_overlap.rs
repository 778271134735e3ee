use super::support::overlap::{Words, overlaps};
use crate::finding::{Finding, Severity};
use crate::mesh::compare::Owned;
use crate::mesh::{Group, Mesh, Range};
use crate::rules::{Category, Context, Rule};

/// Load balancer ranges of clusters of one mesh have addresses in common.
pub(crate) static RULE: Rule = Rule {
    name: "lb-pool-overlap",
    category: Category::Mesh,
    severity: Severity::Error,
    pedantic: false,
    since: "0.1.0",
    page: include_str!("../../../rules/mesh/lb-pool-overlap.md"),
    check,
};

const WORDS: Words = Words {
    what: "load balancers",
    help: "give every cluster ranges for load balancers that no other cluster hands out",
};

fn check(context: &Context<'_>, findings: &mut Vec<Finding>) {
    for group in &context.mesh.groups {
        findings.extend(overlaps(owned(context.mesh, group), &WORDS));
    }
}

/// Only what pools hand out: a setting with a telling name may be used for anything.
fn owned<'m>(mesh: &'m Mesh<'_>, group: &'m Group) -> Vec<Owned<'m, ()>> {
    mesh.members_of(group)
        .flat_map(|member| {
            let ranges = member.pools.iter().flat_map(|pool| &pool.ranges);
            ranges.map(move |range: &Range| Owned {
                member,
                range,
                kind: (),
            })
        })
        .collect()
}
