//! Flux: which clusters a repository holds, and the objects that Flux would apply to each.

mod address;
mod cilium;
mod discover;
mod load;
mod model;
mod options;

pub use load::load;
pub use model::{
    Cluster, Delivery, Fleet, HelmValues, Kustomization, Lookup, LooseValues, Opaque, Problem, Source,
    UnknownReason, Variable, Variables,
};
pub use options::{Discovery, OwnSource, StatedCluster};
