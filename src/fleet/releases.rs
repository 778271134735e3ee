//! The values of the HelmReleases of a cluster.

use std::collections::BTreeMap;

use super::Cluster;
use crate::helm::HelmValues;
use crate::kustomize::Object;
use crate::source::SourceMap;

/// The values of every HelmRelease of the cluster that takes some from elsewhere, by namespace and name.
pub(crate) fn values_of(cluster: &Cluster, sources: &SourceMap) -> BTreeMap<(String, String), HelmValues> {
    let releases = cluster.objects_of("HelmRelease").map(|(_, release)| release);
    releases
        .filter(|release| {
            release
                .node
                .at(&["spec", "valuesFrom"])
                .is_some_and(|from| !from.items().is_empty())
        })
        .map(|release| {
            let key = (
                release.namespace().unwrap_or_default().to_owned(),
                release.name().to_owned(),
            );
            (key, effective(cluster, release, sources))
        })
        .collect()
}

/// The values of a HelmRelease of the cluster.
fn effective(cluster: &Cluster, release: &Object, sources: &SourceMap) -> HelmValues {
    HelmValues::of(release, sources, &|kind, namespace, name| {
        let mut objects = cluster.objects().map(|(_, object)| &**object);
        objects.find(|object| {
            object.kind() == kind
                && object.group().is_empty()
                && object.name() == name
                && object.namespace().unwrap_or("default") == namespace
        })
    })
}

#[cfg(test)]
mod tests;
