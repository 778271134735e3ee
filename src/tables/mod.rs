//! What is known of charts and kinds, by version.

pub mod cilium;
