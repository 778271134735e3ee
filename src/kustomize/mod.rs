//! `kustomize build` over the span tree: the reference is kustomize api v0.21.1 as kustomize-controller calls it.

#[allow(dead_code)]
mod error;
#[allow(dead_code)]
mod fieldpath;
mod model;
#[allow(dead_code)]
mod resource_id;
#[allow(dead_code)]
mod schema;
mod schema_table;
#[allow(dead_code)]
mod strategic;

pub use model::{Build, Object, Opaque, Overlay, Problem, ProblemKind};
