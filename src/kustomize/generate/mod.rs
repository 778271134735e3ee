//! Objects that a kustomization makes: ConfigMaps and Secrets from files and literals, and the hash in their names.

pub(super) mod generators;
pub(super) mod hash;
mod kv;

pub use hash::name_before_hash;
