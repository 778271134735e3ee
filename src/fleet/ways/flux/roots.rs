//! Clusters that nothing in the repository points at: directories of Flux Kustomizations that no kustomization file
//! and no Flux Kustomization names. Whatever bootstraps them lives elsewhere.

use std::collections::BTreeSet;

use super::candidate::Candidate;
use super::trees::Trees;
use super::variables;
use crate::fleet::inventory::{Inventory, RawObject};
use crate::flux::SyncedBy;
use crate::source::{FileId, Lookup, RepoPath};

/// Directories that usually hold one directory per cluster.
pub(crate) const HOMES: &[&str] = &["clusters", "cluster", "fleet"];

/// The topmost directories that bring Flux Kustomizations into a cluster.
pub(crate) fn candidates(inventory: &Inventory, trees: &mut Trees) -> Vec<Candidate> {
    let named = Named::collect(inventory);
    let live: Vec<&RawObject> = inventory
        .kustomizations
        .iter()
        .filter(|object| !variables::is_template(object.path()))
        .filter(|object| !named.patches.contains(inventory.path_of(object.file)))
        .collect();
    let mut tops: BTreeSet<RepoPath> = live
        .iter()
        .filter_map(|object| named.top(inventory, object))
        .collect();
    let files: BTreeSet<FileId> = live.iter().map(|object| object.file).collect();
    for directory in inventory
        .kustomize_dirs
        .keys()
        .filter(|directory| !named.paths.contains(directory) && inventory.is_live(directory))
    {
        if !trees.reach(inventory, directory).files.is_disjoint(&files) && !inventory.is_component(directory)
        {
            tops.insert(directory.clone());
        }
    }
    let below: BTreeSet<RepoPath> = tops.iter().flat_map(|top| trees.below(inventory, top)).collect();
    tops.retain(|top| !below.contains(top));
    if tops.iter().any(is_in_a_home) {
        tops.retain(is_in_a_home);
    }
    let as_candidate = |directory| Candidate {
        directory,
        root: RepoPath::root(),
        span: None,
        start: SyncedBy::Directory,
        also: Vec::new(),
        certain: false,
    };
    tops.into_iter().map(as_candidate).collect()
}

fn is_in_a_home(directory: &RepoPath) -> bool {
    directory.parent().components().any(|name| HOMES.contains(&name))
}

/// Everything that something in the repository names.
pub(crate) struct Named {
    /// Directories and files named by kustomization files, directories named by Flux Kustomizations.
    paths: BTreeSet<RepoPath>,
    /// Files that are patches: they look like Flux objects and are none.
    patches: BTreeSet<RepoPath>,
}

impl Named {
    pub(crate) fn collect(inventory: &Inventory) -> Self {
        let mut paths = BTreeSet::new();
        let mut patches = BTreeSet::new();
        for directory in inventory.kustomize_dirs.keys() {
            paths.extend(inventory.references(directory));
            patches.extend(inventory.patch_files(directory));
        }
        for object in &inventory.kustomizations {
            paths.extend(
                variables::directories(inventory, object.path())
                    .into_iter()
                    .filter(|path| !path.is_root()),
            );
        }
        Self { paths, patches }
    }

    /// Whether something names the directory.
    pub(crate) fn names(&self, directory: &RepoPath) -> bool {
        self.paths.contains(directory)
    }

    /// Climbs from a file that no kustomization file names to the topmost directory that Flux would build as a whole;
    /// `None` when something names it or a directory on the way.
    fn top(&self, inventory: &Inventory, object: &RawObject) -> Option<RepoPath> {
        let file = inventory.path_of(object.file);
        let mut at = file.parent();
        if self.paths.contains(file) || self.paths.contains(&at) || inventory.kustomize_dirs.contains_key(&at)
        {
            return None;
        }
        loop {
            let above = at.parent();
            let is_home = |path: &RepoPath| HOMES.contains(&path.file_name());
            let continues = holds_manifests(inventory, &above) || is_home(&above.parent());
            if at.is_root() || above.is_root() || is_home(&above) || !continues {
                break;
            }
            if self.paths.contains(&above) {
                return None;
            }
            if inventory.kustomize_dirs.contains_key(&above) {
                return None;
            }
            at = above;
        }
        Some(at)
    }
}

/// Whether Flux Kustomizations lie directly in the directory.
fn holds_manifests(inventory: &Inventory, directory: &RepoPath) -> bool {
    inventory
        .sources
        .list(directory)
        .iter()
        .any(|(_, what)| match what {
            Lookup::File(file) => inventory.kustomizations.iter().any(|object| object.file == *file),
            _ => false,
        })
}
