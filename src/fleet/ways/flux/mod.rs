//! Clusters that Flux delivers.
//!
//! The search works on raw files and only looks for the places where something starts: a Kustomization that renders
//! itself, a FluxInstance or the chart that makes one, their neighbours, and a directory of Flux Kustomizations that
//! nothing names.

mod candidate;
pub(crate) mod hub;
mod instances;
mod neighbours;
mod roots;
mod shared;
mod sync;
mod trees;
mod variables;

use std::collections::BTreeSet;

use self::candidate::Candidate;
use self::sync::OwnUrls;
use self::trees::Trees;
use crate::fleet::found::Found;
use crate::fleet::inventory::Inventory;
use crate::fleet::{dead, naming};
use crate::flux::{Discovery, EntryPoint, SourceKey, StatedCluster, StatedSource, SyncedBy, address};
use crate::source::{RepoPath, SourceMap};

/// The entry points of Flux, the stated ones too.
pub(super) fn find(inventory: &Inventory<'_>, options: &Discovery, found: &mut Found) {
    let mut candidates = flux_candidates(inventory, options);
    let stated: Vec<Candidate> = unfound(options, &candidates)
        .filter_map(|stated| stated_candidate(inventory.sources, stated))
        .collect();
    candidates.extend(stated);
    candidates.sort_by(|a, b| (&a.directory, &a.root).cmp(&(&b.directory, &b.root)));
    found.flux = named(candidates, options);
}

/// The address of a source that is stated to hold this repository.
fn own_address(stated: &StatedSource) -> Option<&String> {
    match (&stated.which, &stated.root) {
        (SourceKey::Address(url), Some(_)) => Some(url),
        _ => None,
    }
}

fn flux_candidates(inventory: &Inventory, options: &Discovery) -> Vec<Candidate> {
    let mut trees = Trees::new(&inventory.kustomizations);
    let stated = options.sources.iter().filter_map(own_address);
    let own_urls = OwnUrls {
        stated: stated.map(|url| address::normalise(url)).collect(),
        remotes: options
            .remotes
            .iter()
            .map(|url| address::normalise(url))
            .collect(),
    };
    let mut candidates = instances::candidates(inventory);
    candidates.extend(sync::candidates(inventory, &mut trees, &own_urls));
    let candidates = topmost(inventory, &mut trees, one_per_directory(candidates));
    let mut candidates = live(candidates);
    if candidates.is_empty() {
        return live(roots::candidates(inventory, &mut trees));
    }
    candidates.extend(neighbours::candidates(inventory, &mut trees, &candidates));
    shared::given_to_each(inventory, &mut trees, candidates)
}

/// Keeps one candidate of each directory: the certain before the uncertain, a Kustomization in the repository before
/// one that the operator makes, and of several the one that `flux bootstrap` would have written, whatever their order in a file.
fn one_per_directory(mut candidates: Vec<Candidate>) -> Vec<Candidate> {
    candidates.sort_by(|a, b| (&a.directory, rank(a), a.span).cmp(&(&b.directory, rank(b), b.span)));
    candidates.dedup_by(|later, kept| later.directory == kept.directory);
    candidates
}

fn rank(candidate: &Candidate) -> (bool, bool, bool, &str) {
    let name = match &candidate.start {
        SyncedBy::Sync(object) => object.text_at(&["metadata", "name"]).unwrap_or_default(),
        SyncedBy::Instance(_) | SyncedBy::Directory => "",
    };
    let is_made = matches!(candidate.start, SyncedBy::Instance(_));
    (!candidate.certain, is_made, name != "flux-system", name)
}

/// Drops what another candidate brings into its cluster.
fn topmost(inventory: &Inventory, trees: &mut Trees, candidates: Vec<Candidate>) -> Vec<Candidate> {
    let below: Vec<BTreeSet<RepoPath>> = candidates
        .iter()
        .map(|candidate| trees.below(inventory, &candidate.directory))
        .collect();
    let is_below = |at: usize, candidate: &Candidate| {
        below.iter().enumerate().any(|(other, tree)| {
            let mutual = below
                .get(at)
                .zip(candidates.get(other))
                .is_some_and(|(own, other)| own.contains(&other.directory));
            // Of two that render each other, the first in path order stays.
            other != at && tree.contains(&candidate.directory) && (!mutual || other < at)
        })
    };
    let keep: Vec<bool> = candidates
        .iter()
        .enumerate()
        .map(|(at, candidate)| candidate.certain || !is_below(at, candidate))
        .collect();
    candidates
        .into_iter()
        .zip(keep)
        .filter(|(_, keep)| *keep)
        .map(|(candidate, _)| candidate)
        .collect()
}

/// Leaves examples out where there is something else.
fn live(mut candidates: Vec<Candidate>) -> Vec<Candidate> {
    if candidates
        .iter()
        .any(|candidate| !dead::is_sample(&candidate.directory))
    {
        candidates.retain(|candidate| !dead::is_sample(&candidate.directory));
    }
    candidates
}

/// The stated clusters that were not found.
fn unfound<'a>(options: &'a Discovery, found: &[Candidate]) -> impl Iterator<Item = &'a StatedCluster> {
    let directories: BTreeSet<RepoPath> = found
        .iter()
        .map(|candidate| candidate.directory.clone())
        .collect();
    options.clusters.iter().filter(move |stated| {
        stated
            .entry
            .as_ref()
            .is_some_and(|entry| !directories.contains(entry))
    })
}

fn stated_candidate(sources: &SourceMap, stated: &StatedCluster) -> Option<Candidate> {
    let entry = stated.entry.as_ref()?;
    sources.is_directory(entry).then(|| Candidate {
        directory: entry.clone(),
        root: stated.root.clone().unwrap_or_default(),
        span: None,
        start: SyncedBy::Directory,
        also: Vec::new(),
        certain: true,
    })
}

fn named(candidates: Vec<Candidate>, options: &Discovery) -> Vec<EntryPoint> {
    let directories: Vec<RepoPath> = candidates
        .iter()
        .map(|candidate| candidate.directory.clone())
        .collect();
    let names = naming::names(&directories);
    let mut entries: Vec<EntryPoint> = candidates
        .into_iter()
        .zip(names)
        .map(|(candidate, name)| {
            let stated = options.of_cluster(&candidate.directory, &name, false).cloned();
            let root = stated.as_ref().and_then(|stated| stated.root.clone());
            EntryPoint {
                name: stated
                    .as_ref()
                    .map_or_else(|| name.clone(), |stated| stated.name.clone()),
                found_as: name,
                root: root.unwrap_or(candidate.root),
                stated,
                directory: candidate.directory,
                span: candidate.span,
                start: candidate.start,
                also: candidate.also,
            }
        })
        .collect();
    entries.sort_by(|a, b| (&a.name, &a.directory).cmp(&(&b.name, &b.directory)));
    entries
}
