//! Finding the clusters of a repository without being told where they are.

use super::found::Found;
use super::inventory::{Inventory, RawObject};
use super::settle::settle;
use super::ways::WAYS;
use crate::flux::Discovery;
use crate::source::{RepoPath, SourceMap};
use crate::yaml::Store;

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
    for cluster in &mut found.values {
        let own = found.applied.iter().filter(|(name, _)| *name == cluster.name);
        cluster.manifests.extend(own.map(|(_, path)| path.clone()));
    }
    found.values = settle(std::mem::take(&mut found.values), options);
    if !found.flux.is_empty() {
        found.beside = std::mem::take(&mut found.values);
    }
    found.elsewhere = leading_nowhere(&inventory);
    found.live = inventory.live;
    found
}

/// What Flux Kustomizations name that is no directory here.
fn leading_nowhere(inventory: &Inventory<'_>) -> Vec<RepoPath> {
    let paths = inventory.kustomizations.iter().map(RawObject::path);
    let literal = paths.filter(|path| !path.contains("${"));
    let leads_nowhere = |path: &RepoPath| !path.is_root() && !inventory.sources.is_directory(path);
    literal.map(RepoPath::clamp).filter(leads_nowhere).collect()
}

#[cfg(test)]
mod tests;
