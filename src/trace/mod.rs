//! Where a value of a rendered object comes from, and where a variable goes.

mod field;
mod steps;
mod variable;

pub use field::{Found, Malformed, find};
pub use steps::{Step, Traced, Ways, Writer, trace};
pub use variable::{Setting, Use, settings};
