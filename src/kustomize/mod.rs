//! `kustomize build` over the span tree: the reference is kustomize api v0.21.1 as kustomize-controller calls it.

mod assembly;
mod error;
mod fields;
mod files;
mod generate;
mod kustomization;
mod model;
mod patch;
mod references;
mod resources;
mod schema;
mod transform;
mod unread;

pub use assembly::{BuildOptions, Builder, Builds, Caller};
pub use files::{Exclusion, LeftOut};
pub use generate::name_before_hash;
pub(crate) use kustomization::FILE_NAMES;
pub use model::{Build, Object, Opaque, Overlay, Problem, ProblemKind};
pub(crate) use schema::{ListShape, shape_of};
pub use unread::Unread;

#[cfg(test)]
mod testing;
#[cfg(test)]
mod tests;
