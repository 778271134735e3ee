//! The clusters as JSON, with the evidence for every fact. `schema/meshlint-clusters-v1.json` describes it.

use std::collections::BTreeMap;
use std::io::{self, Write};

use serde::Serialize;

use super::super::place::Place;
use super::selection::Described;
use crate::fleet::Delivery;
use crate::mesh::shown::{Shown, Statements, Value, shown};
use crate::mesh::{Group, Known, Member, Mesh, Peer};
use crate::neutral::to_json;
use crate::sink::count_unknown;
use crate::source::SourceMap;
use crate::yaml::Node;

#[derive(Serialize)]
struct Document<'a> {
    version: u32,
    clusters: Vec<ClusterDocument<'a>>,
    meshes: Vec<MeshDocument<'a>>,
}

#[derive(Serialize)]
struct ClusterDocument<'a> {
    name: &'a str,
    entry: String,
    entry_place: Option<Place>,
    delivery: &'static str,
    cilium: &'static str,
    facts: BTreeMap<&'static str, FactDocument>,
    peers: Vec<PeerDocument<'a>>,
    global_services: Vec<String>,
    kustomizations: usize,
    objects: usize,
    unknown: BTreeMap<&'static str, usize>,
}

#[derive(Serialize)]
struct FactDocument {
    state: &'static str,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    values: Vec<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    reason: Option<&'static str>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    evidence: Vec<EvidenceDocument>,
}

#[derive(Serialize)]
struct EvidenceDocument {
    by: &'static str,
    route: String,
    #[serde(flatten)]
    place: Place,
    text: String,
}

#[derive(Serialize)]
struct PeerDocument<'a> {
    name: &'a str,
    address: Option<&'a str>,
    ips: Vec<&'a str>,
    port: Option<&'a str>,
    place: Place,
}

#[derive(Serialize)]
struct MeshDocument<'a> {
    members: Vec<&'a str>,
    connected: Vec<&'a str>,
    external: &'a [String],
}

pub(super) fn write(
    mesh: &Mesh<'_>,
    described: &[Described<'_>],
    sources: &SourceMap,
    out: &mut dyn Write,
) -> io::Result<()> {
    let document = Document {
        version: 1,
        clusters: described.iter().map(|one| cluster(one, sources)).collect(),
        meshes: mesh.groups.iter().map(|group| relation(mesh, group)).collect(),
    };
    to_json(out, &document)
}

fn cluster<'a>(described: &Described<'a>, sources: &SourceMap) -> ClusterDocument<'a> {
    let Described { member, cluster } = described;
    ClusterDocument {
        name: &cluster.name,
        entry: cluster.entry.to_string(),
        entry_place: cluster.entry_span.map(|span| Place::of(sources, span)),
        delivery: match cluster.delivery {
            Delivery::Flux => "flux",
            Delivery::Values => "values",
        },
        cilium: installed_by(member),
        facts: shown(member)
            .into_iter()
            .map(|shown| (shown.name, fact(shown, sources)))
            .collect(),
        peers: (member.peers.get().into_iter().flatten())
            .map(|one| peer(one, sources))
            .collect(),
        global_services: member
            .global_services
            .iter()
            .map(|service| format!("{}/{}", service.namespace, service.name))
            .collect(),
        kustomizations: cluster.kustomizations.len(),
        objects: cluster.objects().count(),
        unknown: count_unknown(&[cluster]),
    }
}

fn installed_by(member: &Member) -> &'static str {
    match &member.cilium {
        Some(cilium) => cilium.by,
        None => "none",
    }
}

fn fact(shown: Shown, sources: &SourceMap) -> FactDocument {
    let (state, values, reason) = match shown.value {
        Value::Stated(values) => ("stated", values, None),
        Value::Default(values) => ("default", values, None),
        Value::Absent => ("absent", Vec::new(), None),
        Value::Malformed => ("malformed", Vec::new(), None),
        Value::Unknown(reason) => ("unknown", Vec::new(), Some(reason)),
    };
    let document = |statement: Statements| EvidenceDocument {
        by: statement.by,
        route: statement.route,
        place: Place::of(sources, statement.span),
        text: statement.text,
    };
    FactDocument {
        state,
        values,
        reason,
        evidence: shown.evidence.into_iter().map(document).collect(),
    }
}

fn peer<'a>(peer: &'a Peer, sources: &SourceMap) -> PeerDocument<'a> {
    let text = |known: &'a Known<Node>| match known {
        Known::Stated(node) => node.as_text(),
        _ => None,
    };
    PeerDocument {
        name: &peer.name,
        address: text(&peer.address),
        ips: match &peer.ips {
            Known::Stated(list) => list.items().iter().filter_map(Node::as_text).collect(),
            _ => Vec::new(),
        },
        port: text(&peer.port),
        place: Place::of(sources, peer.place.edit_span()),
    }
}

fn relation<'a>(mesh: &'a Mesh<'_>, group: &'a Group) -> MeshDocument<'a> {
    let names = |positions: &[usize]| {
        positions
            .iter()
            .filter_map(|at| mesh.members.get(*at))
            .map(|member| member.name.as_str())
            .collect()
    };
    MeshDocument {
        members: names(&group.members),
        connected: names(&group.connected),
        external: &group.external,
    }
}
