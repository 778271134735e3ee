//! Delivery by Flux: what makes it refuse, stall, or apply the wrong thing.

mod api_versions;
pub(super) mod dependency_cycle;
pub(super) mod deprecated_api_version;
pub(super) mod duplicate_object;
pub(super) mod encrypted_secret_without_decryption;
mod expressions;
mod foreign;
pub(super) mod malformed_chart_reference;
pub(super) mod malformed_substitution;
pub(super) mod missing_dependency;
pub(super) mod missing_namespace;
pub(super) mod missing_path;
pub(super) mod missing_source;
pub(super) mod missing_substitute_source;
pub(super) mod plaintext_secret;
pub(super) mod substitution_changes_type;
pub(super) mod substitution_skipped;
pub(super) mod surprising_substitution;
pub(super) mod undefined_variable;
pub(super) mod unused_variable;
pub(super) mod variable_in_path;
mod waits;
