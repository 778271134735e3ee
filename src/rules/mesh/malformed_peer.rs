use std::collections::BTreeSet;
use std::net::IpAddr;

use crate::finding::{Finding, Severity};
use crate::mesh::peering;
use crate::mesh::{Known, Member, PEERS, Peer, Place};
use crate::rules::gather::Gathered;
use crate::rules::places::Told;
use crate::rules::words;
use crate::rules::{Category, Context, Rule};
use crate::yaml::Node;

/// A peer is written in a way that the chart or Cilium refuses.
pub(crate) static RULE: Rule = Rule {
    name: "malformed-peer",
    category: Category::Mesh,
    severity: Severity::Error,
    pedantic: false,
    since: "0.1.0",
    page: include_str!("../../../rules/mesh/malformed-peer.md"),
    check,
};

/// What is wrong with the list or an entry.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
enum Fault {
    NoList,
    MapTooEarly,
    NoName,
    /// A `targetPath` that sets something of an entry which the list does not have.
    PastTheEnd(String),
    IllegalName(String),
    Twice(String),
    NoAddress(String),
    NoPort(String),
    IllegalPort(String),
    NoIp(String),
    IpsNoList(String),
    HalfCertificate(String),
    EnabledTooEarly(String),
}

impl Told for Fault {
    fn message(&self, _: &Place, clusters: &[String]) -> String {
        let of = words::clusters(clusters);
        match self {
            Self::NoList => format!("the peers of {of} are neither a list nor a map"),
            Self::MapTooEarly => format!("the peers of {of} are a map, which charts before 1.19 refuse"),
            Self::NoName => format!("a peer of {of} has no name"),
            Self::PastTheEnd(path) => {
                format!("`{path}` makes a peer of {of} that has no name")
            }
            Self::IllegalName(name) => format!("peer name `{name}` of {of} is none that Cilium takes"),
            Self::Twice(name) => format!("peer `{name}` of {of} is listed twice"),
            Self::NoAddress(name) => format!("peer `{name}` of {of} has neither `address` nor `ips`"),
            Self::NoPort(name) => format!("peer `{name}` of {of} has no `port`"),
            Self::IllegalPort(name) => {
                format!("the port of peer `{name}` of {of} is no number from 1 to 65535")
            }
            Self::NoIp(name) => {
                format!("`ips` of peer `{name}` of {of} holds something that is no IP address")
            }
            Self::IpsNoList(name) => format!("`ips` of peer `{name}` of {of} is no list"),
            Self::HalfCertificate(name) => {
                format!("peer `{name}` of {of} has one of certificate and key, but not the other")
            }
            Self::EnabledTooEarly(name) => {
                format!("peer `{name}` of {of} is not switched off: charts before 1.19 pass over `enabled`")
            }
        }
    }

    fn label(&self) -> String {
        let label = match self {
            Self::NoList => "neither a list nor a map",
            Self::MapTooEarly => "a map",
            Self::NoName => "no `name` in this entry",
            Self::PastTheEnd(_) => "the list has no such entry",
            Self::IllegalName(_) => "at most 32 lower-case letters, digits and `-`",
            Self::Twice(_) => "the second of that name",
            Self::NoAddress(_) => "no `address` and no `ips` here",
            Self::NoPort(_) => "no `port` here, and there is no default",
            Self::IllegalPort(_) => "not a port",
            Self::NoIp(_) => "not an IP address",
            Self::IpsNoList(_) => "not a list",
            Self::HalfCertificate(_) => "`tls.cert` and `tls.key` only work together",
            Self::EnabledTooEarly(_) => "has no effect in this version",
        };
        label.to_owned()
    }

    fn help(&self) -> String {
        let help = match self {
            Self::NoList | Self::MapTooEarly => {
                "write a list with `name`, `address` or `ips`, and `port` for each peer"
            }
            Self::PastTheEnd(_) => "count the entries of the list from 0",
            Self::NoName | Self::IllegalName(_) => {
                "write the `cluster.name` that the peer has in its own values"
            }
            Self::Twice(_) => "keep one entry for each peer",
            Self::NoAddress(_) => "add the `address` of the peer's clustermesh-apiserver, or its `ips`",
            Self::NoPort(_) | Self::IllegalPort(_) => {
                "write the port of the peer's clustermesh-apiserver: 2379, or its node port"
            }
            Self::NoIp(_) | Self::IpsNoList(_) => {
                "list IP addresses under `ips`; a DNS name belongs into `address`"
            }
            Self::HalfCertificate(_) => "give both, or leave both out so that the common certificate is used",
            Self::EnabledTooEarly(_) => "remove the entry",
        };
        help.to_owned()
    }

    fn severity(&self) -> Option<Severity> {
        Some(match self {
            Self::HalfCertificate(_) | Self::EnabledTooEarly(_) | Self::Twice(_) => Severity::Warning,
            _ => Severity::Error,
        })
    }
}

