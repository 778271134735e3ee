//! The values of a Helm release.

mod merge;
mod target_path;
mod values;
mod values_from;

pub(crate) use merge::{merge, parameter};
pub use values::{HelmValues, Lookup};
