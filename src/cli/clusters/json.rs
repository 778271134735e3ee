//! The clusters as JSON, with the evidence for every fact.

use std::collections::BTreeMap;
use std::io::{self, Write};

use serde::Serialize;

use super::facts::{Shown, shown};
use crate::flux::{Cluster, Delivery};
use crate::mesh::{Group, Known, Member, Mesh};
use crate::sink::count_unknown;
use crate::source::SourceMap;

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
    delivery: &'static str,
    facts: BTreeMap<&'static str, FactDocument>,
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
    path: String,
    line: usize,
    column: usize,
    text: String,
}

#[derive(Serialize)]
struct MeshDocument<'a> {
    members: Vec<&'a str>,
    connected: Vec<&'a str>,
    external: &'a [String],
}

pub(super) fn write(mesh: &Mesh<'_>, sources: &SourceMap, out: &mut dyn Write) -> io::Result<()> {
    let described = |member: &&Member| mesh.fleet.clusters.get(member.cluster).is_some();
    let clusters = mesh.members.iter().filter(described);
    let document = Document {
        version: 1,
        clusters: clusters
            .filter_map(|one| Some(cluster(one, mesh.fleet.clusters.get(one.cluster)?, sources)))
            .collect(),
        meshes: mesh.groups.iter().map(|group| relation(mesh, group)).collect(),
    };
    serde_json::to_writer_pretty(&mut *out, &document)?;
    writeln!(out)
}

fn cluster<'a>(member: &'a Member, cluster: &'a Cluster, sources: &SourceMap) -> ClusterDocument<'a> {
    ClusterDocument {
        name: &cluster.name,
        entry: cluster.entry.to_string(),
        delivery: match cluster.delivery {
            Delivery::Flux => "flux",
            Delivery::Values => "values",
        },
        facts: shown(member)
            .into_iter()
            .map(|shown| (shown.name, fact(shown, sources)))
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

fn fact(shown: Shown, sources: &SourceMap) -> FactDocument {
    let (state, values, reason) = match shown.value {
        Known::Stated(values) => ("stated", values, None),
        Known::Default(values) => ("default", values, None),
        Known::Absent => ("absent", Vec::new(), None),
        Known::Malformed => ("malformed", Vec::new(), None),
        Known::Unknown(reason) => ("unknown", Vec::new(), Some(reason.as_str())),
    };
    let evidence = shown.evidence.into_iter().map(|statement| {
        let file = sources.file(statement.span.file);
        let at = file.line_column(statement.span.start);
        EvidenceDocument {
            by: statement.by,
            path: file.path().to_string(),
            line: at.line,
            column: at.column,
            text: statement.text,
        }
    });
    FactDocument {
        state,
        values,
        reason,
        evidence: evidence.collect(),
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
