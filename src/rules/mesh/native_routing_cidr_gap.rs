use ipnet::IpNet;

use crate::finding::{Finding, Severity};
use crate::mesh::{Fact, Group, Known, Member, Mesh, Place, Range, SortedRanges};
use crate::rules::gather::Gathered;
use crate::rules::places;
use crate::rules::words;
use crate::rules::{Category, Context, Rule};

/// With native routing, a cluster's native routing CIDR leaves out pods of the mesh.
pub(crate) static RULE: Rule = Rule {
    name: "native-routing-cidr-gap",
    category: Category::Mesh,
    severity: Severity::Error,
    pedantic: false,
    since: "0.1.0",
    page: include_str!("../../../rules/mesh/native-routing-cidr-gap.md"),
    check,
};

/// How many of the clusters left out are pointed at; the others are counted.
const SHOWN: usize = 6;

/// Pods that a cluster's CIDR leaves out: the first few, and how many more there are.
#[derive(Debug)]
struct Gap<'m> {
    pods: Vec<&'m (usize, Range)>,
    more: usize,
}

/// What covers too little.
#[derive(Debug)]
struct Cover {
    what: What,
    place: Place,
    /// The member it is of, and how many pod ranges that one has itself.
    member: usize,
    own_pools: usize,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum What {
    /// `ipv4NativeRoutingCIDR` or `ipv6NativeRoutingCIDR` with its value.
    Stated(IpNet),
    /// `nativeRoutingCIDRFromClusterPool` takes the cluster's own range.
    OwnPool,
    /// Nothing is set.
    Nothing,
}

fn message(cover: &Cover, key: &str, clusters: &[String], left_out: &str) -> String {
    let of = words::clusters(clusters);
    let s = words::s(clusters);
    match cover.what {
        What::Stated(net) => format!("native routing CIDR `{net}` of {of} leaves out pods of {left_out}"),
        What::OwnPool => {
            format!("native routing CIDR of {of} is its own pool, which leaves out pods of {left_out}")
        }
        What::Nothing => format!("{of} route{s} natively without `{key}`"),
    }
}

fn label(cover: &Cover, key: &str, gap: &Gap<'_>) -> String {
    match cover.what {
        What::Stated(net) => match gap.pods.first() {
            Some((_, range)) => format!("`{net}` does not hold `{range}`"),
            None => format!("`{net}` does not hold all pods"),
        },
        What::OwnPool => "takes the range of this cluster only".to_owned(),
        What::Nothing => format!("`{key}` is not set here"),
    }
}

fn help(key: &str, net: Option<IpNet>) -> String {
    match net {
        Some(net) => format!("set `{key}` to a network that holds the pods of every cluster: `{net}` does"),
        None => format!(
            "set `{key}` to a network that holds the pods of every cluster, or list their networks for `ipMasqAgent`"
        ),
    }
}

fn check(context: &Context<'_>, findings: &mut Vec<Finding>) {
    for group in &context.mesh.groups {
        for family in [Family::V4, Family::V6] {
            check_family(context.mesh, group, family, findings);
        }
    }
}

fn check_family(mesh: &Mesh<'_>, group: &Group, family: Family, findings: &mut Vec<Finding>) {
    let pods = Pods::of(mesh, group, family);
    let mut gathered = Gathered::new();
    for member in mesh.members_of(group) {
        let Some(cover) = family.cover(member) else {
            continue;
        };
        let gap = pods.left_out(&cover);
        if !gap.pods.is_empty() {
            let (span, what) = (cover.place.edit_span(), cover.what);
            gathered.add(span, what, &member.name, (cover, gap));
        }
    }
    let supernet = pods.supernet(mesh, group);
    for (_, found) in gathered.into_faults() {
        let (cover, gap) = &found.first;
        let key = family.key();
        let name = |at: usize| mesh.members.get(at).map_or("", |member| member.name.as_str());
        let mut names: Vec<&str> = gap.pods.iter().map(|(at, _)| name(*at)).collect();
        names.dedup();
        let more = if gap.more > 0 {
            format!(" and {} more", gap.more)
        } else {
            String::new()
        };
        let left_out = format!("{}{more}", words::clusters(&names));
        let finding = places::at(
            message(cover, key, &found.clusters, &left_out),
            &cover.place,
            label(cover, key, gap),
        );
        let finding = gap.pods.iter().fold(finding, |finding, (at, range)| {
            places::also(
                finding,
                &range.place,
                format!("pods of `{}` are in `{range}`", name(*at)),
            )
        });
        findings.push(
            finding
                .help(help(key, supernet))
                .clusters(found.clusters.iter().map(String::as_str).chain(names)),
        );
    }
}

#[derive(Debug, Clone, Copy)]
enum Family {
    V4,
    V6,
}

impl Family {
    fn key(self) -> &'static str {
        match self {
            Self::V4 => "ipv4NativeRoutingCIDR",
            Self::V6 => "ipv6NativeRoutingCIDR",
        }
    }

