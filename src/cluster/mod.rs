//! Questions to a rendered cluster: whether an object is there, is provably missing, or cannot be known.

mod blind;
mod index;
mod reconciled;

pub use index::{ClusterIndex, Existence, GroupKind, Index, Placed, lineage};
pub use reconciled::Reconciled;
