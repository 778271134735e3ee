//! Finding the clusters of a repository without being told where they are.

use std::collections::BTreeSet;

use super::inventory::Inventory;
use super::ways::WAYS;
use super::ways::bootstrap::BootstrapValues;
use super::ways::values::ValuesCluster;
use crate::flux::{Discovery, EntryPoint};
use crate::source::{FileId, RepoPath, SourceMap};
use crate::yaml::Store;

/// What discovery found.
#[derive(Debug, Default)]
pub(crate) struct Found {
    /// Clusters that Flux delivers.
    pub(crate) flux: Vec<EntryPoint>,
    /// Clusters of which only Cilium values are known.
    pub(crate) values: Vec<ValuesCluster>,
    /// Cilium values that Flux does not deliver.
    pub(crate) bootstrap: Vec<BootstrapValues>,
    /// Files that what was found takes in: they are no clusters of their own.
    pub(crate) claimed: BTreeSet<RepoPath>,
    /// The YAML files that are no template and in no archive.
    pub(crate) live: Vec<FileId>,
}

/// Finds the clusters.
pub(crate) fn discover(sources: &SourceMap, store: &Store, options: &Discovery) -> Found {
    let inventory = Inventory::take(sources, store);
    let mut found = Found::default();
    for find in WAYS {
        find(&inventory, options, &mut found);
    }
    take_stated_names(&mut found.values, options);
    found
        .values
        .sort_by(|a, b| (&a.name, &a.entry, a.span).cmp(&(&b.name, &b.entry, b.span)));
    found.live = inventory.live;
    found
}

fn take_stated_names(clusters: &mut [ValuesCluster], options: &Discovery) {
    let entries: Vec<RepoPath> = clusters.iter().map(|cluster| cluster.entry.clone()).collect();
    for cluster in clusters {
        let shared = entries.iter().filter(|entry| **entry == cluster.entry).count() > 1;
        if let Some(stated) = options.of_cluster(&cluster.entry, &cluster.name, shared) {
            cluster.name.clone_from(&stated.name);
        }
    }
}

#[cfg(test)]
mod tests;
