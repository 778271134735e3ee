//! The mesh: what each cluster says of itself, with the evidence for it, and which clusters belong together.

mod model;

pub use model::{Evidence, Fact, Known, Member, Mesh, Relation, Statement};
