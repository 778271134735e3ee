//! Finding the clusters of a repository without being told where they are.

use std::collections::BTreeSet;

use super::inventory::Inventory;
use super::settle::settle;
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
    for (way, find) in WAYS.iter().enumerate() {
        let before = found.values.len();
        find(&inventory, options, &mut found);
        for cluster in found.values.iter_mut().skip(before) {
            cluster.way = way;
        }
    }
    found.values = settle(std::mem::take(&mut found.values), options);
    found.live = inventory.live;
    found
}

#[cfg(test)]
mod tests;
