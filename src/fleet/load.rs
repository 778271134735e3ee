//! From files to the fleet.

use std::collections::BTreeMap;

use rayon::prelude::*;

use super::beside;
use super::cluster_api;
use super::discover;
use super::found::{BootstrapValues, ValuesCluster};
use super::given;
use super::homes;
use super::naming;
use super::plain::Plain;
use super::releases;
use super::ways::flux::hub;
use super::{Cluster, Delivery, Fleet, LooseValues};
use crate::budget;
use crate::flux::Discovery;
use crate::flux::EntryPoint;
use crate::flux::render::{Artifacts, Renderer, Territory, Unreached};
use crate::helm::HelmValues;
use crate::kustomize::Builder;
use crate::postbuild::substitute::Substituter;
use crate::source::{RepoPath, SourceMap};
use crate::yaml::Store;

/// Objects of all clusters together: some ten times as many as the largest fleets known, in a gigabyte of memory.
const MAX_OBJECTS: usize = 500_000;
/// What is rendered of a cluster however many there are.
const MIN_OBJECTS: usize = 5_000;

/// Finds every cluster of the repository and renders it. Independent of the number of threads.
pub fn load(
    sources: &SourceMap,
    store: &Store,
    builder: &Builder,
    substituter: &Substituter,
    options: &Discovery,
) -> Fleet {
    let found = discover::discover(sources, store, options);
    let renderer = Renderer {
        sources,
        builder,
        substituter,
        unreached: &Unreached::new(store, found.live.clone()),
        artifacts: &Artifacts::default(),
        options,
        share: (budget::RENDERING / found.flux.len().max(1)).max(budget::LEAST_RENDERING),
        max_objects: (MAX_OBJECTS / found.flux.len().max(1)).max(MIN_OBJECTS),
    };
    let entries: Vec<RepoPath> = found.flux.iter().map(|entry| entry.directory.clone()).collect();
    let rendered = |entry: EntryPoint| {
        let territory = Territory::of([&*entry.name, &*entry.found_as], &entry.directory, &entries);
        let given = entry
            .stated
            .as_ref()
            .map(|stated| given::objects(sources, &stated.given));
        let given = given.unwrap_or_default();
        let rendered = renderer.render(&entry, &territory, &given);
        let mut cluster = Cluster {
            name: entry.name,
            found_as: entry.found_as,
            entry: entry.directory,
            entry_span: entry.span,
            delivery: Delivery::Flux,
            kustomizations: rendered.kustomizations,
            releases: std::collections::BTreeMap::new(),
            loose_values: bootstrap_values(&found.bootstrap, &territory),
            strict_substitution: rendered.strict_substitution,
            flux: rendered.flux,
            given,
            machines: Vec::new(),
        };
        cluster.given.extend(given::sources(&cluster, options));
        cluster
    };
    let homes = homes::of(&found, sources);
    let is_without_flux = found.flux.is_empty();
    let mut clusters: Vec<Cluster> = found.flux.into_par_iter().map(rendered).collect();
    let take_values = |cluster: &mut Cluster| releases::take_values(cluster, store);
    clusters.par_iter_mut().for_each(take_values);
    hub::deliver(&mut clusters);
    hub::follow(&mut clusters, &renderer);
    for cluster in clusters
        .iter_mut()
        .filter(|cluster| cluster.is_delivered_by_another())
    {
        let stated = options.clusters.iter().find(|stated| stated.name == cluster.name);
        cluster.given = stated.map_or_else(Vec::new, |stated| given::objects(sources, &stated.given));
    }
    clusters
        .par_iter_mut()
        .filter(|cluster| cluster.kustomizations.iter().any(|one| one.hub.is_some()))
        .for_each(take_values);
    cluster_api::deliver(&mut clusters, sources);
    let plain = Plain {
        sources,
        builder,
        live: &found.live.iter().copied().collect(),
    };
    let mut others = cluster_api::beside(&clusters, &plain, sources);
    let values = found.values.into_iter().chain(found.beside).zip(homes);
    others.extend(values.map(|(mut cluster, homes)| {
        cluster.manifests.extend(homes);
        of_values(cluster, &plain, options)
    }));
    if !is_without_flux {
        others = beside::meshed(&clusters, others, sources);
    }
    clusters.extend(others);
    make_distinct(&mut clusters);
    clusters.sort_by(|a, b| (&a.name, &a.entry).cmp(&(&b.name, &b.entry)));
    Fleet {
        clusters,
        live: found.live,
    }
}

/// No two clusters are shown under one name. One that only its values tell may have taken the name of another by mistake: then
/// it is shown as it was found.
fn make_distinct(clusters: &mut [Cluster]) {
    let mut taken: BTreeMap<String, usize> = BTreeMap::new();
    for cluster in &*clusters {
        *taken.entry(cluster.name.clone()).or_default() += 1;
    }
    for cluster in clusters.iter_mut() {
        let is_shared = taken.get(&cluster.name).is_some_and(|count| *count > 1);
        if is_shared && cluster.delivery == Delivery::Values && !taken.contains_key(&cluster.found_as) {
            cluster.name.clone_from(&cluster.found_as);
        }
    }
    let shown = clusters.iter().map(|cluster| (&*cluster.name, &cluster.entry));
    let names = naming::distinct(&shown.collect::<Vec<_>>());
    for (cluster, name) in clusters.iter_mut().zip(names) {
        cluster.name = name;
    }
}

/// The bootstrap values that can only be meant for this cluster.
fn bootstrap_values(all: &[BootstrapValues], territory: &Territory) -> Vec<LooseValues> {
    let own = all
        .iter()
        .filter(|one| territory.is_named_by(&one.path) || (territory.is_alone() && one.is_for_bootstrap()));
    own.map(|one| LooseValues {
        values: HelmValues::known(one.values.clone()),
        chart_version: one.chart_version.clone(),
    })
    .collect()
}

fn of_values(cluster: ValuesCluster, plain: &Plain<'_>, options: &Discovery) -> Cluster {
    Cluster {
        name: cluster.name,
        found_as: cluster.found_as,
        entry: cluster.entry,
        entry_span: Some(cluster.span),
        delivery: Delivery::Values,
        kustomizations: plain
            .applied(&cluster.manifests, cluster.objects)
            .into_iter()
            .collect(),
        releases: std::collections::BTreeMap::new(),
        loose_values: std::iter::once((cluster.values, cluster.chart_version))
            .chain(cluster.witnesses)
            .filter(|(values, _)| !values.is_empty())
            .map(|(values, chart_version)| LooseValues {
                values,
                chart_version,
            })
            .collect(),
        strict_substitution: options.strict_substitution.unwrap_or(true),
        flux: options.flux_version,
        given: Vec::new(),
        machines: cluster.machines,
    }
}
