//! Fields of objects: the paths by which kustomize names them, and the table of those that each transformer touches.

pub(super) mod config;
pub(super) mod crds;
mod defaults;
pub(super) mod field_lookup;
pub(super) mod fieldpath;
pub(super) mod fieldspec;
pub(super) mod transformer_config;
