//! Flux's HelmRelease: of Cilium's chart, of one that a mirror calls otherwise, or of a chart that has Cilium below it.

use std::sync::Arc;

use super::look::{Look, doubt_nested, is_cilium_chart, is_named_after_cilium, place};
use super::{Installation, version};
use crate::fleet::Cluster;
use crate::helm::{HelmValues, LocalChart};
use crate::kustomize::Object;
use crate::mesh::fact::{Place, Statement};
use crate::mesh::values::{CiliumValues, Holder};
use crate::tables::cilium::telling;
use crate::yaml::Node;

/// The first HelmRelease that brings Cilium to this cluster itself.
pub(super) fn installations(look: &Look<'_>) -> Vec<Installation> {
    find(look).into_iter().collect()
}

fn find(look: &Look<'_>) -> Option<Installation> {
    let releases = look.cluster.objects_of("HelmRelease").map(|(_, object)| object);
    let mut here = releases.filter(|object| object.node.at(&["spec", "kubeConfig"]).is_none());
    here.find_map(|object| installation(look.cluster, object))
}

fn installation(cluster: &Cluster, object: &Arc<Object>) -> Option<Installation> {
    let mut values = cluster.helm_values(object);
    let chart = Chart::of(cluster, object, &values)?;
    if chart.key.is_none() {
        doubt_nested(&mut values);
    }
    let holder = Holder {
        object,
        statement: Statement::HelmRelease,
        root: "spec.values",
    };
    let values = match &chart.key {
        Some(key) => CiliumValues::below(cluster, values.below(key), &holder, key),
        None => CiliumValues::of(cluster, values, &holder),
    };
    let namespace = object
        .node
        .text_at(&["spec", "targetNamespace"])
        .or(object.namespace());
    Some(Installation {
        by: "helm-release",
        carrier: Some(Arc::clone(object)),
        release_namespace: namespace.map(str::to_owned),
        values,
        version: version::fact(chart.version),
    })
}

/// Cilium's chart in a release.
struct Chart {
    version: Option<Place>,
    /// The key of its values, where it is a chart below another.
    key: Option<String>,
}

impl Chart {
    /// `None` for a release that has nothing to do with Cilium.
    fn of(cluster: &Cluster, object: &Arc<Object>, values: &HelmValues) -> Option<Self> {
        if let Some(local) = cluster.chart_of(object) {
            return Self::in_repository(local, object, values);
        }
        let (name, version) = named(cluster, object)?;
        let is_cilium = is_cilium_chart(&name)
            || [&*name, object.name()].into_iter().any(is_named_after_cilium)
                && telling::is_values(&values.tree);
        if is_cilium {
            return Some(Self { version, key: None });
        }
        let below = values
            .tree
            .get("cilium")
            .filter(|below| telling::is_values(below));
        below
            .filter(|below| telling::names_its_cluster(below))
            .map(|_| Self {
                version: None,
                key: Some("cilium".to_owned()),
            })
    }

    fn in_repository(chart: &LocalChart, object: &Object, values: &HelmValues) -> Option<Self> {
        let pinned = |version: &Option<Node>| {
            let node = version.as_ref()?;
            Some(Place {
                object: None,
                ..place(object, node, Statement::HelmRelease, "version")
            })
        };
        if chart.name == "cilium" {
            return Some(Self {
                version: pinned(&chart.version),
                key: None,
            });
        }
        let mut below = chart.dependencies.iter();
        let cilium = below.find(|one| one.name == "cilium" && one.is_installed(&values.tree))?;
        Some(Self {
            version: pinned(&cilium.version),
            key: Some(cilium.key.clone()),
        })
    }
}

/// What the release calls its chart, and what states its version. A source that is not in the repository leaves the name of
/// the release.
fn named(cluster: &Cluster, object: &Arc<Object>) -> Option<(String, Option<Place>)> {
    if let Some(chart) = object.node.at(&["spec", "chart", "spec"]) {
        let version = chart
            .get("version")
            .map(|node| place(object, node, Statement::HelmRelease, "spec.chart.spec.version"));
        return Some((chart.text_at(&["chart"])?.to_owned(), version));
    }
    let reference = object.node.at(&["spec", "chartRef"])?;
    let kind = reference.text_at(&["kind"])?;
    let name = reference.text_at(&["name"])?;
    let namespace = reference.text_at(&["namespace"]).or(object.namespace());
    let source = cluster
        .objects_of(kind)
        .map(|(_, source)| source)
        .find(|source| source.name() == name && (source.namespace() == namespace || namespace.is_none()));
    let Some(source) = source else {
        return Some((object.name().to_owned(), None));
    };
    let at = |node: &Node, route: &str| place(source, node, Statement::HelmRelease, route);
    if kind == "HelmChart" {
        let version = source.node.at(&["spec", "version"]);
        let version = version.map(|node| at(node, "spec.version"));
        return Some((source.node.text_at(&["spec", "chart"])?.to_owned(), version));
    }
    let pinned = ["tag", "semver"]
        .into_iter()
        .find_map(|field| Some((field, source.node.at(&["spec", "ref", field])?)));
    let version = pinned.map(|(field, node)| at(node, &format!("spec.ref.{field}")));
    Some((source.node.text_at(&["spec", "url"])?.to_owned(), version))
}
