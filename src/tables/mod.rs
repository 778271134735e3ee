//! What is known of charts and kinds, by version.

pub(crate) mod annotation_domains;
pub(crate) mod api_versions;
pub mod cilium;
pub(crate) mod operators;
pub(crate) mod schemas;
pub(crate) mod shapes;
