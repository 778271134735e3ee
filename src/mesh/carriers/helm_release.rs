//! HelmReleases of the Cilium chart.

use std::sync::Arc;

use super::{Installation, version};
use crate::fleet::Cluster;
use crate::kustomize::Object;
use crate::mesh::fact::{Place, Statement};
use crate::mesh::local;
use crate::mesh::values::CiliumValues;
use crate::yaml::Node;

/// The first HelmRelease of the Cilium chart that goes to this cluster itself. There is one Cilium in a cluster.
pub(super) fn installations(cluster: &Cluster) -> Vec<Installation> {
    let mut releases = local::objects_of(cluster, "HelmRelease")
        .map(|(_, object)| object)
        .filter(|object| object.node.at(&["spec", "kubeConfig"]).is_none());
    let first = releases.find_map(|object| Some((object, chart_version(cluster, object)?)));
    first
        .map(|(release, version)| installation(cluster, release, version))
        .into_iter()
        .collect()
}

fn installation(cluster: &Cluster, release: &Arc<Object>, version: Option<Place>) -> Installation {
    let target = release.node.text_at(&["spec", "targetNamespace"]);
    Installation {
        carrier: Some(Arc::clone(release)),
        values: CiliumValues::of_release(cluster, release),
        version: version::fact(version),
        release_namespace: target.or(release.namespace()).map(str::to_owned),
    }
}

/// Whether a HelmRelease installs the Cilium chart: `None` if not, else the place that states its version, if any.
fn chart_version(cluster: &Cluster, object: &Arc<Object>) -> Option<Option<Place>> {
    if let Some(chart) = object.node.at(&["spec", "chart", "spec"]) {
        let name = chart.text_at(&["chart"])?;
        let is_cilium = name == "cilium" || name.ends_with("/cilium");
        let version = chart
            .get("version")
            .map(|node| place(object, node, "spec.chart.spec.version"));
        return is_cilium.then_some(version);
    }
    let reference = object.node.at(&["spec", "chartRef"])?;
    let kind = reference.text_at(&["kind"])?;
    let name = reference.text_at(&["name"])?;
    let namespace = reference.text_at(&["namespace"]).or(object.namespace());
    let source = local::objects_of(cluster, kind)
        .map(|(_, source)| source)
        .find(|source| source.name() == name && (source.namespace() == namespace || namespace.is_none()));
    match source {
        Some(source) if kind == "HelmChart" => {
            let chart = source.node.text_at(&["spec", "chart"])?;
            let version = source.node.at(&["spec", "version"]);
            (chart == "cilium" || chart.ends_with("/cilium"))
                .then(|| version.map(|node| place(source, node, "spec.version")))
        }
        Some(source) => {
            let url = source.node.text_at(&["spec", "url"])?;
            let pinned = ["tag", "semver"]
                .into_iter()
                .find_map(|field| Some((field, source.node.at(&["spec", "ref", field])?)));
            let version = pinned.map(|(field, node)| place(source, node, &format!("spec.ref.{field}")));
            (url.trim_end_matches('/').ends_with("/cilium")).then_some(version)
        }
        // The source is not in the repository: only the release's name tells.
        None => (object.name() == "cilium").then_some(None),
    }
}

fn place(object: &Object, node: &Node, route: &str) -> Place {
    Place {
        node: node.clone(),
        statement: Statement::HelmRelease,
        object: Some(object.reference()),
        route: route.to_owned(),
    }
}
