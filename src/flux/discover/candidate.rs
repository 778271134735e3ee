//! A place that a cluster may start from.

use crate::source::{RepoPath, Span};
use crate::yaml::Node;

/// How a cluster comes to its first Kustomization.
#[derive(Debug, Clone)]
pub(in crate::flux) enum Start {
    /// A Flux Kustomization in the repository, applied by `flux bootstrap` or by hand.
    Sync(Node),
    /// The flux-operator makes it from a FluxInstance.
    Instance(Box<Instance>),
    /// Something outside of the repository applies it; only the directory is known.
    Directory,
}

/// What of a FluxInstance, or of the values of the chart that makes one, decides about the first Kustomization.
#[derive(Debug, Clone)]
pub(in crate::flux) struct Instance {
    /// `FluxInstance.spec`, or `instance` of the chart's values.
    pub(in crate::flux) spec: Node,
    /// The namespace of the FluxInstance.
    pub(in crate::flux) namespace: String,
    /// Whether the file does not say which namespace it is.
    pub(in crate::flux) is_namespace_presumed: bool,
}

#[derive(Debug, Clone)]
pub(super) struct Candidate {
    pub(super) directory: RepoPath,
    /// The directory that is the root of the source's artifact.
    pub(super) root: RepoPath,
    pub(super) span: Option<Span>,
    pub(super) start: Start,
    /// Whether this is certainly an entry point, not some Kustomization that happens to render itself.
    pub(super) certain: bool,
}
