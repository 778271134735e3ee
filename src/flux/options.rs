//! What a caller may state about the clusters instead of leaving it to be found out.

use crate::source::RepoPath;

/// How clusters are found. The default finds them all without being told anything.
#[derive(Debug, Clone, Default)]
pub struct Discovery {
    /// Clusters stated by name. One whose entry is found anyway only gets its name from here.
    pub clusters: Vec<StatedCluster>,
    /// Only the stated clusters count; nothing is looked for.
    pub stated_only: bool,
    /// Paths that hold no cluster, as `.gitignore` patterns relative to the repository root.
    pub exclude: Vec<String>,
    /// Addresses of sources that hold this repository, beside those found out.
    pub own_sources: Vec<OwnSource>,
    /// Whether undefined variables fail a build; `None` follows the newest kustomize-controller.
    pub strict_substitution: Option<bool>,
    /// The address of the Git remote `origin`, where known.
    pub origin: Option<String>,
}

/// A cluster that the configuration names.
#[derive(Debug, Clone)]
pub struct StatedCluster {
    /// The name shown.
    pub name: String,
    /// The directory it starts from, or its file of Cilium values.
    pub entry: RepoPath,
    /// The directory that is the root of its source; `None` finds it out.
    pub root: Option<RepoPath>,
}

/// A source that holds this repository or a directory of it.
#[derive(Debug, Clone)]
pub struct OwnSource {
    /// `spec.url` of the source, compared without scheme, user and `.git`.
    pub url: String,
    /// The directory that is the root of its artifact.
    pub root: RepoPath,
}
