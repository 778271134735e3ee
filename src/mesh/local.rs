//! What a cluster's Kustomizations bring into the cluster itself, and not through a `kubeConfig` into another.

use std::sync::Arc;

use crate::fleet::Cluster;
use crate::kustomize::Object;

/// The objects that go to the cluster itself, with the position of their Kustomization.
pub(super) fn objects(cluster: &Cluster) -> impl Iterator<Item = (usize, &Arc<Object>)> {
    let here: Vec<bool> = (0..cluster.kustomizations.len())
        .map(|at| stays_here(cluster, at))
        .collect();
    cluster
        .objects()
        .filter(move |(owner, _)| here.get(*owner) == Some(&true))
}

/// The objects of a kind that go to the cluster itself.
pub(super) fn objects_of<'a>(
    cluster: &'a Cluster,
    kind: &'a str,
) -> impl Iterator<Item = (usize, &'a Arc<Object>)> {
    objects(cluster).filter(move |(_, object)| object.kind() == kind)
}

/// Whether neither the Kustomization nor an ancestor of it has a `kubeConfig`.
pub(super) fn stays_here(cluster: &Cluster, kustomization: usize) -> bool {
    let all = &cluster.kustomizations;
    std::iter::successors(Some(kustomization), |at| all.get(*at)?.parent)
        .take(all.len())
        .all(|at| all.get(at).is_some_and(|one| !one.remote))
}
