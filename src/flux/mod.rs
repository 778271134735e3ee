//! Flux: which clusters a repository holds, and the objects that Flux would apply to each.

pub mod envsubst;
mod model;

pub use model::{
    Cluster, Delivery, Fleet, HelmValues, Kustomization, Lookup, LooseValues, Problem, Source, UnknownReason,
    Variable, Variables,
};
