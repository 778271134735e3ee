//! The values of a Helm release.

mod layers;
mod merge;
mod target_path;
mod values;
mod values_from;

pub(crate) use layers::Layers;
pub use values::{HelmValues, Lookup};
