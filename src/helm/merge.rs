//! Helm's ways of putting values together.

use super::target_path::{self, TargetPath};
use crate::yaml::{Entry, Node};

/// Merges `over` into `base`: maps merge key by key, everything else replaces (Helm's `MergeMaps`). A null stays: it
/// deletes the chart's default later.
pub(crate) fn merge(base: &Node, over: &Node) -> Node {
    let mut merged = base.clone();
    for Entry { key, value } in over.entries() {
        let name = key.as_scalar().map(|scalar| &*scalar.text).unwrap_or_default();
        match merged.get_mut(name) {
            Some(below) if below.is_mapping() && value.is_mapping() => *below = merge(below, value),
            _ => merged.set(key.clone(), value.clone()),
        }
    }
    merged
}

/// The values that a `--set` parameter (`name`, `value`, `forceString`) makes.
pub(crate) fn parameter(parameter: &Node) -> Option<Node> {
    let path = TargetPath::parse(parameter.text_at(&["name"])?)?;
    let value = parameter.get("value")?;
    let literal = parameter.get("forceString").and_then(Node::as_bool) == Some(true);
    let mut tree = Node::mapping(Vec::new(), parameter.span());
    path.set(&mut tree, &target_path::typed(value, literal));
    Some(tree)
}
