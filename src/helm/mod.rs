//! The values of a Helm release.

mod below;
mod chart;
mod layers;
mod merge;
mod target_path;
mod values;
mod values_from;

pub(crate) use below::Below;
pub use chart::{Dependency, LocalChart};
pub(crate) use layers::Layers;
pub(crate) use merge::merge;
pub use values::{HelmValues, Lookup};
pub(crate) use values_from::{Referenced, text_of_secret, values_in_text};
