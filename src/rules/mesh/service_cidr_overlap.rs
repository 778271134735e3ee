use super::support::overlap::{Words, overlaps};
use crate::finding::{Finding, Severity};
use crate::mesh::compare::Owned;
use crate::rules::{Category, Context, Rule};

/// Service ranges of clusters of one mesh have addresses in common.
pub(crate) static RULE: Rule = Rule {
    name: "service-cidr-overlap",
    category: Category::Mesh,
    severity: Severity::Error,
    pedantic: false,
    since: "0.1.0",
    page: include_str!("../../../rules/mesh/service-cidr-overlap.md"),
    check,
};

const WORDS: Words = Words {
    what: "Services",
    help: "give every cluster of the mesh a service range that no other cluster has",
};

fn check(context: &Context<'_>, findings: &mut Vec<Finding>) {
    for group in &context.mesh.groups {
        let services = context.mesh.members_of(group).flat_map(|member| {
            let ranges = member.service_cidrs.get().into_iter().flatten();
            ranges.map(move |range| Owned {
                member,
                range,
                kind: (),
            })
        });
        findings.extend(overlaps(services.collect(), &WORDS));
    }
}
