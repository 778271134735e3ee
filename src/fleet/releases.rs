//! The values of the HelmReleases of a cluster.

use super::Cluster;
use crate::budget::{self, Budget};
use crate::helm::HelmValues;
use crate::kustomize::Object;
use crate::postbuild::Problem;
use crate::source::{SourceMap, Span};

/// Fills in the values of every HelmRelease of the cluster that takes some from elsewhere.
pub(crate) fn take_values(cluster: &mut Cluster, sources: &SourceMap) {
    let mut budget = Budget::new(budget::VALUES);
    let mut found = Vec::new();
    for (owner, release) in cluster.objects_of("HelmRelease") {
        let from = release.node.at(&["spec", "valuesFrom"]);
        if from.is_some_and(|from| !from.items().is_empty()) {
            let key = (
                release.namespace().unwrap_or_default().to_owned(),
                release.name().to_owned(),
            );
            let (values, bound) = effective(cluster, release, sources, &mut budget);
            found.push((owner, key, values, bound));
        }
    }
    for (owner, key, values, bound) in found {
        let owner = cluster.kustomizations.get_mut(owner);
        if let Some(((span, bound), owner)) = bound.zip(owner) {
            let is_told =
                |known: &Problem| matches!(known, Problem::TooMuch { span: known, .. } if *known == span);
            if !owner.problems.iter().any(is_told) {
                owner.problems.push(Problem::TooMuch { span, bound });
            }
        }
        // What a hub delivers with its values keeps them.
        cluster.helm.entry(key).or_insert(values);
    }
}

/// The values of a HelmRelease of the cluster, and the bound that kept some of them from being known.
fn effective(
    cluster: &Cluster,
    release: &Object,
    sources: &SourceMap,
    budget: &mut Budget,
) -> (HelmValues, Option<(Span, String)>) {
    let find = |kind: &str, namespace: &str, name: &str| {
        let mut objects = cluster.objects().map(|(_, object)| &**object);
        objects.find(|object| {
            object.kind() == kind
                && object.group().is_empty()
                && object.name() == name
                && object.namespace().unwrap_or("default") == namespace
        })
    };
    HelmValues::of(release, sources, &find, budget)
}

#[cfg(test)]
mod tests;
