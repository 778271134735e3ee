//! YAML as Go reads and writes it, in a tree that knows where every key and value stands.

mod de;
mod dialect;
mod embedded;
mod equal;
mod events;
mod intern;
mod locate;
mod merge;
mod node;
mod parse;
mod parse_error;
mod parsed;
mod route;
mod scalar;
mod scan;
mod store;
mod tree;
mod write;

#[cfg(test)]
mod tests;

pub use de::{
    DeError, DeErrorKind, ReadOptions, Spanned, UnknownField, from_node, from_node_reporting, from_node_with,
};
pub use embedded::{embedded_places, parse_embedded, parse_embedded_trimmed, value_ranges};
pub use node::{Entry, Kind, Node, Origin, Scalar, Style, Substitution, Tag};
pub use parse::parse;
pub use parse_error::{ParseError, ParseErrorKind};
pub use parsed::{COMMENT_MARK, Comment, Document, MAX_DEPTH, Parsed};
pub use route::{Route, Step, Walk};
pub use scalar::{Int, Resolved, Schema};
pub use store::{Parses, Store};
pub use write::{Mapped, Obstacle, Placed, obstacle, to_go_json, to_shown_yaml, to_yaml, to_yaml_mapped};
pub(crate) use write::{float_as_single_text, float_as_text, special_text};
