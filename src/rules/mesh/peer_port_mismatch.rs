use std::collections::{BTreeMap, BTreeSet};
use std::net::IpAddr;

use crate::finding::{Finding, Severity};
use crate::fleet::Cluster;
use crate::mesh::peering::{self, Link, Peering};
use crate::mesh::{Known, Member, Place};
use crate::rules::places;
use crate::rules::words;
use crate::rules::{Category, Context, Rule};
use crate::source::Span;
use crate::yaml::Node;

/// A cluster dials a port that its peer does not offer.
pub(crate) static RULE: Rule = Rule {
    name: "peer-port-mismatch",
    category: Category::Mesh,
    severity: Severity::Error,
    pedantic: false,
    since: "0.1.0",
    page: include_str!("../../../rules/mesh/peer-port-mismatch.md"),
    check,
};

const TYPE: [&str; 4] = ["clustermesh", "apiserver", "service", "type"];
/// How many entries are pointed at.
const SHOWN: usize = 6;
const SELECTED: &str = "clustermesh-apiserver";

/// What a cluster offers.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
struct Offer {
    port: i64,
    service_type: String,
}

/// Entries with a port that the same value of the peers rules out.
struct Miss<'m> {
    callers: BTreeSet<&'m str>,
    peers: BTreeSet<&'m str>,
    to: &'m Member,
    service: Place,
    entries: BTreeMap<Span, Place>,
    /// Whether what is dialled is surely the peer itself: a proxy elsewhere might offer any port.
    is_proven: bool,
}

fn message(miss: &Miss<'_>, port: i64, offer: &Offer) -> String {
    let callers: Vec<&str> = miss.callers.iter().copied().collect();
    let peers: Vec<&str> = miss.peers.iter().copied().collect();
    let theirs = if peers.len() == 1 {
        "its API server is"
    } else {
        "their API servers are"
    };
    format!(
        "{} dial{} {} on port {port}, but {theirs} of type {} with port {}",
        words::clusters(&callers),
        words::s(&callers),
        words::all_of(&peers),
        offer.service_type,
        offer.port
    )
}

fn help(miss: &Miss<'_>, port: i64, offer: &Offer) -> String {
    let write = format!("write `port: {}`", offer.port);
    match miss.is_proven {
        true => format!("{write}, or change the type of the Service to one that offers the port"),
        false => {
            format!(
                "{write}, unless something at that address takes connections on {port} and passes them on"
            )
        }
    }
}

fn check(context: &Context<'_>, findings: &mut Vec<Finding>) {
    let offers: Vec<Option<Offer>> = context
        .mesh
        .members
        .iter()
        .map(|member| offer(member, context.fleet.clusters.get(member.cluster)?))
        .collect();
    let mut misses: BTreeMap<(Span, &Offer, i64, bool), Miss<'_>> = BTreeMap::new();
    for link in Peering::of(context.mesh).links() {
        let Some(Some(offer)) = offers.get(link.to.cluster) else {
            continue;
        };
        let Known::Stated(node) = &link.peer.port else {
            continue;
        };
        let port = node.as_text().and_then(|text| text.parse::<i64>().ok());
        let Some(port) = port.filter(|port| *port != offer.port) else {
            continue;
        };
        let Some(service) = link.to.place_of(&TYPE) else {
            continue;
        };
        let is_proven = dials_the_peer_itself(link);
        let miss = misses
            .entry((service.edit_span(), offer, port, is_proven))
            .or_insert_with(|| Miss {
                callers: BTreeSet::new(),
                peers: BTreeSet::new(),
                to: link.to,
                service,
                entries: BTreeMap::new(),
                is_proven,
            });
        miss.callers.insert(&link.from.name);
        miss.peers.insert(&link.to.name);
        let entry = peering::field(link.peer, "port");
        miss.entries.insert(entry.edit_span(), entry);
    }
    findings.extend(
        misses
            .iter()
            .filter_map(|((_, offer, port, _), miss)| finding(miss, *port, offer)),
    );
}

