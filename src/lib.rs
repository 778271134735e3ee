//! meshlint checks Git repositories that run several Kubernetes clusters as one mesh: it renders every cluster
//! exactly as Flux would, offline, and checks all of them together.
//!
//! The modules form a line, each importing only from those before it:
//! [`source`] → [`yaml`] → [`kustomize`] → [`flux`] → [`mesh`] → [`rules`] → `sink` → `report`, with [`neutral`] and
//! [`finding`] on the ground floor beside `source`. `docs/architecture.md` tells what each knows.

pub mod cli;
pub mod config;
pub mod engine;
pub mod finding;
pub mod flux;
pub mod kustomize;
pub mod mesh;
pub mod neutral;
pub mod report;
pub mod rules;
pub mod sink;
pub mod source;
pub mod yaml;
