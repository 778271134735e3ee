//! Small readings of nodes that several transformers need, with kyaml's idea of what is empty.

use std::sync::Arc;

use super::gvk::Gvk;
use crate::kustomize::error::{PatchError, wrong_kind};
use crate::yaml::{Kind, Node, Origin, Tag};

/// Group, version and kind of an object.
pub(crate) fn gvk(object: &Node) -> Gvk<'_> {
    Gvk::new(
        object.text_at(&["apiVersion"]).unwrap_or_default(),
        object.text_at(&["kind"]).unwrap_or_default(),
    )
}

/// Whether the node is null, or a map or list without content.
pub(crate) fn is_nil_or_empty(node: &Node) -> bool {
    match node.kind() {
        Kind::Scalar(_) => node.is_null(),
        Kind::Sequence(items) => items.is_empty(),
        Kind::Mapping(entries) => entries.is_empty(),
    }
}

/// The text of a scalar, `None` for null and for maps and lists.
pub(crate) fn text(node: Option<&Node>) -> Option<&str> {
    node.and_then(Node::as_text)
}

/// The text of a scalar that is not empty.
pub(crate) fn nonempty(node: Option<&Node>) -> Option<&str> {
    text(node).filter(|text| !text.is_empty())
}

/// Replaces a scalar's text and origin; its style stays (kyaml `FieldSetter` without a name).
pub(crate) fn set_scalar(
    node: &mut Node,
    text: &str,
    tag: Option<Tag>,
    origin: &Origin,
) -> Result<(), PatchError> {
    if node.as_scalar().is_none() {
        return Err(wrong_kind(node, "ScalarNode"));
    }
    if let Kind::Scalar(scalar) = node.kind_mut() {
        scalar.text = text.into();
        scalar.tag = tag;
    }
    node.set_origin(origin.clone());
    Ok(())
}

/// A key as kustomize writes it: without the quotes that made it text (kyaml `FieldSetter`).
pub(super) fn without_quotes(key: &Node) -> Node {
    match key.as_scalar() {
        Some(scalar) => Node::plain(Arc::clone(&scalar.text), key.origin().clone()),
        None => key.clone(),
    }
}

/// Sets one entry of a map to a text (kyaml `FieldSetter` with a name): an existing entry keeps its place and style.
pub(crate) fn set_entry(node: &mut Node, key: &Node, value: &Node) -> Result<(), PatchError> {
    if !node.is_mapping() {
        return Err(wrong_kind(node, "MappingNode"));
    }
    let name = key
        .as_scalar()
        .map(|scalar| scalar.text.clone())
        .unwrap_or_default();
    let text = value.as_scalar().map_or("", |scalar| &scalar.text);
    match node.get_mut(&name) {
        Some(existing) if existing.as_scalar().is_some() => {
            set_scalar(existing, text, Some(Tag::Str), value.origin())
        }
        _ => {
            node.set(without_quotes(key), value.clone());
            Ok(())
        }
    }
}
