//! The values of the HelmReleases of a cluster, and their charts where these lie in the repository.

use super::{Cluster, ReleaseFacts};
use crate::budget::{self, Budget};
use crate::flux::render::{Address, made_from, source_reference};
use crate::flux::{Source, address};
use crate::helm::{Below, HelmValues, LocalChart, Referenced};
use crate::kustomize::Object;
use crate::postbuild::RenderProblem;
use crate::source::{RepoPath, Span};
use crate::unknown::UnknownReason;
use crate::yaml::{Node, Store};

/// Fills in what is known of every HelmRelease of the cluster of which something stands elsewhere.
pub(crate) fn take_values(cluster: &mut Cluster, store: &Store<'_>) {
    let mut budget = Budget::new(budget::VALUES);
    let mut found = Vec::new();
    for (owner, release) in cluster.objects_of("HelmRelease") {
        if takes_from_elsewhere(release) {
            let key = (
                release.namespace().unwrap_or_default().to_owned(),
                release.name().to_owned(),
            );
            let (facts, bound) = facts(cluster, release, store, &mut budget);
            found.push((owner, key, facts, bound));
        }
    }
    for (owner, key, facts, bound) in found {
        let owner = cluster.kustomizations.get_mut(owner);
        if let Some(((span, bound), owner)) = bound.zip(owner) {
            let is_told = |known: &RenderProblem| matches!(known, RenderProblem::TooMuch { span: known, .. } if *known == span);
            if !owner.problems.iter().any(is_told) {
                owner.problems.push(RenderProblem::TooMuch { span, bound });
            }
        }
        // What a hub delivers with its values keeps them.
        cluster.releases.entry(key).or_insert(facts);
    }
}

fn takes_from_elsewhere(release: &Object) -> bool {
    let filled = |path: &[&str]| release.node.at(path).is_some_and(|list| !list.items().is_empty());
    filled(&["spec", "valuesFrom"])
        || filled(&["spec", "chart", "spec", "valuesFiles"])
        || chart_spec(release).is_some_and(is_from_files)
}

fn chart_spec(release: &Object) -> Option<&Node> {
    release.node.at(&["spec", "chart", "spec"])
}

/// Whether the chart is a directory of a source of files, and no package of a Helm repository.
fn is_from_files(chart: &Node) -> bool {
    matches!(
        chart.text_at(&["sourceRef", "kind"]),
        Some("GitRepository" | "Bucket")
    )
}

/// The values and the chart of a HelmRelease of the cluster, and the bound that kept some values from being known.
fn facts(
    cluster: &Cluster,
    release: &Object,
    store: &Store<'_>,
    budget: &mut Budget,
) -> (ReleaseFacts, Option<(Span, String)>) {
    let root = chart_spec(release)
        .filter(|chart| is_from_files(chart))
        .and_then(|chart| root_of(cluster, release, chart));
    let chart = root.as_ref().and_then(|root| {
        let path = chart_spec(release)?.text_at(&["chart"])?;
        LocalChart::read(store, &root.clamp_join(path))
    });
    let below = values_of_chart(release, root.as_ref(), chart.as_ref(), store);
    let find = |kind: &str, namespace: &str, name: &str| find(cluster, &Address::new(kind, namespace, name));
    let (values, bound) = HelmValues::of(release, below, (store.sources(), &find), budget);
    (ReleaseFacts { values, chart }, bound)
}

/// The ConfigMap or Secret at an address, or what makes it.
fn find<'a>(cluster: &'a Cluster, address: &Address) -> Referenced<'a> {
    let mut objects = cluster.objects().map(|(_, object)| object);
    let is_it = |object: &Object| object.group().is_empty() && Address::of(object) == *address;
    if let Some(object) = objects.find(|object| is_it(object)) {
        return Referenced::Object(object);
    }
    let makers = cluster.objects().flat_map(|(_, object)| {
        let namespace = object.namespace().unwrap_or("default");
        made_from(object, namespace)
    });
    let mut given = cluster.given.iter();
    let given = given.find(|given| Address::new(&given.kind, &given.namespace, &given.name) == *address);
    match (makers.into_iter().find(|(made, _)| made == address), given) {
        (Some((_, reason)), _) => Referenced::Made(reason),
        (None, Some(given)) if given.is_told => Referenced::Object(&given.object),
        (None, Some(_)) => Referenced::Made(UnknownReason::External),
        (None, None) => Referenced::Missing,
    }
}

/// The root of the source that holds the chart, when it is this repository.
fn root_of(cluster: &Cluster, release: &Object, chart: &Node) -> Option<RepoPath> {
    let reference = chart.get("sourceRef")?;
    let namespace = reference.text_at(&["namespace"]).or(release.namespace());
    let address = Address::new(
        reference.text_at(&["kind"])?,
        namespace.unwrap_or("default"),
        reference.text_at(&["name"])?,
    );
    let here = || {
        let all = cluster.kustomizations.iter();
        all.filter_map(|one| match &one.source {
            Source::Here(root) => Some((source_reference(&one.object)?, root)),
            _ => None,
        })
    };
    let url = |address: &Address| {
        let mut sources = cluster.objects_of(&address.kind).map(|(_, source)| source);
        let source = sources.find(|source| Address::of(source) == *address)?;
        source.node.text_at(&["spec", "url"]).map(address::normalise)
    };
    let by_name = here().find(|(own, _)| *own == address);
    let by_url = || {
        let wanted = url(&address)?;
        here().find(|(own, _)| url(own).as_ref() == Some(&wanted))
    };
    by_name.or_else(by_url).map(|(_, root)| root.clone())
}

/// What `valuesFiles` name, each from the root of the source, else the chart's own `values.yaml`
/// (source-controller `internal/helm/chart/builder_local.go`).
fn values_of_chart(
    release: &Object,
    root: Option<&RepoPath>,
    chart: Option<&LocalChart>,
    store: &Store<'_>,
) -> Vec<Below> {
    let files = chart_spec(release).and_then(|chart| chart.get("valuesFiles"));
    let files = files.map(Node::items).unwrap_or_default();
    if files.is_empty() {
        let own = chart.and_then(|chart| chart.values);
        return own
            .into_iter()
            .flat_map(|file| Below::file(store, file))
            .collect();
    }
    let mut layers = Vec::new();
    for name in files {
        let path = name.as_text().unwrap_or_default();
        match root {
            Some(root) => {
                let file = store.sources().file_at(&root.clamp_join(path));
                layers.extend(file.into_iter().flat_map(|file| Below::file(store, file)));
            }
            // What every chart has, which is known by its version.
            None if path == "values.yaml" => {}
            None => layers.push(Below::Unknown(name.span(), UnknownReason::Chart)),
        }
    }
    layers
}

#[cfg(test)]
mod tests;
