//! Delivery by Flux: what makes it refuse, stall, or apply the wrong thing.

pub(super) mod dependency_cycle;
mod foreign;
pub(super) mod malformed_substitution;
pub(super) mod missing_dependency;
pub(super) mod missing_path;
pub(super) mod missing_source;
pub(super) mod missing_substitute_source;
pub(super) mod undefined_variable;
pub(super) mod variable_in_path;
mod waits;
