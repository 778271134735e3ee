//! Finding the clusters of a repository without being told where they are.

use super::found::Found;
use super::inventory::Inventory;
use super::settle::settle;
use super::ways::WAYS;
use crate::flux::Discovery;
use crate::source::SourceMap;
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
    found.live = inventory.live;
    found
}

#[cfg(test)]
mod tests;
