//! Flux: which clusters a repository holds, and the objects that Flux would apply to each.

mod blind;
mod dependencies;
pub mod envsubst;
mod index;
mod model;
mod reconciled;
mod variables;

pub(crate) use dependencies::known_text;
pub use dependencies::{Dependency, dependencies};
pub use index::{ClusterIndex, Existence, GroupKind, Index, Placed};
pub use model::{
    Cluster, Delivery, Fleet, HelmValues, Kustomization, Lookup, LooseValues, Problem, Source, UnknownReason,
    Variable, Variables,
};
pub use reconciled::Reconciled;
pub use variables::{PostBuild, VariableSource, is_variable_name};
