//! `spec.commonMetadata`, which kustomize-controller puts on the final objects, after substitution.

use std::sync::Arc;

use crate::kustomize::Object;
use crate::yaml::{Entry, Kind, Node};

/// The object with the labels and annotations of `spec.commonMetadata`; values there win over the object's own.
pub(in crate::flux) fn with_common_metadata(object: Arc<Object>, common: &Node) -> Arc<Object> {
    let wanted = ["labels", "annotations"]
        .into_iter()
        .filter_map(|field| common.entry(field))
        .filter(|entry| !entry.value.entries().is_empty());
    let mut object = object;
    for field in wanted {
        let Some(metadata) = Arc::make_mut(&mut object).node.get_mut("metadata") else {
            continue;
        };
        let name = field.key.as_text().unwrap_or_default();
        if !metadata.get(name).is_some_and(Node::is_mapping) {
            metadata.set(
                field.key.clone(),
                Node::mapping(Vec::new(), field.value.origin().clone()),
            );
        }
        if let Some(target) = metadata.get_mut(name) {
            for Entry { key, value } in field.value.entries() {
                target.set(key.clone(), value.clone());
            }
        }
    }
    object
}

/// Whether two trees say the same, wherever they come from.
pub(super) fn same_node(a: &Node, b: &Node) -> bool {
    if a.is_same(b) {
        return true;
    }
    match (a.kind(), b.kind()) {
        (Kind::Scalar(a), Kind::Scalar(b)) => a == b,
        (Kind::Sequence(a), Kind::Sequence(b)) => {
            a.len() == b.len() && a.iter().zip(b).all(|(a, b)| same_node(a, b))
        }
        (Kind::Mapping(a), Kind::Mapping(b)) => {
            let same = |(a, b): (&Entry, &Entry)| same_node(&a.key, &b.key) && same_node(&a.value, &b.value);
            a.len() == b.len() && a.iter().zip(b).all(same)
        }
        _ => false,
    }
}
