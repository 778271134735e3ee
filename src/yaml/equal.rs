//! Whether two trees mean the same.

use super::node::{Entry, Kind, Node};
use super::scalar::Schema;
use super::write::json_value;

impl Node {
    /// Whether both stand for the same JSON in kustomize's reading, wherever they come from, however they are quoted
    /// and in whatever order their keys stand.
    pub fn same_value(&self, other: &Node) -> bool {
        if self.is_same(other) {
            return true;
        }
        match (self.kind(), other.kind()) {
            (Kind::Scalar(a), Kind::Scalar(b)) => {
                a == b || json_value(a, Schema::Kustomize) == json_value(b, Schema::Kustomize)
            }
            (Kind::Sequence(a), Kind::Sequence(b)) => {
                a.len() == b.len() && a.iter().zip(b).all(|(a, b)| a.same_value(b))
            }
            (Kind::Mapping(a), Kind::Mapping(b)) => a.len() == b.len() && same_entries(a, b),
            _ => false,
        }
    }
}

fn same_entries(a: &[Entry], b: &[Entry]) -> bool {
    let text = |entry: &Entry| entry.key.as_scalar().map(|key| key.text.clone());
    if a.iter().zip(b).all(|(a, b)| text(a) == text(b)) {
        return a.iter().zip(b).all(|(a, b)| a.value.same_value(&b.value));
    }
    let sorted = |entries: &[Entry]| {
        let mut entries: Vec<_> = entries
            .iter()
            .map(|entry| (text(entry), entry.value.clone()))
            .collect();
        entries.sort_by(|a, b| a.0.cmp(&b.0));
        entries
    };
    let (a, b) = (sorted(a), sorted(b));
    a.iter()
        .zip(&b)
        .all(|((ka, va), (kb, vb))| ka == kb && va.same_value(vb))
}
