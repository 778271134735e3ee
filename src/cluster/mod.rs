//! Questions to a rendered cluster: whether an object is there, is provably missing, or cannot be known.

mod blind;
mod index;
mod kind;
mod reconciled;

pub use index::{ClusterIndex, Existence, Index, Placed, lineage};
pub use kind::GroupKind;
pub use reconciled::Reconciled;
