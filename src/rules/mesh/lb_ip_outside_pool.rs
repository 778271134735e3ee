use std::collections::BTreeSet;
use std::net::IpAddr;

use crate::cluster::{ClusterIndex, GroupKind};
use crate::finding::{Finding, Severity};
use crate::mesh::askers::between_clusters;
use crate::mesh::{AddressRequest, Member, Place, Pool, Provider, Wanted};
use crate::rules::gather::Gathered;
use crate::rules::places;
use crate::rules::words;
use crate::rules::{Category, Context, Rule};
use crate::yaml::Node;

/// A load balancer address is asked for that no pool of the cluster has.
pub(crate) static RULE: Rule = Rule {
    name: "lb-ip-outside-pool",
    category: Category::Mesh,
    severity: Severity::Warning,
    pedantic: false,
    since: "0.1.0",
    page: include_str!("../../../rules/mesh/lb-ip-outside-pool.md"),
    check,
};

fn check(context: &Context<'_>, findings: &mut Vec<Finding>) {
    // An address that another cluster asks for, too, is told of as that: it is most probably the other's.
    let doubles: BTreeSet<(usize, &Wanted)> = between_clusters(context.mesh)
        .into_iter()
        .flat_map(|(address, askers)| {
            askers
                .into_iter()
                .map(move |(member, _)| (member.cluster, address))
        })
        .collect();
    let mut gathered = Gathered::new();
    for (member, index) in context.mesh.members.iter().zip(&context.index.clusters) {
        for request in &member.requests {
            let Some(address) = request.wanted.address() else {
                continue;
            };
            if doubles.contains(&(member.cluster, &request.wanted)) {
                continue;
            }
            if let Some(pools) = pools_without(member, index, request, address) {
                let fault = (request, pools);
                let span = request.place.edit_span();
                gathered.add(span, address, &member.name, fault);
            }
        }
    }
    for (address, found) in gathered.into_faults() {
        let (request, pools) = found.first;
        let asks = format!(
            "{} `{}` of {} asks for `{address}`",
            request.object.kind,
            request.object.name,
            words::clusters(&found.clusters)
        );
        // A pool that has the address, but is for others.
        let (message, label, other, help) = match pools.iter().find(|pool| pool.has(address)) {
            Some(pool) => (
                format!("{asks}, but the pool that has it is for other Services"),
                "its pool does not select this Service",
                pool.selector
                    .as_ref()
                    .map(Node::span)
                    .map(|span| (span, "the Services it is for")),
                "give the Service the labels that the pool asks for, or ask for an address of another pool",
            ),
            None => (
                format!("{asks}, which is in none of its pools"),
                "no pool has this address",
                nearest_block(&pools).map(|place| (place.edit_span(), "a pool of the cluster")),
                "ask for an address of a pool, or add the address to one",
            ),
        };
        let finding = places::at(message, &request.place, label);
        let finding = match other {
            Some((span, label)) => finding.label(span, label),
            None => finding,
        };
        findings.push(finding.help(help).clusters(found.clusters));
    }
}

/// The pools that could hand the address out, if all of them are known and none of them has it.
fn pools_without<'m>(
    member: &'m Member,
    index: &ClusterIndex<'_>,
    request: &AddressRequest,
    address: IpAddr,
) -> Option<Vec<&'m Pool>> {
    let of = |provider: Provider| {
        let asked = request.provider.is_none_or(|one| one == provider);
        member
            .pools
            .iter()
            .filter(move |pool| asked && pool.provider == provider)
    };
    let pools: Vec<&Pool> = of(Provider::Cilium).chain(of(Provider::MetalLb)).collect();
    let has = |address: IpAddr| {
        let mut open = pools.iter().filter(|pool| pool.selects(request) != Some(false));
        open.any(|pool| pool.has_gaps || pool.has(address))
    };
    if pools.is_empty() || has(address) {
        return None;
    }
    // Another pool may come from where nobody can look.
    let kinds = [
        GroupKind::new("cilium.io", "CiliumLoadBalancerIPPool"),
        GroupKind::new("metallb.io", "IPAddressPool"),
    ];
    let family = |pool: &&Pool| {
        pool.ranges
            .iter()
            .any(|range| range.first.is_ipv4() == address.is_ipv4())
    };
    let asked = |provider: Provider| pools.iter().any(|pool| pool.provider == provider);
    // No pool has an empty name: what could hide one could hide another. Charts make pools only when told to.
    let seen = |kind| index.find_beside_charts(kind, None, "").is_missing();
    let [cilium, metallb] = kinds;
    let all_seen = (!asked(Provider::Cilium) || seen(cilium))
        && (!asked(Provider::MetalLb) || seen(metallb))
        && !member.pools_from_charts;
    (all_seen && pools.iter().any(family)).then_some(pools)
}

fn nearest_block<'m>(pools: &[&'m Pool]) -> Option<&'m Place> {
    pools
        .iter()
        .flat_map(|pool| &pool.ranges)
        .map(|range| &range.place)
        .next()
}
