use std::net::IpAddr;

use ipnet::IpNet;

use crate::cluster::policies::policies;
use crate::finding::{Finding, ObjectRef, Severity};
use crate::helm::Lookup;
use crate::kustomize::Object;
use crate::mesh::{Known, Member};
use crate::rules::gather::Gathered;
use crate::rules::{Category, Context, Rule};
use crate::yaml::{Node, Walk};

/// A network policy means nodes of a connected cluster by their addresses.
pub(crate) static RULE: Rule = Rule {
    name: "policy-cidr-of-nodes",
    category: Category::Policy,
    severity: Severity::Warning,
    pedantic: false,
    since: "0.1.0",
    page: include_str!("../../../rules/policy/policy-cidr-of-nodes.md"),
    check,
};

fn message(policy: &ObjectRef, cidr: &str, peer: &str) -> String {
    format!(
        "{} `{}` means nodes of cluster `{peer}` by their addresses, `{cidr}`, which matches none",
        policy.kind, policy.name
    )
}

const LABEL: &str = "addresses of nodes";

const HELP: &str =
    "allow the entity `remote-node`, or set `policyCIDRMatchMode: [nodes]` in the values of Cilium";

/// Entities that hold the nodes of connected clusters.
const OF_NODES: [&str; 4] = ["all", "cluster", "cluster-mesh", "remote-node"];

/// Nodes of connected clusters have the identity `remote-node`, and what has an identity is not matched by its address unless
/// `policyCIDRMatchMode` says so.
fn check(context: &Context<'_>, findings: &mut Vec<Finding>) {
    let mut gathered = Gathered::new();
    for member in &context.mesh.members {
        let Some(cluster) = context.fleet.clusters.get(member.cluster) else {
            continue;
        };
        let nodes = nodes_of_peers(member, &context.mesh.members);
        if nodes.is_empty() || matches_nodes(member) {
            continue;
        }
        for policy in policies(cluster).filter(|policy| !names_nodes(policy.object)) {
            for node in policy.parts().iter().flat_map(|part| &part.cidrs) {
                let Some(text) = node.as_text().filter(|_| !node.origin().is_unknown()) else {
                    continue;
                };
                if let Some(peer) = owner(text, &nodes) {
                    let span = node.origin().edit_span();
                    let fault = (policy.object.reference(), span, peer);
                    gathered.add(span, text.to_owned(), &cluster.name, fault);
                }
            }
        }
    }
    findings.extend(gathered.into_faults().map(|(cidr, found)| {
        let (policy, span, peer) = found.first;
        Finding::new(message(&policy, &cidr, &peer), span, LABEL)
            .help(HELP)
            .object(policy)
            .clusters(found.clusters)
    }));
}

/// The nodes at which the API servers of peers are reached, which have node ports there.
fn nodes_of_peers(member: &Member, members: &[Member]) -> Vec<(IpAddr, String)> {
    let peers = member.peers.get().into_iter().flatten();
    peers
        .filter(|peer| {
            let other = members.iter().find(|other| other.is_called(&peer.name));
            other.is_some_and(|other| {
                other.cluster != member.cluster
                    && other
                        .offer
                        .service_type
                        .get()
                        .is_some_and(|kind| kind == "NodePort")
            })
        })
        .filter_map(|peer| match &peer.ips {
            Known::Stated(ips) => Some((ips, &peer.name)),
            _ => None,
        })
        .flat_map(|(ips, name)| {
            let addresses = ips.items().iter().filter_map(|ip| ip.as_text()?.parse().ok());
            addresses.map(move |address| (address, name.clone()))
        })
        .collect()
}

fn matches_nodes(member: &Member) -> bool {
    let Some(cilium) = &member.cilium else { return true };
    match cilium.values.lookup(&["policyCIDRMatchMode"]) {
        Lookup::Absent => false,
        Lookup::Unknown(_) => true,
        Lookup::Value(node) => {
            node.as_text().is_some_and(|text| text.contains("nodes"))
                || node.items().iter().any(|item| item.as_text() == Some("nodes"))
        }
    }
}

/// Whether a policy lets in or out nodes as such, beside their addresses.
fn names_nodes(policy: &Object) -> bool {
    let mut found = false;
    policy.node.walk(&mut |_, _, node| {
        for key in ["toEntities", "fromEntities", "toNodes", "fromNodes"] {
            let items = node.get(key).map_or(&[][..], Node::items);
            let is_node = |item: &Node| item.as_text().is_none_or(|name| OF_NODES.contains(&name));
            found |= items.iter().any(is_node);
        }
        if found { Walk::Stop } else { Walk::Enter }
    });
    found
}

/// The peer whose node lies in that network. A network that holds everything means everything else as well.
fn owner(text: &str, nodes: &[(IpAddr, String)]) -> Option<String> {
    let net: IpNet = text
        .parse()
        .ok()
        .or_else(|| Some(text.parse::<IpAddr>().ok()?.into()))?;
    let is_narrow = net.prefix_len() >= 16;
    let mut inside = nodes
        .iter()
        .filter(|(address, _)| is_narrow && net.contains(address));
    inside.next().map(|(_, peer)| peer.clone())
}
