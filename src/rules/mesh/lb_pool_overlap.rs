use super::support::overlap::{Words, overlaps};
use crate::finding::{Finding, Severity};
use crate::mesh::compare::{Owned, heaps};
use crate::mesh::{Group, Member, Mesh, Provider, Range};
use crate::rules::places;
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
    for member in &context.mesh.members {
        let cilium = member
            .pools
            .iter()
            .filter(|pool| pool.provider == Provider::Cilium);
        let ranges = cilium.flat_map(|pool| &pool.ranges).map(|range| Owned {
            member,
            range,
            kind: (),
        });
        findings.extend(
            heaps(ranges.collect())
                .iter()
                .filter_map(|heap| within(heap, member)),
        );
    }
}

/// Pools of one cluster with addresses in common: LB-IPAM takes the later one out of use, whatever Services they are for
/// (operator/pkg/lbipam/lbipam.go, `settleConflicts`).
fn within(heap: &[Owned<'_, ()>], member: &Member) -> Option<Finding> {
    // By name, where addresses do not tell which comes first.
    let mut heap = heap.to_vec();
    heap.sort_by_key(|owned| {
        (
            owned.range.first,
            owned.range.last,
            owned.range.place.object.clone(),
        )
    });
    let (last, others) = heap.split_last()?;
    let meets = others
        .iter()
        .find(|other| other.range.overlaps(last.range) && !are_copies(other, last))?;
    let name = |owned: &Owned<'_, ()>| {
        owned
            .range
            .place
            .object
            .as_ref()
            .map_or("", |object| &object.name)
            .to_owned()
    };
    let (of_last, of_other) = (name(last), name(meets));
    let message = match of_last == of_other {
        true => format!(
            "blocks of pool `{of_last}` of cluster `{}` overlap: `{}` and `{}`",
            member.name, meets.range, last.range
        ),
        false => format!(
            "pools `{of_other}` and `{of_last}` of cluster `{}` overlap: `{}` and `{}`",
            member.name, meets.range, last.range
        ),
    };
    let finding = places::at(message, &last.range.place, "one of the two is taken out of use");
    let finding = places::also(finding, &meets.range.place, format!("pool `{of_other}`"));
    Some(
        finding
            .help("give every pool addresses of its own")
            .clusters([member.name.as_str()]),
    )
}

/// Whether both are of one pool that is delivered twice, which is a fault of its own.
fn are_copies(a: &Owned<'_, ()>, b: &Owned<'_, ()>) -> bool {
    let (a, b) = (&a.range.place, &b.range.place);
    let (of_a, of_b) = (a.node.span(), b.node.span());
    a.object == b.object && (of_a == of_b || of_a.file != of_b.file)
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
