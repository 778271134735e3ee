//! The build that Flux runs.

pub(super) mod kustomize_build_failed;
