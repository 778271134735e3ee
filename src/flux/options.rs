//! What a caller may state about the clusters instead of leaving it to be found out.

use super::model::FluxVersion;
use crate::source::{Anchor, RepoPath};

/// How clusters are found and rendered. The default finds them all without being told anything.
#[derive(Debug, Clone, Default)]
pub struct Discovery {
    /// Clusters that something is stated about.
    pub clusters: Vec<StatedCluster>,
    /// Sources of which it is stated what they hold.
    pub sources: Vec<StatedSource>,
    /// Whether undefined variables fail a build, whatever the repository says.
    pub strict_substitution: Option<bool>,
    /// The version of Flux, whatever the repository says.
    pub flux_version: Option<FluxVersion>,
    /// The addresses of the Git remotes, where known: sources with one of them hold this repository. A clone may come from
    /// elsewhere than Flux takes the repository from, so a source with none of them may hold it as well.
    pub remotes: Vec<String>,
}

/// A cluster, as far as something is stated about it.
#[derive(Debug, Clone, Default)]
pub struct StatedCluster {
    /// The name shown.
    pub name: String,
    /// The directory it starts from, or its file of Cilium values. Without it, the cluster is the one found under that
    /// name.
    pub entry: Option<RepoPath>,
    /// The directory that is the root of its source; `None` finds it out.
    pub root: Option<RepoPath>,
    /// The Flux source that holds this repository; `None` finds it out.
    pub source: Option<SourceName>,
    /// ConfigMaps and Secrets that bootstrap makes and the repository does not show.
    pub given: Vec<GivenObject>,
}

/// The kind and name of a Flux source.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SourceName {
    /// For example `GitRepository`.
    pub kind: String,
    /// Its namespace, which is also that of the entry point's Kustomization.
    pub namespace: String,
    /// Its name.
    pub name: String,
}

/// A ConfigMap or Secret that is in the cluster but not in the repository.
#[derive(Debug, Clone)]
pub struct GivenObject {
    /// `ConfigMap` or `Secret`.
    pub kind: String,
    /// Its namespace.
    pub namespace: String,
    /// Its name.
    pub name: String,
    /// Where that is stated.
    pub at: Anchor,
    /// Everything it holds; `None` when that is not stated.
    pub values: Option<Vec<GivenValue>>,
}

/// An entry of a [`GivenObject`].
#[derive(Debug, Clone)]
pub struct GivenValue {
    /// The key.
    pub name: String,
    /// Where the key, or the name of a value that is not told, is stated.
    pub name_at: Anchor,
    /// The value and where it is stated; `None` when it is not told.
    pub value: Option<(String, Anchor)>,
}

/// A source of which it is stated what it holds.
#[derive(Debug, Clone)]
pub struct StatedSource {
    /// Which source.
    pub which: SourceKey,
    /// The directory of this repository that is the root of its artifact; `None` when its files are elsewhere.
    pub root: Option<RepoPath>,
}

/// How a source is told from others.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SourceKey {
    /// By `spec.url` or `spec.bucketName`, compared without scheme, user and `.git`.
    Address(String),
    /// By its name, in every namespace unless one is given, and whatever its kind unless one is given.
    Name {
        /// For example `OCIRepository`.
        kind: Option<String>,
        /// Its namespace.
        namespace: Option<String>,
        /// Its name.
        name: String,
    },
}

impl StatedCluster {
    /// Whether this is about the cluster that starts from `entry` and was found under that name. `shared` tells that
    /// several clusters start from there.
    pub(crate) fn is_about(&self, entry: &RepoPath, found_as: &str, shared: bool) -> bool {
        match &self.entry {
            Some(own) => own == entry && (!shared || self.name == found_as),
            None => self.name == found_as,
        }
    }
}

impl Discovery {
    /// What is stated about a cluster.
    pub(crate) fn of_cluster(
        &self,
        entry: &RepoPath,
        found_as: &str,
        shared: bool,
    ) -> Option<&StatedCluster> {
        let mut stated = self.clusters.iter();
        stated.find(|stated| stated.is_about(entry, found_as, shared))
    }
}

impl SourceKey {
    /// Whether this is the name of that source.
    pub(crate) fn names(&self, kind: &str, namespace: &str, name: &str) -> bool {
        match self {
            Self::Address(_) => false,
            Self::Name {
                kind: own_kind,
                namespace: own_namespace,
                name: own_name,
            } => {
                own_name == name
                    && own_namespace.as_deref().is_none_or(|own| own == namespace)
                    && own_kind.as_deref().is_none_or(|own| own == kind)
            }
        }
    }
}
