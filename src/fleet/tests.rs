//! Whole fleets: from files to what each cluster would have.

use super::*;
use crate::cluster::{ClusterIndex, GroupKind};
use crate::flux::*;
use crate::helm::Lookup;
use crate::kustomize::{Builder, Object};
use crate::postbuild::{RenderProblem, Substituter};
use crate::source::SourceMap;
use crate::unknown::UnknownReason;
use crate::yaml::Store;

mod hub;
mod layouts;
mod resource_sets;
mod settings;
mod sources;
mod types;

const KUSTOMIZATION: &str = "apiVersion: kustomize.toolkit.fluxcd.io/v1\nkind: Kustomization\n";

/// A Flux Kustomization in `flux-system` from the repository's own source, with further lines of its spec.
fn kustomization(name: &str, path: &str, spec: &str) -> String {
    let spec: String = spec.lines().map(|line| format!("  {line}\n")).collect();
    format!(
        "{KUSTOMIZATION}metadata:\n  name: {name}\n  namespace: flux-system\nspec:\n  path: {path}\n  \
         sourceRef: {{kind: GitRepository, name: flux-system}}\n{spec}"
    )
}

/// What `flux bootstrap` writes for a cluster.
fn bootstrap(path: &str) -> String {
    let source = "apiVersion: source.toolkit.fluxcd.io/v1\nkind: GitRepository\n\
                  metadata: {name: flux-system, namespace: flux-system}\n\
                  spec: {url: 'ssh://git@example.org/acme/fleet', ref: {branch: main}}\n";
    format!("{source}---\n{}", kustomization("flux-system", path, ""))
}

fn config_map(name: &str, data: &str) -> String {
    format!(
        "apiVersion: v1\nkind: ConfigMap\nmetadata: {{name: {name}, namespace: flux-system}}\ndata: {data}\n"
    )
}

fn with_fleet<T>(files: &[(&str, &str)], look: impl FnOnce(&Fleet, &Builder) -> T) -> T {
    let sources = SourceMap::from_memory(files.iter().map(|(path, text)| (*path, *text)));
    let store = Store::new(&sources);
    let builder = Builder::new(&store);
    let fleet = load(
        &sources,
        &store,
        &builder,
        &Substituter::new(&sources),
        &Discovery::default(),
    );
    look(&fleet, &builder)
}

/// The only cluster of these files.
fn with_cluster<T>(files: &[(&str, &str)], look: impl FnOnce(&Cluster) -> T) -> T {
    with_fleet(files, |fleet, _| {
        assert_eq!(fleet.clusters.len(), 1, "{:?}", names(fleet));
        look(&fleet.clusters[0])
    })
}

fn names(fleet: &Fleet) -> Vec<&str> {
    fleet
        .clusters
        .iter()
        .map(|cluster| cluster.name.as_str())
        .collect()
}

fn cluster<'a>(fleet: &'a Fleet, name: &str) -> &'a Cluster {
    fleet
        .clusters
        .iter()
        .find(|cluster| cluster.name == name)
        .unwrap()
}

fn one<'a>(cluster: &'a Cluster, name: &str) -> &'a Kustomization {
    cluster
        .kustomizations
        .iter()
        .find(|one| one.name == name)
        .unwrap()
}

fn full_names(cluster: &Cluster) -> Vec<String> {
    cluster
        .kustomizations
        .iter()
        .map(Kustomization::full_name)
        .collect()
}

fn object<'a>(cluster: &'a Cluster, kind: &str, name: &str) -> &'a Object {
    let found = cluster
        .objects()
        .map(|(_, object)| object)
        .find(|object| object.kind() == kind && object.name() == name);
    found.unwrap()
}

fn text<'a>(object: &'a Object, route: &[&str]) -> &'a str {
    object.node.text_at(route).unwrap_or("absent")
}
