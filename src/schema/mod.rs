//! What the API server says of the objects of a cluster, by the definitions of their kinds.

mod belongs;
mod fault;
mod look;
mod quantity;
mod refusal;
mod twice;
mod values;
mod verdicts;

pub(crate) use fault::{Fault, Instead, Refusal, Wrong};
pub(crate) use values::is_what;
pub use verdicts::Verdicts;
