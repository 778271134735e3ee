//! The chart `cilium`: its values, their defaults, those it no longer has, and how its values are told from others.

pub(crate) mod annotations;
pub(crate) mod defaults;
mod removed;
pub(crate) mod telling;
mod values;

pub use removed::{REMOVED, Removal, Removed};
pub use values::{Minor, READ, ValueName, value_names};
