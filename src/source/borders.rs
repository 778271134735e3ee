//! Other repositories that lie in a repository: submodules, clones, linked work trees.

use super::{RepoPath, SourceMap};

impl SourceMap {
    /// The roots of other repositories that lie in this one: none of their files is looked at unless something names it.
    pub fn repositories(&self) -> &[RepoPath] {
        &self.repositories
    }

    /// Takes what lies in these directories for other repositories.
    pub(super) fn with_borders(mut self, repositories: Vec<RepoPath>) -> Self {
        for file in &mut self.files {
            let path = file.path();
            let is_theirs = repositories.iter().any(|root| path.starts_with(root));
            file.excluded |= is_theirs;
        }
        self.repositories = repositories;
        self
    }
}
