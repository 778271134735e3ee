//! Where Flux starts in a cluster.

use super::options::StatedCluster;
use crate::source::{RepoPath, Span};
use crate::yaml::Node;

/// Where a cluster starts.
#[derive(Debug)]
pub(crate) struct EntryPoint {
    pub(crate) name: String,
    /// Its name while none is stated.
    pub(crate) found_as: String,
    pub(crate) directory: RepoPath,
    /// The directory that is the root of the source's artifact.
    pub(crate) root: RepoPath,
    pub(crate) span: Option<Span>,
    pub(crate) start: SyncedBy,
    /// Kustomizations that are applied beside the first: entries that clusters share.
    pub(crate) also: Vec<Node>,
    /// What the caller states about it.
    pub(crate) stated: Option<StatedCluster>,
}

/// How a cluster comes to its first Kustomization.
#[derive(Debug, Clone)]
pub(crate) enum SyncedBy {
    /// A Flux Kustomization in the repository, applied by `flux bootstrap` or by hand.
    Sync(Node),
    /// The flux-operator makes it from a FluxInstance.
    Instance(Box<Instance>),
    /// Something outside of the repository applies it; only the directory is known.
    Directory,
}

/// What of a FluxInstance, or of the values of the chart that makes one, decides about the first Kustomization.
#[derive(Debug, Clone)]
pub(crate) struct Instance {
    /// `FluxInstance.spec`, or `instance` of the chart's values.
    pub(crate) spec: Node,
    /// The namespace of the FluxInstance.
    pub(crate) namespace: String,
    /// Whether the file does not say which namespace it is.
    pub(crate) is_namespace_presumed: bool,
}
