//! Which chart a HelmRelease installs, and in which version.

use super::index::ClusterIndex;
use super::kind::GroupKind;
use crate::flux::known_text;
use crate::kustomize::Object;
use crate::yaml::Node;

/// The name of a release's chart.
pub(crate) fn chart_of<'a>(cluster: &ClusterIndex<'a>, release: &'a Object) -> Option<&'a str> {
    if let Some(chart) = release.node.text_at(&["spec", "chart", "spec", "chart"]) {
        return Some(chart.rsplit('/').next().unwrap_or(chart));
    }
    let url = referred(cluster, release)?.text_at(&["spec", "url"])?;
    url.trim_end_matches('/').rsplit('/').next()
}

/// The version of a release's chart, which may be a range.
pub(crate) fn version_of<'a>(cluster: &ClusterIndex<'a>, release: &'a Object) -> Option<&'a str> {
    if let Some(version) = release.node.at(&["spec", "chart", "spec", "version"]) {
        return known_text(version);
    }
    let reference = referred(cluster, release)?.at(&["spec", "ref"])?;
    known_text(reference.get("tag").or_else(|| reference.get("semver"))?)
}

/// What `spec.chartRef` names.
fn referred<'a>(cluster: &ClusterIndex<'a>, release: &'a Object) -> Option<&'a Node> {
    let name = release.node.text_at(&["spec", "chartRef", "name"])?;
    let kind = GroupKind::source(release.node.text_at(&["spec", "chartRef", "kind"])?);
    let sources = cluster.named(kind, name).iter();
    let mut nodes = sources.map(|placed| &placed.object.node);
    nodes.find(|node| node.text_at(&["spec", "url"]).is_some())
}
