//! Flux: which clusters a repository holds, and the objects that Flux would apply to each.

pub mod envsubst;
mod model;
mod substitute;
mod variables;

pub use model::{
    Cluster, Delivery, Fleet, HelmValues, Kustomization, Lookup, LooseValues, Problem, Source, UnknownReason,
    Variable, Variables,
};
pub use substitute::{Substituted, Substituter};
pub use variables::{PostBuild, VariableSource, is_variable_name};