/// Whether the repository shows that the address is one of the peer's own: an address that its Service asks for or that
/// lies among its nodes, or a name that its Service asks for.
fn dials_the_peer_itself(link: Link<'_>) -> bool {
    let asked = link.to.offer.addresses.stated().map_or(&[][..], Vec::as_slice);
    let nodes = link.to.node_cidrs.stated().map_or(&[][..], Vec::as_slice);
    let is_its_own = |address: IpAddr| {
        asked.contains(&address)
            || nodes
                .iter()
                .any(|range| range.first <= address && address <= range.last)
    };
    let address = |node: &Node| node.as_text().and_then(|text| text.parse().ok());
    match (&link.peer.ips, &link.peer.address) {
        (Known::Stated(ips), _) => ips.items().iter().filter_map(address).any(is_its_own),
        (Known::Absent, Known::Stated(name)) => match address(name) {
            Some(address) => is_its_own(address),
            None => {
                let names = link.to.offer.hostnames.stated().map_or(&[][..], Vec::as_slice);
                let dialled = name.as_text().unwrap_or_default().trim_end_matches('.');
                names.iter().any(|one| one.eq_ignore_ascii_case(dialled))
            }
        },
        _ => false,
    }
}

fn finding(miss: &Miss<'_>, port: i64, offer: &Offer) -> Option<Finding> {
    let mut entries = miss.entries.values();
    let first = entries.next()?;
    let label = || format!("{} is offered", offer.port);
    let finding = places::at(message(miss, port, offer), first, label());
    let finding = entries
        .take(SHOWN)
        .fold(finding, |finding, place| places::also(finding, place, label()));
    let finding = places::also(finding, &miss.service, type_label(miss.to, &miss.service));
    Some(
        finding
            .help(help(miss, port, offer))
            .severity(if miss.is_proven {
                Severity::Error
            } else {
                Severity::Warning
            })
            .clusters(miss.callers.iter().chain(&miss.peers).copied()),
    )
}

fn type_label(member: &Member, place: &Place) -> String {
    match member.offer.service_type.stated() {
        Some(_) => format!("the type in `{}`", member.name),
        None => format!(
            "`{}` sets no {}, so it is NodePort",
            member.name,
            place.route.rsplit('.').next().unwrap_or("type")
        ),
    }
}

/// The one port of the chart's Service, unless something else may offer more.
fn offer(member: &Member, cluster: &Cluster) -> Option<Offer> {
    let offer = &member.offer;
    if !member.api_server.is_true()
        || offer.externally_created.get() != Some(&false)
        || has_another_way(cluster)
    {
        return None;
    }
    let service_type = offer.service_type.get()?;
    let port = match service_type.as_str() {
        "NodePort" => *offer.node_port.get()?,
        // The port of the Service can be set from 1.21 on.
        "LoadBalancer" | "ClusterIP" => match member.version_at_least(1, 21) {
            Some(true) => *offer.port.get()?,
            Some(false) => 2379,
            None if offer.port.stated().is_none() => 2379,
            None => return None,
        },
        _ => return None,
    };
    Some(Offer {
        port,
        service_type: service_type.clone(),
    })
}

/// Whether another Service selects the API server, or a route leads to it.
fn has_another_way(cluster: &Cluster) -> bool {
    cluster.objects().any(|(_, object)| match object.kind() {
        // That of its own name is the chart's, rendered.
        "Service" => {
            object.node.text_at(&["spec", "selector", "k8s-app"]) == Some(SELECTED)
                && object.name() != SELECTED
        }
        "TLSRoute" | "TCPRoute" | "IngressRouteTCP" | "Ingress" | "VirtualService" => mentions(&object.node),
        _ => false,
    })
}

fn mentions(node: &Node) -> bool {
    node.as_text().is_some_and(|text| text.contains(SELECTED))
        || node.items().iter().any(mentions)
        || node.entries().iter().any(|entry| mentions(&entry.value))
}
