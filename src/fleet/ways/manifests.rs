//! Manifests that bring Cilium and that nothing in the repository delivers: directories that k3s, RKE2, a pipeline or a person
//! applies, one for each cluster.

use std::collections::{BTreeMap, BTreeSet};

use memchr::memmem;

use super::charts;
use crate::fleet::found::{Found, ValuesCluster};
use crate::fleet::inventory::Inventory;
use crate::fleet::naming;
use crate::flux::Discovery;
use crate::helm::HelmValues;
use crate::source::{FileId, RepoPath, Span};
use crate::yaml::Node;

/// Finds the directories.
pub(super) fn find(inventory: &Inventory<'_>, _: &Discovery, found: &mut Found) {
    let mut files = carriers(inventory);
    files.retain(|file| !found.claimed.contains(inventory.path_of(*file)));
    let places = places(inventory, &files);
    let directories: Vec<RepoPath> = places.keys().cloned().collect();
    let names = naming::names_of_places(&directories);
    for ((path, file), name) in places.into_iter().zip(names) {
        found.values.push(cluster(name, path, file));
    }
}

/// A cluster of which only manifests are known.
pub(super) fn cluster(name: String, path: RepoPath, file: FileId) -> ValuesCluster {
    let span = Span::at_start(file);
    ValuesCluster {
        manifests: vec![path.clone()],
        ..ValuesCluster::of(
            name,
            path,
            span,
            HelmValues::known(Node::mapping(Vec::new(), span)),
        )
    }
}

/// The files with an object that brings Cilium.
pub(super) fn carriers(inventory: &Inventory) -> Vec<FileId> {
    const MARKS: [&[u8]; 3] = [b"helm.cattle.io/", b"CiliumConfig", b"cilium-config"];
    let live = inventory.live.iter().copied();
    let marked = live.filter(|file| {
        let bytes = inventory.sources.file(*file).bytes().unwrap_or_default();
        MARKS.iter().any(|mark| memmem::find(bytes, mark).is_some())
    });
    marked
        .filter(|file| inventory.documents(*file).any(brings_cilium))
        .collect()
}

fn brings_cilium(object: &Node) -> bool {
    let text = |path: &[&str]| object.text_at(path).unwrap_or_default();
    let name = text(&["metadata", "name"]);
    let group = text(&["apiVersion"])
        .split_once('/')
        .map_or("", |(group, _)| group);
    match (group, text(&["kind"])) {
        ("helm.cattle.io", "HelmChart") => {
            charts::is_cilium(text(&["spec", "chart"])) || matches!(name, "cilium" | "rke2-cilium")
        }
        ("helm.cattle.io", "HelmChartConfig") => matches!(name, "cilium" | "rke2-cilium"),
        ("cilium.io", "CiliumConfig") => true,
        ("", "ConfigMap") => name == "cilium-config" && object.at(&["data", "cluster-name"]).is_some(),
        _ => false,
    }
}

/// What is applied as one: the kustomization that takes the file in and that no other takes in, else the directory of the file,
/// else, where one directory has several of a kind, the file.
fn places(inventory: &Inventory, files: &[FileId]) -> BTreeMap<RepoPath, FileId> {
    if files.is_empty() {
        return BTreeMap::new();
    }
    let named: BTreeSet<RepoPath> = inventory
        .kustomize_dirs
        .keys()
        .flat_map(|directory| inventory.references(directory))
        .collect();
    let tops = inventory
        .kustomize_dirs
        .keys()
        .filter(|top| !named.contains(*top));
    let mut places = BTreeMap::new();
    let mut taken = BTreeSet::new();
    for top in tops {
        let reach = inventory.reach(top).files;
        for file in files.iter().filter(|file| reach.contains(file)) {
            places.entry(top.clone()).or_insert(*file);
            taken.insert(*file);
        }
    }
    let mut by_directory: BTreeMap<RepoPath, Vec<FileId>> = BTreeMap::new();
    for file in files.iter().filter(|file| !taken.contains(*file)) {
        let directory = inventory.path_of(*file).parent();
        by_directory.entry(directory).or_default().push(*file);
    }
    for (directory, files) in by_directory {
        let kinds: Vec<_> = files.iter().flat_map(|file| kinds(inventory, *file)).collect();
        let distinct: BTreeSet<_> = kinds.iter().collect();
        for file in &files {
            let place = match distinct.len() == kinds.len() {
                true => directory.clone(),
                false => inventory.path_of(*file).clone(),
            };
            places.entry(place).or_insert(*file);
        }
    }
    places
}

fn kinds(inventory: &Inventory, file: FileId) -> Vec<String> {
    let carriers = inventory.documents(file).filter(|object| brings_cilium(object));
    carriers
        .map(|object| object.text_at(&["kind"]).unwrap_or_default().to_owned())
        .collect()
}
