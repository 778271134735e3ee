//! Which HelmRelease of a cluster installs Cilium, and which version of the chart.

use std::sync::Arc;

use semver::Version;

use super::local;
use super::model::{Cilium, Evidence, Fact, Known, Place, Statement};
use super::values::CiliumValues;
use crate::fleet::{Cluster, LooseValues};
use crate::kustomize::Object;
use crate::unknown::UnknownReason;
use crate::yaml::Node;

/// A HelmRelease of the Cilium chart, with the node that states the chart's version.
struct Release<'a> {
    object: &'a Arc<Object>,
    version: Option<Place>,
}

/// The Cilium of a cluster and its chart version: the HelmRelease's, else the first values file's.
pub(super) fn cilium_of(cluster: &Cluster) -> (Option<Cilium>, Fact<Version>) {
    if let Some(release) = find(cluster) {
        let values = CiliumValues::of_release(cluster, release.object);
        let cilium = Cilium {
            release: Some(Arc::clone(release.object)),
            values,
        };
        return (
            Some(cilium),
            release.version.map_or_else(unresolved, version_fact),
        );
    }
    match cluster.loose_values.first() {
        Some(loose) => (
            Some(Cilium {
                release: None,
                values: CiliumValues::of_file(&loose.values),
            }),
            loose_version(loose),
        ),
        None => (None, unresolved()),
    }
}

fn unresolved() -> Fact<Version> {
    Fact::unknown(UnknownReason::Chart)
}

fn loose_version(loose: &LooseValues) -> Fact<Version> {
    loose.chart_version.as_ref().map_or_else(unresolved, |node| {
        version_fact(Place {
            node: node.clone(),
            statement: Statement::Bootstrap,
            object: None,
            route: "version".to_owned(),
        })
    })
}

fn version_fact(place: Place) -> Fact<Version> {
    let version = parse_version(place.text());
    Fact {
        value: match &version {
            _ if place.node.origin().is_unknown() => Known::Unknown(UnknownReason::External),
            Some(version) => Known::Stated(version.clone()),
            None => Known::Unknown(UnknownReason::Chart),
        },
        evidence: vec![Evidence {
            value: version,
            place,
        }],
    }
}

/// The version that a text pins: `1.18.3`, `v1.18.3`, `1.18.3@sha256:…`. Of a range only one that stays within a
/// minor (`1.18.x`, `~1.18.2`) tells enough: what the rules ask for is the minor.
fn parse_version(text: &str) -> Option<Version> {
    let text = text.split('@').next().unwrap_or_default().trim();
    let text = text.strip_prefix(['~', '=']).unwrap_or(text).trim();
    let text = text.strip_prefix('v').unwrap_or(text);
    if let Ok(version) = Version::parse(text) {
        return Some(version);
    }
    let mut parts = text.split('.');
    let major = parts.next()?.parse().ok()?;
    let minor = parts.next()?.parse().ok()?;
    match (parts.next(), parts.next()) {
        (None | Some("x" | "X" | "*"), None) => Some(Version::new(major, minor, 0)),
        _ => None,
    }
}

/// The first HelmRelease of the Cilium chart that goes to this cluster itself.
fn find(cluster: &Cluster) -> Option<Release<'_>> {
    local::objects_of(cluster, "HelmRelease")
        .filter(|(_, object)| object.node.at(&["spec", "kubeConfig"]).is_none())
        .find_map(|(_, object)| {
            let version = chart_version(cluster, object)?;
            Some(Release { object, version })
        })
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_that_pin_a_minor_are_read() {
        for text in ["1.18.3", "v1.18.3", "1.18.3@sha256:0123", " =1.18.3", "~1.18.3"] {
            assert_eq!(parse_version(text), Some(Version::new(1, 18, 3)), "{text}");
        }
        for text in ["1.18.x", "1.18.*", "~1.18", "1.18"] {
            assert_eq!(parse_version(text), Some(Version::new(1, 18, 0)), "{text}");
        }
        for text in ["", "*", ">=1.16.0", "^1.16.0", "1.x", "latest", "1.18.x.y"] {
            assert_eq!(parse_version(text), None, "{text}");
        }
        assert_eq!(
            parse_version("1.19.0-rc.1").map(|version| (version.major, version.minor)),
            Some((1, 19))
        );
    }
}
