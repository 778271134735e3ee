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

/// What one parameter may make: some thousand values.
const MAX_PARAMETER: usize = 1 << 19;

/// Sets a key as `--set` does. A list or map replaces what is there; text gets the type that Helm gives it, unless `literal`.
pub(crate) fn set_parameter(tree: &mut Node, path: &str, value: &Node, literal: bool) -> Option<()> {
    let path = TargetPath::parse(path)?;
    path.cost().filter(|cost| *cost <= MAX_PARAMETER)?;
    let value = match value.as_scalar() {
        Some(_) => target_path::typed(value, literal),
        None => value.clone(),
    };
    path.set(tree, &value);
    Some(())
}
