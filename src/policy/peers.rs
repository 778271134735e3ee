//! Whom a rule of a section lets through or shuts out.

use super::address::{cidr, cidr_set};
use super::agent::Agent;
use super::fault::{Fault, Refusal};
use super::fields::{Text, list, of};
use super::section::{Direction, Rule};
use super::selector::selector;
use crate::yaml::Node;

/// A field that names peers, what Cilium calls it, and the first minor that tells it apart from the others.
struct Way {
    key: &'static str,
    name: &'static str,
    since: u64,
}

const fn way(key: &'static str, name: &'static str, since: u64) -> Way {
    Way { key, name, since }
}

const INGRESS: &[Way] = &[
    way("fromEndpoints", "FromEndpoints", 14),
    way("fromCIDR", "FromCIDR", 14),
    way("fromCIDRSet", "FromCIDRSet", 14),
    way("fromEntities", "FromEntities", 14),
    way("fromNodes", "FromNodes", 16),
    way("fromGroups", "FromGroups", 16),
];

const EGRESS: &[Way] = &[
    way("toCIDR", "ToCIDR", 14),
    way("toCIDRSet", "ToCIDRSet", 14),
    way("toEndpoints", "ToEndpoints", 14),
    way("toEntities", "ToEntities", 14),
    way("toServices", "ToServices", 14),
    way("toGroups", "ToGroups", 14),
    way("toNodes", "ToNodes", 16),
];

/// New in an allowing rule of egress only.
const NAMES: Way = way("toFQDNs", "ToFQDNs", 14);

/// The entities of 1.14.
const ENTITIES: [&str; 11] = [
    "all",
    "world",
    "cluster",
    "host",
    "init",
    "ingress",
    "unmanaged",
    "remote-node",
    "health",
    "none",
    "kube-apiserver",
];

/// Takes or refuses what a rule says of peers.
pub(super) fn peers<'n>(rule: &Rule<'n>, agent: &Agent) -> Result<(), Refusal<'n>> {
    let [endpoints, required, nodes, cidrs, sets, entities] = match rule.direction {
        Direction::Ingress => [
            "fromEndpoints",
            "fromRequires",
            "fromNodes",
            "fromCIDR",
            "fromCIDRSet",
            "fromEntities",
        ],
        Direction::Egress => [
            "toEndpoints",
            "toRequires",
            "toNodes",
            "toCIDR",
            "toCIDRSet",
            "toEntities",
        ],
    };
    combined(rule, agent)?;
    for one in list(rule.node, endpoints) {
        selector(one, agent)?;
    }
    if agent.is_before(19) {
        for one in list(rule.node, required) {
            selector(one, agent)?;
        }
    }
    if !agent.is_before(16) {
        for one in list(rule.node, nodes) {
            selector(one, agent)?;
        }
    }
    for one in list(rule.node, cidrs) {
        cidr(one, agent)?;
    }
    for one in list(rule.node, sets) {
        cidr_set(one, agent)?;
    }
    for one in list(rule.node, entities) {
        entity(one, agent)?;
    }
    services(rule, agent)?;
    match list(rule.node, nodes).first() {
        Some(first) if !agent.node_labels && !agent.is_before(16) => {
            Err(Refusal::new(Fault::NodesNotSelectable, first))
        }
        _ => Ok(()),
    }
}

fn combined<'n>(rule: &Rule<'n>, agent: &Agent) -> Result<(), Refusal<'n>> {
    let ways = match rule.direction {
        Direction::Ingress => INGRESS,
        Direction::Egress => EGRESS,
    };
    let names = (rule.direction == Direction::Egress && !rule.denies).then_some(&NAMES);
    let mut used = ways
        .iter()
        .chain(names)
        .filter(|way| !agent.is_before(way.since) && !list(rule.node, way.key).is_empty());
    match (used.next(), used.next()) {
        (Some(one), Some(other)) => {
            let node = rule.node.entry(other.key).map_or(rule.node, |entry| &entry.key);
            Err(Refusal::new(Fault::Combined(one.name, other.name), node))
        }
        _ => Ok(()),
    }
}

fn services<'n>(rule: &Rule<'n>, agent: &Agent) -> Result<(), Refusal<'n>> {
    if rule.direction == Direction::Ingress {
        return Ok(());
    }
    let services = list(rule.node, "toServices");
    if agent.minor == 19 {
        for one in services {
            if let Some(labels) = one.at(&["k8sServiceSelector", "selector"]) {
                selector(labels, agent)?;
            }
        }
    }
    match services.first() {
        Some(first) if agent.is_before(17) && !list(rule.node, "toPorts").is_empty() => {
            Err(Refusal::new(Fault::ServicesWithPorts, first))
        }
        _ => Ok(()),
    }
}

fn entity<'n>(node: &'n Node, agent: &Agent) -> Result<(), Refusal<'n>> {
    let name = match of(node) {
        Text::Unknown => return Ok(()),
        Text::Empty => "",
        Text::Is(name, _) => name,
    };
    let is_one = match name {
        "world-ipv4" | "world-ipv6" => !agent.is_before(15),
        "cluster-mesh" => !agent.is_before(20),
        _ => ENTITIES.contains(&name),
    };
    if is_one {
        Ok(())
    } else {
        Err(Refusal::new(Fault::Entity(name.to_owned()), node))
    }
}
