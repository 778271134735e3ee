//! meshlint checks Git repositories that run several Kubernetes clusters as one mesh: it renders every cluster
//! exactly as Flux would, offline, and checks all of them together.
//!
//! The modules form a line, each importing only from those before it:
//! [`neutral`], [`source`], [`unknown`] and [`finding`] → [`yaml`] → [`kustomize`] → [`tables`], [`postbuild`],
//! [`template`] and [`helm`] → [`flux`] → [`fleet`] → [`cluster`] → [`mesh`] → [`schema`] → [`change`] → [`rules`] → `sink` → `report`.
//! `docs/architecture.md` tells what each knows.

pub mod budget;
pub mod change;
pub mod cli;
pub mod cluster;
pub mod config;
pub mod engine;
pub mod finding;
pub mod fleet;
pub mod flux;
pub mod helm;
pub mod kustomize;
#[cfg(feature = "lsp")]
pub mod lsp;
pub mod mesh;
pub mod neutral;
pub mod policy;
pub mod postbuild;
pub mod report;
pub mod rules;
pub mod schema;
pub mod secret;
pub mod sink;
mod sops;
pub mod source;
pub mod tables;
pub mod template;
pub mod text;
pub mod trace;
pub mod unknown;
pub mod yaml;
