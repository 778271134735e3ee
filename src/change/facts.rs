//! What changes of what the mesh knows.

use super::{FactChange, Side, Spot, Tree};
use crate::fleet::Cluster;
use crate::mesh::shown::{Shown, Statements, Value, shown};
use crate::mesh::{GlobalService, Known, Member, Peer};
use crate::yaml::Node;

type ClusterSide<'a> = (Tree<'a>, Side, Option<&'a Cluster>);

/// The facts of a cluster that are others than before. Of a cluster that comes or goes that is what the repository states.
pub(super) fn changed(before: ClusterSide<'_>, after: ClusterSide<'_>) -> Vec<FactChange> {
    let (old, new) = (facts(&before), facts(&after));
    let names = new.iter().chain(&old).map(|fact| fact.name);
    let mut names: Vec<&str> = names.collect();
    let mut seen = std::collections::BTreeSet::new();
    names.retain(|name| seen.insert(*name));
    let find = |facts: &[Shown], name| facts.iter().find(|fact| fact.name == name).cloned();
    names
        .into_iter()
        .filter_map(|name| change(find(&old, name), find(&new, name)))
        .collect()
}

fn facts((tree, _, cluster): &ClusterSide<'_>) -> Vec<Shown> {
    let is_it = |member: &&Member| {
        let of = tree.fleet.clusters.get(member.cluster);
        of.zip(*cluster)
            .is_some_and(|(of, cluster)| std::ptr::eq(of, cluster))
    };
    let Some(member) = tree.mesh.members.iter().find(is_it) else {
        return Vec::new();
    };
    let mut facts = shown(member);
    facts.push(addresses(member));
    facts.push(services(member));
    facts
}

fn change(old: Option<Shown>, new: Option<Shown>) -> Option<FactChange> {
    let name = new.as_ref().or(old.as_ref())?.name;
    let value = |fact: &Option<Shown>| fact.as_ref().map_or(Value::Absent, |fact| fact.value.clone());
    let (before, after) = (value(&old), value(&new));
    if is_same(&before, &after) {
        return None;
    }
    let (old, new) = (evidence(old), evidence(new));
    let places = match (new.as_slice(), old.as_slice()) {
        ([], old) => spots(old, &new, Side::Before),
        (new, _) => spots(new, &old, Side::After),
    };
    Some(FactChange {
        name,
        before,
        after,
        causes: places,
    })
}

fn evidence(fact: Option<Shown>) -> Vec<Statements> {
    fact.map(|fact| fact.evidence).unwrap_or_default()
}

/// Where it is stated: only what says something else than on the other side, where that is so of some.
fn spots(all: &[Statements], others: &[Statements], side: Side) -> Vec<Spot> {
    let is_known = |one: &&Statements| {
        let same = |other: &Statements| (&other.route, &other.text) == (&one.route, &one.text);
        others.iter().any(same)
    };
    let (known, new): (Vec<&Statements>, Vec<&Statements>) = all.iter().partition(is_known);
    let chosen = if new.is_empty() { known } else { new };
    let spot = |one: &Statements| Spot { side, span: one.span };
    chosen.into_iter().map(spot).collect()
}

/// Whether both have the same effect: whether somebody states the default or nobody does is no difference.
fn is_same(before: &Value, after: &Value) -> bool {
    let holds = |value: &Value| match value {
        Value::Stated(values) | Value::Default(values) => Some(values.clone()),
        _ => None,
    };
    // A cluster that comes or goes has every default.
    let is_default = |value: &Value| matches!(value, Value::Default(_) | Value::Unknown(_));
    match (before, after) {
        (Value::Absent, other) | (other, Value::Absent) if is_default(other) => true,
        _ => before == after || holds(before).is_some() && holds(before) == holds(after),
    }
}

/// Where each peer is dialled.
fn addresses(member: &Member) -> Shown {
    let peers = member.peers.get().map_or(&[][..], Vec::as_slice);
    let evidence = peers.iter().map(|peer| Statements::at(&peer.place));
    listed(
        "peer-addresses",
        peers.iter().filter_map(address),
        evidence.collect(),
    )
}

fn address(peer: &Peer) -> Option<String> {
    let text = |known: &Known<Node>| known.stated().and_then(Node::as_text).map(str::to_owned);
    let ips = peer.ips.stated().map_or(&[][..], Node::items);
    let ips: Vec<&str> = ips.iter().filter_map(Node::as_text).collect();
    let host = text(&peer.address).or_else(|| (!ips.is_empty()).then(|| ips.join(", ")))?;
    let port = text(&peer.port)
        .map(|port| format!(":{port}"))
        .unwrap_or_default();
    Some(format!("{} {host}{port}", peer.name))
}

fn services(member: &Member) -> Shown {
    let name = |one: &GlobalService| format!("{}/{}", one.namespace, one.name);
    let services = &member.global_services;
    let at = |one: &GlobalService| {
        let route = "metadata.annotations";
        Statements::at(&crate::mesh::Place::in_object(
            &one.object,
            &one.annotation,
            route,
        ))
    };
    let evidence = services.iter().map(at).collect();
    listed("global-services", services.iter().map(name), evidence)
}

fn listed(name: &'static str, values: impl Iterator<Item = String>, evidence: Vec<Statements>) -> Shown {
    let mut values: Vec<String> = values.collect();
    values.sort();
    values.dedup();
    let value = if values.is_empty() {
        Value::Absent
    } else {
        Value::Stated(values)
    };
    Shown {
        name,
        value,
        evidence,
    }
}
