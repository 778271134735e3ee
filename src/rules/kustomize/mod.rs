//! The build that Flux runs.

pub(super) mod deprecated_kustomize_field;
pub(super) mod kustomize_build_failed;
pub(super) mod patch_matches_nothing;
pub(super) mod remote_base_not_rendered;
pub(super) mod unknown_kustomize_field;
