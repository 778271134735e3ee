//! kustomization.yaml itself: found, read as Go's decoder reads it, checked, and changed as kustomize-controller changes it.

pub(super) mod flux;
pub(super) mod kustfile;
pub(super) mod near;
pub(super) mod typed;
pub(super) mod types;

pub(crate) use kustfile::FILE_NAMES;
