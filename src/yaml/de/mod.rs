//! Typed models read from trees by serde, as Go reads them through `sigs.k8s.io/yaml`: booleans and numbers may stand
//! for text, null for nothing, and errors have the place of the key or value that is wrong.

mod error;
mod options;
mod reader;
mod spanned;

pub use options::ReadOptions;
use std::cell::RefCell;

use serde::de::DeserializeOwned;

use super::node::Node;
use reader::Reader;

pub use error::{DeError, DeErrorKind};
pub use spanned::Spanned;

/// A key that the model has no field for.
#[derive(Debug, Clone)]
pub struct UnknownField {
    /// The key.
    pub key: Node,
    /// Where it stands.
    pub route: String,
    /// The fields that exist there.
    pub expected: &'static [&'static str],
}

/// Reads a model. Keys without a field are passed over, unless the model has `deny_unknown_fields`.
///
/// # Errors
/// When a value does not suit its field; the first one found.
pub fn from_node<T: DeserializeOwned>(node: &Node) -> Result<T, DeError> {
    from_node_with(node, ReadOptions::default())
}

/// [`from_node`] with options.
///
/// # Errors
/// As [`from_node`].
pub fn from_node_with<T: DeserializeOwned>(node: &Node, options: ReadOptions) -> Result<T, DeError> {
    Reader::root(node, options, None)
        .read()
        .map_err(|error| error.finish(node))
}

/// Reads a model and gives the keys it has no field for, in the order of the source. The model must not have
/// `deny_unknown_fields`; structs with a flattened field take every key and report none.
///
/// # Errors
/// As [`from_node`].
pub fn from_node_reporting<T: DeserializeOwned>(
    node: &Node,
    options: ReadOptions,
) -> (Result<T, DeError>, Vec<UnknownField>) {
    let unknown = RefCell::new(Vec::new());
    let read = Reader::root(node, options, Some(&unknown))
        .read()
        .map_err(|error| error.finish(node));
    let unknown = unknown
        .into_inner()
        .into_iter()
        .map(|(key, expected)| UnknownField {
            route: node.route_to(&key).unwrap_or_default(),
            key,
            expected,
        });
    (read, unknown.collect())
}
