//! Clusters that are not bootstrapped yet, or from elsewhere: directories beside those of clusters that were found, with
//! Flux Kustomizations that nothing else in the repository names.

use std::collections::BTreeSet;

use super::candidate::Candidate;
use super::roots::{HOMES, Named};
use super::trees::Trees;
use crate::fleet::dead;
use crate::fleet::inventory::Inventory;
use crate::flux::SyncedBy;
use crate::source::{FileId, Lookup, RepoPath};

/// Directory names of what clusters share.
pub(crate) const SHARED: &[&str] = &["base", "bases", "common", "components", "shared"];

/// The neighbours of the clusters found so far.
pub(crate) fn candidates(inventory: &Inventory, trees: &mut Trees, found: &[Candidate]) -> Vec<Candidate> {
    let homes: BTreeSet<RepoPath> = found
        .iter()
        .map(|candidate| candidate.directory.parent())
        .filter(|home| HOMES.contains(&home.file_name()))
        .collect();
    if homes.is_empty() {
        return Vec::new();
    }
    let named = Named::collect(inventory);
    let flux_files: BTreeSet<FileId> = inventory.kustomizations.iter().map(|one| one.file).collect();
    let built: BTreeSet<RepoPath> = found
        .iter()
        .flat_map(|candidate| trees.below(inventory, &candidate.directory))
        .collect();
    let mut neighbours = Vec::new();
    for home in &homes {
        let root = found.iter().find(|one| one.directory.parent() == *home);
        for (name, what) in inventory.sources.list(home) {
            let Lookup::Directory(directory) = what else {
                continue;
            };
            let holds_one = found.iter().any(|one| one.directory.starts_with(&directory));
            let is_used = built.contains(&directory) || named.names(&directory);
            let is_cluster = !SHARED.contains(&name)
                && inventory.is_live(&directory)
                && !dead::is_dead_name(name)
                && !inventory.is_component(&directory)
                && !trees.reach(inventory, &directory).files.is_disjoint(&flux_files);
            if is_cluster && !holds_one && !is_used {
                neighbours.push(Candidate {
                    directory,
                    root: root.map(|one| one.root.clone()).unwrap_or_default(),
                    span: None,
                    start: SyncedBy::Directory,
                    also: Vec::new(),
                    certain: false,
                });
            }
        }
    }
    neighbours
}
