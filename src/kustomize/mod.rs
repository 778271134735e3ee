//! `kustomize build` over the span tree: the reference is kustomize api v0.21.1 as kustomize-controller calls it.

mod accumulate;
mod accumulator;
mod builder;
mod config;
mod crds;
mod defaults;
mod error;
mod field_lookup;
mod fieldpath;
mod fieldspec;
mod flow;
mod flux;
mod generators;
mod gvk;
mod hash;
mod images;
mod inline;
mod json6902;
mod kustfile;
mod kv;
mod label_selector;
mod labels;
mod left_out;
mod loader;
mod metadata;
mod model;
mod nameref;
mod names;
mod namespace;
mod near;
mod nodes;
mod objects;
mod openapi;
mod order;
mod patches;
mod plugins;
mod provenance;
mod reading;
mod remote;
mod replacement;
mod replacements;
mod replicas;
mod report;
mod resmap;
mod resource;
mod resource_id;
mod schema;
mod schema_choice;
mod schema_table;
mod selector;
mod settings;
mod strategic;
mod transform;
mod typed;
mod types;
mod valueadd;
mod vars;

pub use builder::{BuildOptions, Builder, Caller};
pub use hash::name_before_hash;
pub use left_out::{Exclusion, LeftOut};
pub use model::{Build, Object, Opaque, Overlay, Problem, ProblemKind};

#[cfg(test)]
mod testing;
#[cfg(test)]
mod tests;
