//! What a candidate would bring into its cluster, judged by raw files. Only good enough to tell an entry point from a
//! Kustomization further down.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use crate::fleet::inventory::{Inventory, RawObject, Reach};
use crate::source::{FileId, RepoPath};

/// Remembers what each directory reaches.
pub(crate) struct Trees<'a> {
    reaches: BTreeMap<RepoPath, Arc<Reach>>,
    kustomizations: BTreeMap<FileId, Vec<&'a RawObject>>,
}

impl<'a> Trees<'a> {
    pub(crate) fn new(kustomizations: &'a [RawObject]) -> Self {
        let mut by_file: BTreeMap<FileId, Vec<&RawObject>> = BTreeMap::new();
        for object in kustomizations {
            by_file.entry(object.file).or_default().push(object);
        }
        Self {
            reaches: BTreeMap::new(),
            kustomizations: by_file,
        }
    }

    /// What building the directory reads.
    pub(crate) fn reach(&mut self, inventory: &Inventory, directory: &RepoPath) -> Arc<Reach> {
        if let Some(known) = self.reaches.get(directory) {
            return Arc::clone(known);
        }
        let reach = Arc::new(inventory.reach(directory));
        self.reaches.insert(directory.clone(), Arc::clone(&reach));
        reach
    }

    /// Every directory that a cluster starting at `directory` builds, its own left out.
    pub(crate) fn below(&mut self, inventory: &Inventory, directory: &RepoPath) -> BTreeSet<RepoPath> {
        let mut below = BTreeSet::new();
        let mut started = BTreeSet::from([directory.clone()]);
        let mut todo = vec![directory.clone()];
        while let Some(next) = todo.pop() {
            let reach = self.reach(inventory, &next);
            below.extend(reach.directories.iter().cloned());
            for object in reach
                .files
                .iter()
                .filter_map(|file| self.kustomizations.get(file))
                .flatten()
            {
                let path = object.path();
                if path.contains("${") || object.node.at(&["spec", "kubeConfig"]).is_some() {
                    continue;
                }
                let path = RepoPath::clamp(path);
                if !path.is_root() && started.insert(path.clone()) {
                    todo.push(path);
                }
            }
        }
        below.remove(directory);
        below
    }
}
