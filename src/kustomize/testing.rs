//! Helpers of the tests of this module.

use crate::source::SourceMap;
use crate::yaml::{self, Kind, Node, Resolved, Schema};

/// The root of a text of one document.
pub(super) fn node(text: &str) -> Node {
    let map = SourceMap::from_memory([("a.yaml", text)]);
    let (file, source) = map.iter().next().unwrap();
    let parsed = yaml::parse(file, source.text().unwrap());
    assert!(parsed.errors.is_empty(), "{:?} in {text}", parsed.errors);
    parsed.root().unwrap().clone()
}

/// Compares by value: order of keys and styles do not count, types and order of items do.
#[track_caller]
pub(super) fn assert_yaml(found: &Node, expected: &str) {
    assert_eq!(json(found), json(&node(expected)));
}

fn json(node: &Node) -> serde_json::Value {
    match node.kind() {
        Kind::Mapping(entries) => {
            let entry = |entry: &yaml::Entry| {
                (
                    entry.key.as_text().unwrap_or_default().to_owned(),
                    json(&entry.value),
                )
            };
            serde_json::Value::Object(entries.iter().map(entry).collect())
        }
        Kind::Sequence(items) => items.iter().map(json).collect(),
        Kind::Scalar(scalar) => match scalar.resolve(Schema::Kustomize) {
            Resolved::Null => serde_json::Value::Null,
            Resolved::Bool(value) => value.into(),
            Resolved::Int(value) => value.as_i64().into(),
            Resolved::Float(value) => value.into(),
            Resolved::Str(text) => text.into(),
        },
    }
}