    /// What a member does not masquerade, if it masquerades natively routed traffic at all and everything that
    /// decides it is known.
    fn cover(self, member: &Member) -> Option<Cover> {
        let (native, masquerade) = match self {
            Self::V4 => (&member.native_cidr_v4, "enableIPv4Masquerade"),
            Self::V6 => (&member.native_cidr_v6, "enableIPv6Masquerade"),
        };
        let known = |fact: &Fact<bool>, wanted: bool| fact.get() == Some(&wanted);
        if !known(&member.native_routing, true)
            || !known(&member.flag(&[masquerade]), true)
            // A list of the agent's own decides what is masqueraded.
            || !known(&member.flag(&["ipMasqAgent", "enabled"]), false)
        {
            return None;
        }
        let is_v4 = matches!(self, Self::V4);
        let pools = member.pod_cidrs.get().into_iter().flatten();
        let cover = |what, place| Cover {
            what,
            place,
            member: member.cluster,
            own_pools: pools.filter(|range| range.first.is_ipv4() == is_v4).count(),
        };
        // An empty text is how the chart's own default says "none".
        let is_empty = native
            .best()
            .is_some_and(|evidence| evidence.place.text().is_empty());
        // The agent finds the network out by itself there.
        let by_cloud = matches!(
            member.ipam_mode.get().map(String::as_str),
            None | Some("eni" | "alibabacloud")
        );
        match native.value {
            Known::Stated(net) => Some(cover(What::Stated(net), native.best()?.place.clone())),
            Known::Absent | Known::Default(_) => self
                .not_set(member, by_cloud)
                .map(|(what, place)| cover(what, place)),
            Known::Malformed if is_empty => self
                .not_set(member, by_cloud)
                .map(|(what, place)| cover(what, place)),
            Known::Malformed | Known::Unknown(_) => None,
        }
    }

    fn not_set(self, member: &Member, by_cloud: bool) -> Option<(What, Place)> {
        // New in 1.20.
        let from_pool = member.flag(&["nativeRoutingCIDRFromClusterPool"]);
        match (from_pool.get(), from_pool.best()) {
            (Some(true), Some(evidence)) => Some((What::OwnPool, evidence.place.clone())),
            (Some(false), _) if !by_cloud => {
                let values = &member.cilium.as_ref()?.values;
                Some((What::Nothing, values.nearest(&[self.key()])))
            }
            _ => None,
        }
    }
}

/// The pods of a group, of one family.
struct Pods(SortedRanges);

impl Pods {
    fn of(mesh: &Mesh<'_>, group: &Group, family: Family) -> Self {
        let is_v4 = matches!(family, Family::V4);
        let ranges = mesh.members_of(group).flat_map(|member| {
            let ranges = member.pod_cidrs.get().into_iter().flatten();
            ranges.map(|range| (member.cluster, range.clone()))
        });
        Self(
            ranges
                .filter(|(_, range)| range.first.is_ipv4() == is_v4)
                .collect(),
        )
    }

    fn left_out(&self, cover: &Cover) -> Gap<'_> {
        let all = self.0.all();
        match cover.what {
            What::Stated(net) => {
                let (outside, count) = self.0.outside(net);
                shown(outside, count)
            }
            What::OwnPool => {
                let others = all.iter().filter(|(at, _)| *at != cover.member);
                shown(others, all.len() - cover.own_pools.min(all.len()))
            }
            What::Nothing => shown(all.iter(), all.len()),
        }
    }

    /// The smallest network that holds all pods, unless it holds nodes or load balancers too: traffic to those needs
    /// masquerading.
    fn supernet(&self, mesh: &Mesh<'_>, group: &Group) -> Option<IpNet> {
        let net = self.0.supernet()?;
        let meets = |range: &Range| range.first <= net.broadcast() && net.network() <= range.last;
        let takes_more = mesh.members_of(group).any(|member| {
            let nodes = member.node_cidrs.get().into_iter().flatten();
            nodes
                .chain(member.lb_ranges.get().into_iter().flatten())
                .any(meets)
        });
        (!takes_more && net.prefix_len() > 0).then_some(net)
    }
}

fn shown<'m>(pods: impl Iterator<Item = &'m (usize, Range)>, count: usize) -> Gap<'m> {
    let pods: Vec<_> = pods.take(SHOWN).collect();
    Gap {
        more: count.saturating_sub(pods.len()),
        pods,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::mesh::compare::tests::ranges;

    #[test]
    fn the_searches_find_what_looking_at_every_range_finds() {
        let mut state = 5;
        for _ in 0..300 {
            let mut nets = ranges(&mut state, 9);
            let cover = nets.pop().unwrap();
            let pods = Pods(nets.into_iter().enumerate().collect());
            let gap = pods.left_out(&Cover {
                what: What::Stated(cover.net.unwrap()),
                place: cover.place.clone(),
                member: 0,
                own_pools: 0,
            });
            let wanted = pods.0.all().iter().filter(|(_, range)| !cover.contains(range));
            assert_eq!(gap.pods.len() + gap.more, wanted.clone().count(), "{cover}");
            assert!(
                gap.pods.iter().all(|(_, range)| !cover.contains(range)),
                "{cover}"
            );
        }
    }
}
