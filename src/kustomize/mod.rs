//! `kustomize build` over the span tree: the reference is kustomize api v0.21.1 as kustomize-controller calls it.

mod model;

pub use model::{Build, Object, Opaque, Overlay, Problem, ProblemKind};
