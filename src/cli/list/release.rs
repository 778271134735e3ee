//! The chart of a HelmRelease.

use std::collections::HashMap;

use crate::fleet::Cluster;
use crate::kustomize::Object;
use crate::yaml::Node;

/// A HelmRelease with its chart.
pub(super) struct Release<'a> {
    pub(super) object: &'a Object,
    /// Position of the Kustomization that applies it.
    pub(super) owner: usize,
    pub(super) chart: Option<String>,
    pub(super) version: Option<String>,
    /// `HelmRepository kube-system/cilium`
    pub(super) source: Option<String>,
}

/// What a HelmRelease may take its chart from.
const SOURCES: [&str; 5] = [
    "HelmRepository",
    "HelmChart",
    "GitRepository",
    "OCIRepository",
    "Bucket",
];

/// Objects by kind, namespace and name.
type Sources<'a> = HashMap<(&'a str, Option<&'a str>, &'a str), &'a Object>;

/// Every HelmRelease of a cluster.
pub(super) fn releases(cluster: &Cluster) -> Vec<Release<'_>> {
    let objects = cluster.objects().map(|(_, object)| &**object);
    let sources = objects.filter(|object| SOURCES.contains(&object.kind()));
    let sources = sources
        .map(|one| ((one.kind(), one.namespace(), one.name()), one))
        .collect();
    let objects = cluster.objects_of("HelmRelease");
    objects
        .map(|(owner, object)| release(&sources, owner, object))
        .collect()
}

fn release<'a>(sources: &Sources<'_>, owner: usize, object: &'a Object) -> Release<'a> {
    let node = &object.node;
    let of_spec = ["spec", "chart", "spec"];
    let text = |keys: &[&str]| node.text_at(keys).map(str::to_owned);
    let inline = node.at(&of_spec);
    let reference = inline
        .and_then(|spec| spec.get("sourceRef"))
        .or_else(|| node.at(&["spec", "chartRef"]));
    let found = reference.and_then(|reference| referred(sources, object, reference));
    let of_source = |keys: &[&str]| {
        found
            .and_then(|found| found.node.text_at(keys))
            .map(str::to_owned)
    };
    let (chart, version) = if inline.is_some() {
        (
            text(&["spec", "chart", "spec", "chart"]),
            text(&["spec", "chart", "spec", "version"]),
        )
    } else {
        let url = of_source(&["spec", "url"]);
        let last = url
            .as_deref()
            .and_then(|url| url.trim_end_matches('/').rsplit('/').next());
        let chart = of_source(&["spec", "chart"]).or_else(|| last.map(str::to_owned));
        let tags = [
            &["spec", "ref", "tag"][..],
            &["spec", "ref", "semver"],
            &["spec", "version"],
        ];
        (chart, tags.into_iter().find_map(of_source))
    };
    Release {
        object,
        owner,
        chart,
        version,
        source: reference.and_then(|reference| name(object, reference)),
    }
}

/// `kind namespace/name` of a reference.
fn name(object: &Object, reference: &Node) -> Option<String> {
    let (kind, name) = (reference.text_at(&["kind"])?, reference.text_at(&["name"])?);
    let own = object.namespace().unwrap_or_default();
    let namespace = reference.text_at(&["namespace"]).unwrap_or(own);
    Some(format!("{kind} {namespace}/{name}"))
}

fn referred<'a>(sources: &Sources<'a>, object: &Object, reference: &Node) -> Option<&'a Object> {
    let (kind, name) = (reference.text_at(&["kind"])?, reference.text_at(&["name"])?);
    let namespace = reference.text_at(&["namespace"]).or(object.namespace());
    sources.get(&(kind, namespace, name)).copied()
}
