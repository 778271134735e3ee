//! YAML as Go reads and writes it, in a tree that knows where every key and value stands.

mod node;

pub use node::{Entry, Kind, Node, Origin, Scalar, Style, Substitution, Tag};