fn check(context: &Context<'_>, findings: &mut Vec<Finding>) {
    let mut gathered = Gathered::new();
    for member in &context.mesh.members {
        if member.mesh_config.is_true() {
            for (fault, place) in faults(member) {
                gathered.add(place.edit_span(), fault, &member.name, place);
            }
        }
    }
    gathered.report(findings);
}

fn faults(member: &Member) -> Vec<(Fault, Place)> {
    let Some(list) = peering::list_of(member) else {
        return Vec::new();
    };
    let Some(values) = member.cilium.as_ref().map(|cilium| &cilium.values) else {
        return Vec::new();
    };
    if matches!(member.peers.value, Known::Malformed) {
        return vec![(Fault::NoList, list)];
    }
    if list.node.is_mapping()
        && values.node(&PEERS).is_some()
        && !list.node.entries().is_empty()
        && member.version_at_least(1, 19) == Some(false)
    {
        return vec![(Fault::MapTooEarly, list)];
    }
    let mut faults = Vec::new();
    if let Some(fault) = past_the_end(member, &list.node) {
        return vec![fault];
    }
    if values.node(&PEERS).is_some() {
        let nameless = list
            .node
            .items()
            .iter()
            .filter(|entry| !entry.origin().is_unknown());
        let nameless = nameless.filter(|entry| entry.get("name").is_none_or(Node::is_null));
        faults.extend(nameless.map(|entry| (Fault::NoName, at(&list, entry, "name"))));
    }
    let mut seen = BTreeSet::new();
    for peer in member.peers.get().into_iter().flatten() {
        if seen.insert(&peer.name) {
            faults.extend(of_peer(member, peer));
        } else {
            faults.push((Fault::Twice(peer.name.clone()), peer.place.clone()));
        }
    }
    faults
}

/// A `targetPath` to an entry that only it makes. What else is wrong with the list then comes from it.
fn past_the_end(member: &Member, list: &Node) -> Option<(Fault, Place)> {
    let release = member.cilium.as_ref()?.carrier.as_ref()?;
    let nameless = |entry: &Node| !entry.origin().is_unknown() && entry.get("name").is_none_or(Node::is_null);
    let first = list.items().iter().position(nameless)?;
    let start = format!("{}[", PEERS.join("."));
    let sources = release
        .node
        .at(&["spec", "valuesFrom"])
        .map_or(&[][..], Node::items);
    sources.iter().enumerate().find_map(|(at, source)| {
        let path = source.get("targetPath")?;
        let index: usize = path
            .as_text()?
            .strip_prefix(&start)?
            .split_once(']')?
            .0
            .parse()
            .ok()?;
        let place = Place::in_object(release, path, format!("spec.valuesFrom[{at}].targetPath"));
        let entry = list.items().get(index)?;
        (index >= first && nameless(entry)).then(|| {
            (
                Fault::PastTheEnd(path.as_text().unwrap_or_default().to_owned()),
                place,
            )
        })
    })
}

fn of_peer(member: &Member, peer: &Peer) -> Vec<(Fault, Place)> {
    let name = || peer.name.clone();
    let field = |key| peering::field(peer, key);
    let mut faults = Vec::new();
    if !peering::is_legal(&peer.name) {
        faults.push((Fault::IllegalName(name()), peer.place.clone()));
    }
    match (&peer.ips, &peer.address) {
        (Known::Absent, Known::Absent) => faults.push((Fault::NoAddress(name()), peer.place.clone())),
        (Known::Malformed, _) => faults.push((Fault::IpsNoList(name()), field("ips"))),
        (Known::Stated(ips), _) => {
            let wrong = ips
                .items()
                .iter()
                .filter(|ip| ip.as_text().is_none_or(|text| text.parse::<IpAddr>().is_err()));
            faults.extend(wrong.map(|ip| (Fault::NoIp(name()), at(&peer.place, ip, "ips"))));
        }
        _ => {}
    }
    match &peer.port {
        Known::Absent => faults.push((Fault::NoPort(name()), peer.place.clone())),
        Known::Stated(port) if !is_port(port) => faults.push((Fault::IllegalPort(name()), field("port"))),
        _ => {}
    }
    let filled = |key| {
        peer.entry.at(&["tls", key]).is_some_and(|node| {
            node.origin().is_unknown() || node.as_text().is_some_and(|text| !text.is_empty())
        })
    };
    if filled("cert") != filled("key") {
        faults.push((Fault::HalfCertificate(name()), field("tls")));
    }
    let off = peer.entry.get("enabled").and_then(Node::as_bool) == Some(false);
    if off && member.version_at_least(1, 19) == Some(false) {
        faults.push((Fault::EnabledTooEarly(name()), field("enabled")));
    }
    faults
}

fn at(place: &Place, node: &Node, key: &str) -> Place {
    let mut place = place.clone();
    place.node = node.clone();
    place.route = format!("{}.{key}", place.route);
    place
}

/// The template prints what stands there, so a number in quotes is a port as well.
fn is_port(node: &Node) -> bool {
    node.as_text()
        .is_some_and(|text| text.parse::<u16>().is_ok_and(|port| port > 0))
}
