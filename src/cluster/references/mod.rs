//! What objects of a cluster refer to by name, beside what Flux delivers them with.

pub(crate) mod config;
pub(crate) mod pods;
mod reference;

pub(crate) use reference::{ConfigReference, SERVICE_ACCOUNT, states_namespace};
