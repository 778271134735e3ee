//! A place that a cluster may start from.

use crate::flux::SyncedBy;
use crate::source::{RepoPath, Span};
use crate::yaml::Node;

#[derive(Debug, Clone)]
pub(crate) struct Candidate {
    pub(crate) directory: RepoPath,
    /// The directory that is the root of the source's artifact.
    pub(crate) root: RepoPath,
    pub(crate) span: Option<Span>,
    pub(crate) start: SyncedBy,
    /// Kustomizations that are applied beside the first.
    pub(crate) also: Vec<Node>,
    /// Whether this is certainly an entry point, not some Kustomization that happens to render itself.
    pub(crate) certain: bool,
}
