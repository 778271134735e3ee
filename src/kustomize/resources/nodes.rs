//! Small readings of nodes that several transformers need, with kyaml's idea of what is empty.

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

/// Sets one entry of a map to text (kyaml `FieldSetter` with a name): an existing entry keeps its place and style.
pub(crate) fn set_entry(node: &mut Node, key: &Node, value: &str, origin: &Origin) -> Result<(), PatchError> {
    if !node.is_mapping() {
        return Err(wrong_kind(node, "MappingNode"));
    }
    let name = key
        .as_scalar()
        .map(|scalar| scalar.text.clone())
        .unwrap_or_default();
    match node.get_mut(&name) {
        Some(existing) if existing.as_scalar().is_some() => {
            set_scalar(existing, value, Some(Tag::Str), origin)
        }
        _ => {
            node.set(key.clone(), Node::string(value, origin.clone()));
            Ok(())
        }
    }
}
