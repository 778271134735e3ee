//! Questions to a rendered cluster: whether an object is there, is provably missing, or cannot be known, and what else
//! several rules ask of one.

mod blind;
mod charts;
pub(crate) mod copied;
pub(crate) mod definition_edges;
mod definitions;
pub(crate) mod expressions;
pub(crate) mod hashed_names;
mod index;
mod kind;
pub(crate) mod lockdown;
pub(crate) mod lost;
pub(crate) mod makers;
pub(crate) mod mentions;
pub(crate) mod policies;
pub(crate) mod reached;
mod reconciled;
pub(crate) mod references;
pub(crate) mod releases;
pub(crate) mod service_names;
pub(crate) mod settings;
pub(crate) mod sight;
mod unread;
mod workloads;
mod written;

pub use index::{ClusterIndex, Existence, Index, Placed};
pub use kind::{GroupKind, namespace_of};
pub use reconciled::Reconciled;
pub(crate) use unread::beginnings;
pub use workloads::{Workload, selects, workloads};
pub use written::Written;
