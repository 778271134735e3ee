//! Delivery by Flux: what makes it refuse, stall, or apply the wrong thing.

mod api_versions;
mod by_hand;
pub(super) mod dependency_cycle;
pub(super) mod dependency_not_awaited;
pub(super) mod deprecated_api_version;
pub(super) mod encrypted_secret_without_decryption;
mod fields;
mod foreign;
pub(super) mod ignored_health_check;
pub(super) mod malformed_chart_reference;
pub(super) mod malformed_substitution;
pub(super) mod missing_dependency;
pub(super) mod missing_dependency_edge;
pub(super) mod missing_health_check_target;
pub(super) mod missing_namespace;
pub(super) mod missing_path;
pub(super) mod missing_source;
pub(super) mod missing_substitute_source;
mod operators;
pub(super) mod plaintext_secret;
pub(super) mod undefined_variable;
pub(super) mod unknown_flux_field;
pub(super) mod variable_in_path;
mod waits;
