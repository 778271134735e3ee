//! How a value is put into a field.

use crate::yaml::Node;

/// `options` of a source or target.
#[derive(Debug, Clone, Default)]
pub(crate) struct Options {
    pub(crate) delimiter: String,
    pub(crate) index: i64,
    pub(crate) create: bool,
}

impl Options {
    pub(crate) fn read(node: Option<&Node>) -> Self {
        let Some(node) = node else {
            return Self::default();
        };
        Self {
            delimiter: node.text_at(&["delimiter"]).unwrap_or_default().to_owned(),
            index: node.get("index").and_then(Node::as_int).unwrap_or_default(),
            create: node.get("create").and_then(Node::as_bool).unwrap_or_default(),
        }
    }
}
