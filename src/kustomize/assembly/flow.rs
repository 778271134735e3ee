//! Empty values within brackets. kustomize prints every object with yaml.v3 and reads its own print on the way to JSON
//! (kyaml `RNode.MarshalJSON`); an empty value in `{}` or `[]` is printed as `''`, so null becomes empty text.

use crate::source::SourceMap;
use crate::yaml::{Kind, Node, Tag};

/// Makes text of the empty values that stand within brackets.
pub(crate) fn empty_values_to_text(object: &mut Node, sources: &SourceMap) {
    empty_nulls(object, sources, false);
}

fn empty_nulls(node: &mut Node, sources: &SourceMap, in_flow: bool) {
    if !has_empty_null(node, sources, in_flow) {
        return;
    }
    let in_flow = in_flow || is_flow(node, sources);
    match node.kind_mut() {
        Kind::Scalar(scalar) => scalar.tag = Some(Tag::Str),
        Kind::Sequence(items) => items
            .iter_mut()
            .for_each(|item| empty_nulls(item, sources, in_flow)),
        Kind::Mapping(entries) => {
            entries
                .iter_mut()
                .for_each(|entry| empty_nulls(&mut entry.value, sources, in_flow));
        }
    }
}

fn has_empty_null(node: &Node, sources: &SourceMap, in_flow: bool) -> bool {
    let inside = |node: &Node| in_flow || is_flow(node, sources);
    match node.kind() {
        Kind::Scalar(scalar) => in_flow && scalar.text.is_empty() && node.is_null(),
        Kind::Sequence(items) => {
            let inside = inside(node);
            items.iter().any(|item| has_empty_null(item, sources, inside))
        }
        Kind::Mapping(entries) => {
            let inside = inside(node);
            entries
                .iter()
                .any(|entry| has_empty_null(&entry.value, sources, inside))
        }
    }
}

/// Whether the list or map was written with brackets.
fn is_flow(node: &Node, sources: &SourceMap) -> bool {
    sources.snippet(node.span()).starts_with(['{', '['])
}
