//! Comparing facts of many clusters without looking at every pair.

use std::collections::BTreeMap;
use std::net::IpAddr;

use super::{Group, Member, Mesh, Range};

/// Members of a group by a value that ought to differ; only values that several have.
pub(crate) fn shared_values<'m, V: Ord>(
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
pub(crate) struct Owned<'m, K> {
    pub(crate) member: &'m Member,
    pub(crate) range: &'m Range,
    /// What the range is for.
    pub(crate) kind: K,
}

/// Ranges in heaps: two ranges that overlap are in the same heap. Sorting and one sweep; every heap is in the order of
/// the addresses.
pub(crate) fn heaps<K: Copy + Ord>(mut ranges: Vec<Owned<'_, K>>) -> Vec<Vec<Owned<'_, K>>> {
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
pub(crate) fn members_of<'m, K>(heap: &[Owned<'m, K>]) -> Vec<&'m Member> {
    let mut members: Vec<&Member> = heap.iter().map(|owned| owned.member).collect();
    members.sort_by_key(|member| member.cluster);
    members.dedup_by_key(|member| member.cluster);
    members
}

/// The names of members.
pub(crate) fn names<'m>(members: &[&'m Member]) -> Vec<&'m str> {
    members.iter().map(|member| member.name.as_str()).collect()
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;
    use crate::mesh::{Place, Statement};
    use crate::source::{SourceMap, Span};
    use crate::yaml::Node;

    /// The next number of a sequence that looks random and is always the same.
    pub(crate) fn next(state: &mut u64) -> u64 {
        *state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
        *state >> 33
    }

    /// Small networks close together, so that many meet.
    pub(crate) fn ranges(state: &mut u64, count: usize) -> Vec<Range> {
        let sources = SourceMap::from_memory([("x.yaml", "x")]);
        let span = Span::at_start(sources.iter().next().unwrap().0);
        let place = Place {
            node: Node::plain("x", span),
            statement: Statement::Settings,
            object: None,
            route: "x".to_owned(),
        };
        let make = |_| {
            let length = 22 + next(state) % 9;
            let text = format!("10.0.{}.{}/{length}", next(state) % 64, next(state) % 256);
            let net = text.parse::<ipnet::IpNet>().unwrap().trunc();
            Range {
                first: net.network(),
                last: net.broadcast(),
                net: Some(net),
                place: place.clone(),
                by_default: false,
            }
        };
        (0..count).map(make).collect()
    }

    #[test]
    fn ranges_that_overlap_are_in_one_heap_and_strangers_are_in_none() {
        let member = Member::default();
        let mut state = 7;
        for _ in 0..200 {
            let ranges = ranges(&mut state, 12);
            let owned = ranges.iter().map(|range| Owned {
                member: &member,
                range,
                kind: (),
            });
            let heaps = heaps(owned.collect());
            let heap_of = |range: &Range| {
                heaps
                    .iter()
                    .position(|heap| heap.iter().any(|owned| std::ptr::eq(owned.range, range)))
            };
            for (at, a) in ranges.iter().enumerate() {
                let mut others = ranges.iter().enumerate().filter(|(other, _)| *other != at);
                let meets = others.clone().any(|(_, b)| a.overlaps(b));
                assert_eq!(heap_of(a).is_some(), meets, "{a}");
                assert!(
                    others.all(|(_, b)| !a.overlaps(b) || heap_of(a) == heap_of(b)),
                    "{a}"
                );
            }
        }
    }

    std::thread_local! {
        static COMPARED: std::cell::Cell<usize> = const { std::cell::Cell::new(0) };
    }

    /// A value that counts how often it is compared.
    #[derive(Debug, Clone, Copy)]
    struct Counted(usize);

    impl Ord for Counted {
        fn cmp(&self, other: &Self) -> std::cmp::Ordering {
            COMPARED.set(COMPARED.get() + 1);
            self.0.cmp(&other.0)
        }
    }

    impl PartialOrd for Counted {
        fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
            Some(self.cmp(other))
        }
    }

    impl PartialEq for Counted {
        fn eq(&self, other: &Self) -> bool {
            self.cmp(other).is_eq()
        }
    }

    impl Eq for Counted {}

    const CLUSTERS: usize = 255;

    /// Every pair would be 32 385 comparisons.
    const ALLOWED: usize = 2 * CLUSTERS * 12;

    #[test]
    fn values_of_255_clusters_are_compared_without_looking_at_every_pair() {
        let members = (0..CLUSTERS).map(|cluster| Member {
            cluster,
            ..Member::default()
        });
        let fleet = crate::fleet::Fleet::default();
        let mesh = Mesh {
            fleet: &fleet,
            members: members.collect(),
            groups: Vec::new(),
            settings: crate::mesh::SettingsKeys::default(),
        };
        let group = Group {
            members: (0..CLUSTERS).collect(),
            ..Group::default()
        };
        COMPARED.set(0);
        let shared: Vec<_> =
            shared_values(&mesh, &group, |member| Some(Counted(member.cluster / 2))).collect();
        assert_eq!(shared.len(), CLUSTERS / 2);
        assert!(COMPARED.get() <= ALLOWED, "{} comparisons", COMPARED.get());
    }

    #[test]
    fn ranges_of_255_clusters_are_compared_without_looking_at_every_pair() {
        let member = Member::default();
        // All the same, so that every comparison of two ranges reaches the kind.
        let range = ranges(&mut 7, 1).remove(0);
        let owned = (0..CLUSTERS).map(|at| Owned {
            member: &member,
            range: &range,
            kind: Counted(at * 97 % CLUSTERS),
        });
        COMPARED.set(0);
        let heaps = heaps(owned.collect());
        assert_eq!(heaps.len(), 1);
        assert_eq!(heaps[0].len(), CLUSTERS);
        assert!(COMPARED.get() <= ALLOWED, "{} comparisons", COMPARED.get());
    }
}
