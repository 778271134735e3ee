//! Patches: strategic merges and JSON patches, and the choice of the objects that they are for.

pub(super) mod json6902;
mod metadata;
pub(super) mod patches;
mod strategic;
pub(super) mod targets;
