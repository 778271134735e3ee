use std::collections::BTreeMap;

use crate::finding::{Finding, Severity};
use crate::fleet::Cluster;
use crate::kustomize::Object;
use crate::mesh::peering::Peering;
use crate::mesh::{Member, Mesh, Place};
use crate::rules::gather::Gathered;
use crate::rules::places::{self, Told};
use crate::rules::words;
use crate::rules::{Category, Context, Rule};
use crate::source::Span;
use crate::yaml::Node;

/// The node port of the API server is taken, out of range, or the same as that of a peer.
pub(crate) static RULE: Rule = Rule {
    name: "apiserver-nodeport-conflict",
    category: Category::Mesh,
    severity: Severity::Warning,
    pedantic: false,
    since: "0.1.0",
    page: include_str!("../../../rules/mesh/apiserver-nodeport-conflict.md"),
    check,
};

const NODE_PORT: [&str; 4] = ["clustermesh", "apiserver", "service", "nodePort"];
/// How many clusters with one port are pointed at.
const SHOWN: usize = 6;
const RANGE: std::ops::RangeInclusive<i64> = 30000..=32767;

/// What is wrong with it.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
enum Fault {
    OutOfRange(i64),
    Taken(i64, String),
}

impl Told for Fault {
    fn message(&self, _: &Place, clusters: &[String]) -> String {
        let of = words::clusters(clusters);
        match self {
            Self::OutOfRange(port) => format!("node port {port} of {of} is not from 30000 to 32767"),
            Self::Taken(port, other) => format!("node port {port} of {of} belongs to Service `{other}`, too"),
        }
    }

    fn label(&self) -> String {
        let label = match self {
            Self::OutOfRange(_) => "out of the range that Kubernetes gives node ports from",
            Self::Taken(..) => "taken",
        };
        label.to_owned()
    }

    fn help(&self) -> String {
        let help = match self {
            Self::OutOfRange(_) => {
                "choose a port from 30000 to 32767, unless the API server of Kubernetes has another range"
            }
            Self::Taken(..) => "choose another port for one of the two",
        };
        help.to_owned()
    }
}

fn check(context: &Context<'_>, findings: &mut Vec<Finding>) {
    let mut gathered = Gathered::new();
    let mut add = |member: &Member, fault: Fault| {
        if let Some(place) = member.place_of(&NODE_PORT) {
            gathered.add(place.edit_span(), fault, &member.name, place);
        }
    };
    for member in &context.mesh.members {
        let Some(port) = node_port(member) else { continue };
        if !RANGE.contains(&port) {
            add(member, Fault::OutOfRange(port));
        }
        let cluster = context.fleet.clusters.get(member.cluster);
        let own = member.place_of(&NODE_PORT).map(|place| place.node.span());
        if let Some(other) = cluster.and_then(|cluster| taken_by(cluster, port, own)) {
            add(member, Fault::Taken(port, other.name().to_owned()));
        }
    }
    gathered.report(findings);
    findings.extend(
        shared_ports(context.mesh)
            .iter()
            .filter_map(|(port, members)| shared(*port, members)),
    );
}

/// Node ports at which a cluster would answer itself instead of the peer it dials, with the clusters that have them.
fn shared_ports<'m>(mesh: &'m Mesh<'_>) -> Vec<(i64, BTreeMap<usize, &'m Member>)> {
    let mut by_port: BTreeMap<(Option<usize>, i64), BTreeMap<usize, &Member>> = BTreeMap::new();
    for link in Peering::of(mesh).links() {
        // Cilium before 1.19: the warning beside `nodePort` in the chart's values names cilium/cilium#24692.
        let is_old = link.from.version_at_least(1, 19) == Some(false);
        let (Some(own), Some(theirs)) = (node_port(link.from), node_port(link.to)) else {
            continue;
        };
        let dialled = link
            .peer
            .entry
            .get("port")
            .and_then(Node::as_text)
            .and_then(|text| text.parse::<i64>().ok());
        if is_old && own == theirs && dialled == Some(own) && link.from.offer.kube_proxy_replacement.is_true()
        {
            let group = mesh
                .group_of(link.from.cluster)
                .and_then(|group| group.members.first());
            let members = by_port.entry((group.copied(), own)).or_default();
            members.extend([link.from, link.to].map(|member| (member.cluster, member)));
        }
    }
    let ports = by_port.into_iter().map(|((_, port), members)| (port, members));
    ports.collect()
}

fn shared(port: i64, members: &BTreeMap<usize, &Member>) -> Option<Finding> {
    let names: Vec<&str> = members.values().map(|member| member.name.as_str()).collect();
    let message = format!(
        "{}, peers of each other, have the same node port {port}",
        words::clusters(&names)
    );
    let mut places: Vec<(&str, Place)> = members
        .values()
        .filter_map(|member| Some((member.name.as_str(), member.place_of(&NODE_PORT)?)))
        .collect();
    places.dedup_by_key(|(_, place)| place.edit_span());
    let mut places = places.iter();
    let label = |name: &str| format!("the port of `{name}`");
    let (name, place) = places.next()?;
    let first = places::at(message, place, label(name));
    let finding = places.take(SHOWN).fold(first, |finding, (name, place)| {
        places::also(finding, place, label(name))
    });
    let help = "give the API server of every cluster a node port of its own, and write it in the entries of its peers";
    Some(finding.help(help).clusters(names))
}

fn node_port(member: &Member) -> Option<i64> {
    let is_node_port = member
        .offer
        .service_type
        .get()
        .is_some_and(|kind| kind == "NodePort");
    let by_chart = member.offer.externally_created.get() != Some(&true);
    (member.api_server.is_true() && is_node_port && by_chart)
        .then(|| member.offer.node_port.get().copied())?
}

/// The Service of the cluster that asks for that port, other than where the port is read from.
fn taken_by(cluster: &Cluster, port: i64, own: Option<Span>) -> Option<&Object> {
    let asks = |object: &Object| {
        let ports = object
            .node
            .at(&["spec", "ports"])
            .map(Node::items)
            .unwrap_or_default();
        ports.iter().any(|one| {
            let asked = one.get("nodePort");
            asked.and_then(Node::as_int) == Some(port)
                && asked.map(Node::span) != own
                && matches!(one.text_at(&["protocol"]), None | Some("TCP"))
        })
    };
    cluster
        .objects_of("Service")
        .map(|(_, object)| &**object)
        .find(|object| asks(object))
}
