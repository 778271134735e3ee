//! The peers that a cluster names.

use super::fact::{Evidence, Fact, Known, Place};
use super::facts::Witnesses;
use super::read;
use super::values::CiliumValues;
use crate::helm::Lookup;
use crate::yaml::Node;

/// Where they stand.
pub const PEERS: [&str; 3] = ["clustermesh", "config", "clusters"];

/// A peer in `clustermesh.config.clusters`.
#[derive(Debug, Clone)]
pub struct Peer {
    /// Its name.
    pub name: String,
    /// Its `address`.
    pub address: Known<Node>,
    /// The list of its `ips`.
    pub ips: Known<Node>,
    /// Its `port`.
    pub port: Known<Node>,
    /// The item of the list, or the value under the name in the map form.
    pub entry: Node,
    /// Where the name stands.
    pub place: Place,
}

/// The peers, in the list form or, since 1.19, the map form. Whether some have names that cannot be known, too.
pub(super) fn peers(witnesses: &Witnesses<'_>) -> (Fact<Vec<Peer>>, bool) {
    let Some(values) = witnesses.applied else {
        return (Fact::default(), false);
    };
    let node = match values.lookup(&PEERS) {
        Lookup::Unknown(reason) => return (Fact::unknown(reason), true),
        Lookup::Absent => {
            let none = Fact {
                value: Known::Default(Vec::new()),
                evidence: Vec::new(),
            };
            return (none, false);
        }
        Lookup::Value(node) => node,
    };
    let listed = node
        .items()
        .iter()
        .filter_map(|item| Some((item.get("name")?, item)));
    let mapped = node.entries().iter().map(|entry| (&entry.key, &entry.value));
    let version = witnesses.version.map(|version| (version.major, version.minor));
    // Charts before 1.19 pass over `enabled`; the map form, which they refuse, has it everywhere.
    let may_be_off = node.is_mapping() || version.is_none_or(|version| version >= (1, 19));
    let place = values.place(node, &PEERS);
    let mut hidden = false;
    let mut peers = Vec::new();
    for (name, entry) in listed.chain(mapped) {
        if may_be_off && entry.get("enabled").and_then(read::boolean) == Some(false) {
            continue;
        }
        if values.unknown_within(name).is_some() {
            hidden = true;
            continue;
        }
        peers.extend(peer(values, &place, name, entry));
    }
    let is_list = node.is_sequence() || node.is_mapping();
    let fact = Fact {
        value: if is_list {
            Known::Stated(peers.clone())
        } else {
            Known::Malformed
        },
        evidence: vec![Evidence {
            value: is_list.then_some(peers),
            place,
        }],
    };
    (fact, hidden)
}

fn peer(values: &CiliumValues, list: &Place, name: &Node, entry: &Node) -> Option<Peer> {
    let known = |key| match entry.get(key) {
        Some(node) if node.is_null() => Known::Absent,
        None => Known::Absent,
        Some(node) => match values.unknown_within(node) {
            Some(reason) => Known::Unknown(reason),
            None => Known::Stated(node.clone()),
        },
    };
    Some(Peer {
        name: name.as_text()?.to_owned(),
        address: match known("address") {
            Known::Stated(node) if node.as_text().is_none_or(str::is_empty) => Known::Absent,
            address => address,
        },
        ips: match known("ips") {
            Known::Stated(node) if node.is_sequence() && node.items().is_empty() => Known::Absent,
            Known::Stated(node) if !node.is_sequence() => Known::Malformed,
            ips => ips,
        },
        port: known("port"),
        entry: entry.clone(),
        place: Place {
            node: name.clone(),
            ..list.clone()
        },
    })
}
