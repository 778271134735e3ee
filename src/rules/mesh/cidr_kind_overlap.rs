use std::fmt;
use std::net::IpAddr;

use crate::finding::{Finding, Severity};
use crate::helm::Lookup;
use crate::mesh::compare::{Owned, heaps, members_of, names};
use crate::mesh::peering::Peering;
use crate::mesh::{Member, Mesh, Place, Range};
use crate::rules::places;
use crate::rules::{Category, Context, Rule};
use crate::yaml::Node;

/// A pod range has addresses in common with a service, node or load balancer range.
pub(crate) static RULE: Rule = Rule {
    name: "cidr-kind-overlap",
    category: Category::Mesh,
    severity: Severity::Error,
    pedantic: false,
    since: "0.1.0",
    page: include_str!("../../../rules/mesh/cidr-kind-overlap.md"),
    check,
};

const API_SERVER: [&str; 1] = ["k8sServiceHost"];

/// What a range is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Kind {
    Pods,
    Services,
    Nodes,
    LoadBalancers,
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Pods => "pod",
            Self::Services => "service",
            Self::Nodes => "node",
            Self::LoadBalancers => "load balancer",
        })
    }
}

type Piece<'m> = Owned<'m, Kind>;

fn message(pods: &Piece<'_>, other: &Piece<'_>, more: usize) -> String {
    let owner = if pods.member.cluster == other.member.cluster {
        "its own".to_owned()
    } else {
        "the".to_owned()
    };
    let of = if pods.member.cluster == other.member.cluster {
        String::new()
    } else {
        format!(" of `{}`", other.member.name)
    };
    let rest = if more > 0 {
        format!(", and {more} more")
    } else {
        String::new()
    };
    format!(
        "pod range `{}` of `{}` meets {owner} {} range `{}`{of}{rest}",
        pods.range, pods.member.name, other.kind, other.range
    )
}

fn label(piece: &Piece<'_>) -> String {
    let Owned { member, range, kind } = piece;
    if range.by_default {
        format!(
            "`{}` keeps the chart's default `{range}` for its pods: nothing is set here",
            member.name
        )
    } else {
        format!("{kind} range of `{}` is `{range}`", member.name)
    }
}

const HELP: &str = "choose ranges so that an address can only be one thing anywhere in the mesh";

fn check(context: &Context<'_>, findings: &mut Vec<Finding>) {
    let mesh = context.mesh;
    let nodes = nodes(mesh);
    let all = |member| pieces(member).chain(told_by_the_way(member, &nodes));
    for group in &mesh.groups {
        report(mesh.members_of(group).flat_map(all).collect(), true, findings);
    }
    for (at, member) in mesh.members.iter().enumerate() {
        if mesh.group_of(at).is_none() {
            report(all(member).collect(), false, findings);
        }
    }
}

fn told_by_the_way<'m>(
    member: &'m Member,
    nodes: &'m [(&'m Member, Range)],
) -> impl Iterator<Item = Piece<'m>> {
    let own = nodes.iter().filter(|(owner, _)| owner.cluster == member.cluster);
    own.map(move |(_, range)| Owned {
        member,
        range,
        kind: Kind::Nodes,
    })
}

/// Addresses of nodes that clusters tell by the way: that of the Kubernetes API server, and those at which peers reach node ports.
fn nodes<'m>(mesh: &'m Mesh<'_>) -> Vec<(&'m Member, Range)> {
    let address = |place: Place| {
        let address: IpAddr = place.text().parse().ok()?;
        Some(Range {
            first: address,
            last: address,
            net: None,
            place,
            by_default: false,
        })
    };
    let servers = mesh.members.iter().filter_map(|member| {
        let values = &member.cilium.as_ref()?.values;
        match values.lookup(&API_SERVER) {
            Lookup::Value(node) => Some((member, address(values.place(node, &API_SERVER))?)),
            _ => None,
        }
    });
    let links = Peering::of(mesh);
    let links = links.links().filter(|link| {
        let kind = link.to.offer.service_type.get();
        kind.is_some_and(|kind| kind == "NodePort")
    });
    let dialled = links.flat_map(|link| {
        let ips = link.peer.ips.stated().map_or(&[][..], Node::items);
        ips.iter().filter_map(move |ip| {
            let place = Place {
                node: ip.clone(),
                route: format!("{}.ips", link.peer.place.route),
                ..link.peer.place.clone()
            };
            Some((link.to, address(place)?))
        })
    });
    servers.chain(dialled.collect::<Vec<_>>()).collect()
}

