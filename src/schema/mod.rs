//! What the API server says of the objects of a cluster, by the definitions of their kinds.

mod belongs;
mod fault;
mod look;
mod values;
mod verdicts;

pub(crate) use fault::{Fault, Instead, Wrong};
pub use verdicts::Verdicts;
