//! Directories that are named after a cluster that Flux does not deliver: what lies in them runs there.

use std::collections::{BTreeMap, BTreeSet};

use super::found::Found;
use crate::source::{RepoPath, SourceMap};

/// The directories of each of the clusters that Flux does not deliver. Where a path has the names of two clusters, the last counts.
pub(super) fn of(found: &Found, sources: &SourceMap) -> Vec<Vec<RepoPath>> {
    let clusters = found.values.iter().chain(&found.beside);
    let mut homes: Vec<BTreeSet<RepoPath>> = clusters.clone().map(|_| BTreeSet::new()).collect();
    let mut by_name: BTreeMap<&str, Vec<Option<usize>>> = BTreeMap::new();
    for entry in &found.flux {
        by_name.entry(&entry.name).or_default().push(None);
        by_name.entry(&entry.found_as).or_default().push(None);
    }
    for (at, cluster) in clusters.enumerate() {
        let names: BTreeSet<&str> = [&*cluster.name, &*cluster.found_as].into();
        for name in names {
            by_name.entry(name).or_default().push(Some(at));
        }
    }
    for file in &found.live {
        let directory = sources.file(*file).path().parent();
        let mut home = RepoPath::root();
        let mut last = None;
        for part in directory.components() {
            home = home.child(part);
            if let Some(owners) = by_name.get(part) {
                last = Some((owners, home.clone()));
            }
        }
        if let Some((owners, home)) = last
            && let [Some(only)] = owners[..]
            && let Some(homes) = homes.get_mut(only)
        {
            homes.insert(home);
        }
    }
    homes
        .into_iter()
        .map(|homes| homes.into_iter().collect())
        .collect()
}
