use super::support::overlap::{Words, overlaps};
use crate::finding::{Finding, Severity};
use crate::mesh::compare::Owned;
use crate::mesh::{Group, Mesh};
use crate::rules::{Category, Context, Rule};

/// Pod ranges of clusters of one mesh have addresses in common.
pub(crate) static RULE: Rule = Rule {
    name: "pod-cidr-overlap",
    category: Category::Mesh,
    severity: Severity::Error,
    pedantic: false,
    since: "0.1.0",
    page: include_str!("../../../rules/mesh/pod-cidr-overlap.md"),
    check,
};

const WORDS: Words = Words {
    what: "pods",
    help: "give every cluster of the mesh pod ranges that no other cluster has; a range can only be changed \
           by rebuilding the cluster, so settle it before the clusters are connected",
};

fn check(context: &Context<'_>, findings: &mut Vec<Finding>) {
    for group in &context.mesh.groups {
        let pods = owned(context.mesh, group);
        findings.extend(overlaps(pods, &WORDS));
    }
}

fn owned<'m>(mesh: &'m Mesh<'_>, group: &'m Group) -> Vec<Owned<'m, ()>> {
    mesh.members_of(group)
        .flat_map(|member| {
            let ranges = member.pod_cidrs.get().into_iter().flatten();
            ranges.map(move |range| Owned {
                member,
                range,
                kind: (),
            })
        })
        .collect()
}
