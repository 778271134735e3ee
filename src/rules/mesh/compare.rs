//! Comparing facts of many clusters without looking at every pair.

use std::collections::BTreeMap;
use std::net::IpAddr;

use crate::mesh::{Group, Member, Mesh, Range};

/// Members of a group by a value that ought to differ; only values that several have.
pub(super) fn shared_values<'m, V: Ord>(
    mesh: &'m Mesh<'_>,
    group: &'m Group,
    value: impl Fn(&'m Member) -> Option<V>,
) -> impl Iterator<Item = (V, Vec<&'m Member>)> {
    let mut by_value: BTreeMap<V, Vec<&Member>> = BTreeMap::new();
    for member in mesh.members_of(group) {
        if let Some(value) = value(member) {
            by_value.entry(value).or_default().push(member);
        }
    }
    by_value.into_iter().filter(|(_, members)| members.len() > 1)
}

/// A range with its owner.
#[derive(Debug, Clone, Copy)]
pub(super) struct Owned<'m, K> {
    pub(super) member: &'m Member,
    pub(super) range: &'m Range,
    /// What the range is for.
    pub(super) kind: K,
}

/// Ranges in heaps: two ranges that overlap are in the same heap. Sorting and one sweep; every heap is in the order of
/// the addresses.
pub(super) fn heaps<K: Copy + Ord>(mut ranges: Vec<Owned<'_, K>>) -> Vec<Vec<Owned<'_, K>>> {
    ranges.sort_by_key(|owned| {
        (
            owned.range.first,
            owned.range.last,
            owned.member.cluster,
            owned.kind,
        )
    });
    let mut heaps: Vec<Vec<Owned<'_, K>>> = Vec::new();
    let mut end: Option<IpAddr> = None;
    for owned in ranges {
        let Range { first, last, .. } = *owned.range;
        match (heaps.last_mut(), end) {
            // Addresses order by family first, so an IPv6 range never lies before the end of an IPv4 one.
            (Some(heap), Some(until)) if first <= until => {
                heap.push(owned);
                end = Some(until.max(last));
            }
            _ => {
                heaps.push(vec![owned]);
                end = Some(last);
            }
        }
    }
    heaps.retain(|heap| heap.len() > 1);
    heaps
}

/// The members of a heap, each once, in fleet order.
pub(super) fn members_of<'m, K>(heap: &[Owned<'m, K>]) -> Vec<&'m Member> {
    let mut members: Vec<&Member> = heap.iter().map(|owned| owned.member).collect();
    members.sort_by_key(|member| member.cluster);
    members.dedup_by_key(|member| member.cluster);
    members
}

/// The names of members.
pub(super) fn names<'m>(members: &[&'m Member]) -> Vec<&'m str> {
    members.iter().map(|member| member.name.as_str()).collect()
}
