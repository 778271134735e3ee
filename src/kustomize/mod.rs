//! `kustomize build` over the span tree: the reference is kustomize api v0.21.1 as kustomize-controller calls it.

mod accumulate;
mod builder;
mod config;
mod crds;
mod defaults;
#[allow(dead_code)]
mod error;
#[allow(dead_code)]
mod field_lookup;
#[allow(dead_code)]
mod fieldpath;
mod fieldspec;
mod flux;
mod generators;
mod gvk;
mod hash;
mod images;
mod inline;
#[allow(dead_code)]
mod json6902;
mod kustfile;
mod kv;
#[allow(dead_code)]
mod label_selector;
mod labels;
mod loader;
#[allow(dead_code)]
mod metadata;
mod model;
mod nameref;
mod names;
mod namespace;
mod nodes;
mod objects;
mod order;
mod patches;
mod plugins;
mod provenance;
mod refold;
mod remote;
#[allow(dead_code)]
mod replacement;
mod replicas;
mod report;
mod resmap;
mod resource;
#[allow(dead_code)]
mod resource_id;
#[allow(dead_code)]
mod schema;
mod schema_table;
#[allow(dead_code)]
mod selector;
#[allow(dead_code)]
mod strategic;
mod transform;
mod typed;
mod types;
mod valueadd;
mod vars;

pub use builder::{BuildOptions, Builder, Caller};
pub use model::{Build, Object, Opaque, Overlay, Problem, ProblemKind};

#[cfg(test)]
mod testing;