fn pieces(member: &Member) -> impl Iterator<Item = Piece<'_>> {
    [
        (Kind::Pods, &member.pod_cidrs),
        (Kind::Services, &member.service_cidrs),
        (Kind::Nodes, &member.node_cidrs),
        (Kind::LoadBalancers, &member.lb_ranges),
    ]
    .into_iter()
    .flat_map(move |(kind, ranges)| {
        let ranges = ranges.get().into_iter().flatten();
        ranges.map(move |range| Owned { member, range, kind })
    })
}

fn report(pieces: Vec<Piece<'_>>, in_mesh: bool, findings: &mut Vec<Finding>) {
    for heap in heaps(pieces) {
        let (pods, others) = meeting(&heap);
        let Some(finding) = finding(&pods, &others) else {
            continue;
        };
        // The default is so wide that it meets something nearly anywhere. In a cluster on its own that is a matter
        // of luck, not of a connection that cannot work.
        let by_luck = !in_mesh && pods.iter().all(|piece| piece.range.by_default);
        findings.push(if by_luck {
            finding.severity(Severity::Warning)
        } else {
            finding
        });
    }
}

fn finding(pods: &[Piece<'_>], others: &[Piece<'_>]) -> Option<Finding> {
    let first = pods.first()?;
    let partner = others.iter().find(|other| other.range.overlaps(first.range))?;
    let more = pods.len() + others.len() - 2;
    let finding = places::at(message(first, partner, more), &first.range.place, label(first));
    let rest = pods.iter().skip(1).chain(others);
    let finding = std::iter::once(partner)
        .chain(rest)
        .fold(finding, |finding, piece| {
            places::also(finding, &piece.range.place, label(piece))
        });
    let all: Vec<Piece<'_>> = pods.iter().chain(others).copied().collect();
    Some(finding.help(HELP).clusters(names(&members_of(&all))))
}

/// The pod ranges that meet a range of another kind, and those ranges; each in fleet order. One sweep up and one down
/// find both partners of every meeting.
fn meeting<'m>(heap: &[Piece<'m>]) -> (Vec<Piece<'m>>, Vec<Piece<'m>>) {
    let mut meets = vec![false; heap.len()];
    let mut end: [Option<IpAddr>; 2] = [None, None];
    for (piece, meets) in heap.iter().zip(&mut meets) {
        let [own, other] = sides(piece);
        *meets |= end[other].is_some_and(|end| piece.range.first <= end);
        end[own] = end[own].max(Some(piece.range.last));
    }
    let mut start: [Option<IpAddr>; 2] = [None, None];
    for (piece, meets) in heap.iter().zip(&mut meets).rev() {
        let [own, other] = sides(piece);
        *meets |= start[other].is_some_and(|start| start <= piece.range.last);
        start[own] = Some(piece.range.first);
    }
    let mut found: Vec<Piece<'m>> = heap
        .iter()
        .zip(meets)
        .filter_map(|(piece, meets)| meets.then_some(*piece))
        .collect();
    found.sort_by_key(|piece| (piece.member.cluster, piece.kind, piece.range.first));
    found.into_iter().partition(|piece| piece.kind == Kind::Pods)
}

/// Which of the two sides a range is on, and the other.
fn sides(piece: &Piece<'_>) -> [usize; 2] {
    if piece.kind == Kind::Pods { [0, 1] } else { [1, 0] }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::mesh::compare::tests::{next, ranges};

    #[test]
    fn the_sweeps_find_what_comparing_every_pair_finds() {
        let member = Member::default();
        let mut state = 11;
        for _ in 0..300 {
            let ranges = ranges(&mut state, 10);
            let kinds = [Kind::Pods, Kind::Services, Kind::Nodes, Kind::LoadBalancers];
            let pieces: Vec<Piece<'_>> = ranges
                .iter()
                .map(|range| Owned {
                    member: &member,
                    range,
                    kind: kinds[usize::try_from(next(&mut state)).unwrap() % 4],
                })
                .collect();
            let is_pods = |piece: &Piece<'_>| piece.kind == Kind::Pods;
            let wanted = pieces.iter().filter(|a| {
                pieces
                    .iter()
                    .any(|b| is_pods(a) != is_pods(b) && a.range.overlaps(b.range))
            });
            let mut found = 0;
            for heap in heaps(pieces.clone()) {
                let (pods, others) = meeting(&heap);
                assert!(pods.iter().all(is_pods) && !others.iter().any(is_pods));
                assert!(
                    others
                        .iter()
                        .all(|other| pods.iter().any(|pods| pods.range.overlaps(other.range)))
                );
                found += pods.len() + others.len();
            }
            assert_eq!(found, wanted.count());
        }
    }
}
