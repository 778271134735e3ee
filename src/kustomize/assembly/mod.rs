//! The build: the recursion through kustomizations, the order of their steps, and the way in. Everything else of kustomize is
//! called from here.

mod accumulate;
mod accumulator;
mod bases;
mod builder;
mod flow;
mod inline;
mod order;
mod plugins;
mod reading;
mod replacements;
mod schema_choice;
mod settings;
mod transformers;

pub use builder::{BuildOptions, Builder, Builds, Caller};
