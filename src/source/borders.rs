//! Other repositories that lie in a repository: submodules, clones, linked work trees.

use std::collections::HashSet;
use std::iter::successors;

use super::{RepoPath, SourceMap};

impl SourceMap {
    /// The roots of other repositories that lie in this one: none of their files is looked at unless something names it.
    pub fn repositories(&self) -> &[RepoPath] {
        &self.repositories
    }

    /// Takes what lies in these directories for other repositories.
    pub(super) fn with_borders(mut self, repositories: Vec<RepoPath>) -> Self {
        if repositories.is_empty() {
            return self;
        }
        let roots: HashSet<&RepoPath> = repositories.iter().collect();
        for file in &mut self.files {
            let above = |path: &RepoPath| (!path.is_root()).then(|| path.parent());
            let mut directories = successors(Some(file.path().parent()), above);
            let is_theirs = directories.any(|directory| roots.contains(&directory));
            file.excluded |= is_theirs;
        }
        self.repositories = repositories;
        self
    }
}
