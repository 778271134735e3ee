//! Small readings of nodes that several transformers need, with kyaml's idea of what is empty.

use super::gvk::Gvk;
use crate::yaml::{Kind, Node};

/// Group, version and kind of an object.
pub(super) fn gvk(object: &Node) -> Gvk<'_> {
    Gvk::new(
        object.text_at(&["apiVersion"]).unwrap_or_default(),
        object.text_at(&["kind"]).unwrap_or_default(),
    )
}

/// Whether the node is null, or a map or list without content.
pub(super) fn is_nil_or_empty(node: &Node) -> bool {
    match node.kind() {
        Kind::Scalar(_) => node.is_null(),
        Kind::Sequence(items) => items.is_empty(),
        Kind::Mapping(entries) => entries.is_empty(),
    }
}

/// The text of a scalar, `None` for null and for maps and lists.
pub(super) fn text(node: Option<&Node>) -> Option<&str> {
    node.and_then(Node::as_text)
}

/// The text of a scalar that is not empty.
pub(super) fn nonempty(node: Option<&Node>) -> Option<&str> {
    text(node).filter(|text| !text.is_empty())
}
