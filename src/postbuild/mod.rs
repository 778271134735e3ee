//! `spec.postBuild` of a Kustomization: where its variables come from, and what substitution makes of an object.

pub mod envsubst;
mod model;
pub(crate) mod substitute;
mod variables;

pub use model::{RenderProblem, Variable, Variables};
pub use substitute::{Printouts, Substituted, Substituter};
pub use variables::{PostBuild, VariableSource, is_variable_name};
