//! Flux: its objects, and what its controllers make of a cluster's entry point.

pub(crate) mod address;
mod applied;
mod dependencies;
mod entry_point;
pub(crate) mod metadata;
mod model;
mod options;
pub(crate) mod render;
mod resource_set;

pub(crate) use applied::{is_left_out, tells_flux};
pub(crate) use dependencies::known_text;
pub use dependencies::{Dependency, dependencies};
pub(crate) use entry_point::{EntryPoint, Instance, SyncedBy};
pub use model::{FluxVersion, Given, Kustomization, RenderedSet, Source};
pub use options::{Discovery, GivenObject, GivenValue, SourceKey, SourceName, StatedCluster, StatedSource};
