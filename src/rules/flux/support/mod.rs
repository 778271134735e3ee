//! What rules about delivery share, and the tables that they look things up in.

mod api_version_table;
pub(super) mod api_versions;
pub(super) mod cilium_shapes;
pub(super) mod config_references;
pub(super) mod expressions;
pub(super) mod flux_shapes;
pub(super) mod foreign;
pub(super) mod hashed_names;
pub(super) mod lockdown;
pub(super) mod makers;
pub(super) mod operators;
pub(super) mod pod_references;
pub(super) mod reached;
pub(super) mod settings;
pub(super) mod shape_faults;
mod shapes;
