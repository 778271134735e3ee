//! The clusters as JSON. `schema/meshlint-list-v1.json` describes it.

use std::io::{self, Write};

use serde::Serialize;

use super::super::place::Place;
use super::about::{is_broken, source, waits_for};
use super::release::{Release, releases};
use crate::finding::ObjectRef;
use crate::fleet::{Cluster, Delivery};
use crate::flux::Kustomization;
use crate::neutral::to_json;
use crate::source::SourceMap;

#[derive(Serialize)]
struct Document<'a> {
    version: u32,
    clusters: Vec<ClusterDocument<'a>>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct ClusterDocument<'a> {
    name: &'a str,
    entry: String,
    delivery: &'static str,
    kustomizations: Vec<KustomizationDocument<'a>>,
    helm_releases: Vec<ReleaseDocument>,
    #[serde(skip_serializing_if = "Option::is_none")]
    objects: Option<Vec<ObjectDocument>>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct KustomizationDocument<'a> {
    namespace: &'a str,
    name: &'a str,
    parent: Option<String>,
    path: Option<String>,
    source: &'static str,
    address: Option<&'a str>,
    depends_on: Vec<String>,
    objects: usize,
    suspended: bool,
    remote: bool,
    hub: Option<&'a str>,
    broken: bool,
    place: Place,
}

#[derive(Serialize)]
struct ReleaseDocument {
    namespace: Option<String>,
    name: String,
    chart: Option<String>,
    version: Option<String>,
    source: Option<String>,
    kustomization: Option<String>,
    place: Place,
}

#[derive(Serialize)]
struct ObjectDocument {
    #[serde(flatten)]
    object: ObjectRef,
    kustomization: Option<String>,
    place: Place,
}

pub(super) fn write(
    clusters: &[&Cluster],
    objects: bool,
    sources: &SourceMap,
    out: &mut dyn Write,
) -> io::Result<()> {
    let document = Document {
        version: 1,
        clusters: clusters
            .iter()
            .map(|one| cluster(one, objects, sources))
            .collect(),
    };
    to_json(out, &document)
}

fn cluster<'a>(cluster: &'a Cluster, objects: bool, sources: &SourceMap) -> ClusterDocument<'a> {
    let all = || {
        let objects = cluster.objects().map(|(owner, object)| ObjectDocument {
            object: object.reference(),
            kustomization: full_name(cluster, owner),
            place: Place::of(sources, object.node.span()),
        });
        objects.collect()
    };
    ClusterDocument {
        name: &cluster.name,
        entry: cluster.entry.to_string(),
        delivery: match cluster.delivery {
            Delivery::Flux => "flux",
            Delivery::Values => "values",
        },
        kustomizations: cluster
            .kustomizations
            .iter()
            .enumerate()
            .map(|(at, one)| kustomization(cluster, at, one, sources))
            .collect(),
        helm_releases: releases(cluster)
            .into_iter()
            .map(|one| release(cluster, one, sources))
            .collect(),
        objects: objects.then(all),
    }
}

fn kustomization<'a>(
    cluster: &Cluster,
    at: usize,
    owner: &'a Kustomization,
    sources: &SourceMap,
) -> KustomizationDocument<'a> {
    let (word, address) = source(owner);
    KustomizationDocument {
        namespace: &owner.namespace,
        name: &owner.name,
        parent: owner.parent.and_then(|parent| full_name(cluster, parent)),
        path: owner.path.as_ref().map(ToString::to_string),
        source: word,
        address,
        depends_on: waits_for(owner),
        objects: owner.objects.len(),
        suspended: owner.suspended,
        remote: !cluster.delivers_here(at),
        hub: owner.hub.as_deref(),
        broken: is_broken(owner),
        place: Place::of(sources, owner.object.name_span()),
    }
}

fn release(cluster: &Cluster, release: Release<'_>, sources: &SourceMap) -> ReleaseDocument {
    ReleaseDocument {
        namespace: release.object.namespace().map(str::to_owned),
        name: release.object.name().to_owned(),
        chart: release.chart,
        version: release.version,
        source: release.source,
        kustomization: full_name(cluster, release.owner),
        place: Place::of(sources, release.object.name_span()),
    }
}

fn full_name(cluster: &Cluster, at: usize) -> Option<String> {
    cluster.kustomizations.get(at).map(Kustomization::full_name)
}
