//! Flux: which clusters a repository holds, and the objects that Flux would apply to each.

mod address;
mod blind;
mod cilium;
mod dependencies;
mod discover;
pub mod envsubst;
mod given;
mod helm;
mod index;
mod load;
mod model;
mod options;
mod reconciled;
mod render;
mod resource_set;
mod rooted;
mod substitute;
mod variables;

pub(crate) use dependencies::known_text;
pub use dependencies::{Dependency, dependencies};
pub use index::{ClusterIndex, Existence, GroupKind, Index, Placed, lineage};
pub use load::load;
pub use model::{
    Cluster, Delivery, Fleet, FluxVersion, Given, HelmValues, Kustomization, Lookup, LooseValues, Problem,
    RenderedSet, Source, UnknownReason, Variable, Variables,
};
pub use options::{Discovery, GivenObject, GivenValue, SourceKey, SourceName, StatedCluster, StatedSource};
pub use reconciled::Reconciled;
pub use rooted::is_root_of_clusters;
pub use substitute::{Substituted, Substituter};
pub use variables::{PostBuild, VariableSource, is_variable_name};

#[cfg(test)]
mod tests;
