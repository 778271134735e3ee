//! Fields of a policy, as far as they are known.

use crate::yaml::Node;

/// A field that holds text.
#[derive(Debug, Clone, Copy)]
pub(super) enum Text<'n> {
    /// It is not there, null or empty.
    Empty,
    /// A variable makes it whose value is not in the repository.
    Unknown,
    /// It is there.
    Is(&'n str, &'n Node),
}

/// The items of a list.
pub(super) fn list<'n>(node: &'n Node, key: &str) -> &'n [Node] {
    node.get(key).map_or(&[], Node::items)
}

/// The text in a field.
pub(super) fn text<'n>(node: &'n Node, key: &str) -> Text<'n> {
    node.get(key).map_or(Text::Empty, of)
}

/// The text of a scalar.
pub(super) fn of(node: &Node) -> Text<'_> {
    if node.origin().is_unknown() {
        return Text::Unknown;
    }
    match node.as_text() {
        None | Some("") => Text::Empty,
        Some(text) => Text::Is(text, node),
    }
}

/// Whether a field is there and not null.
pub(super) fn has(node: &Node, key: &str) -> bool {
    node.get(key).is_some_and(|value| !value.is_null())
}
