//! `spec.commonMetadata`, which kustomize-controller puts on the final objects, after substitution.

use std::sync::Arc;

use crate::kustomize::Object;
use crate::yaml::{Entry, Node};

/// The object with the labels and annotations of `spec.commonMetadata`; values there win over the object's own, and null
/// becomes the empty text, in both fields whichever is stated (fluxcd/pkg `ssa/utils` `SetCommonMetadata`).
pub(crate) fn with_common_metadata(object: Arc<Object>, common: &Node) -> Arc<Object> {
    let mut object = object;
    for name in ["labels", "annotations"] {
        let wanted = common.entry(name);
        let wanted = wanted.filter(|entry| !entry.value.entries().is_empty());
        let own = object.node.at(&["metadata", name]);
        if wanted.is_none() && !own.is_some_and(has_null) {
            continue;
        }
        let Some(metadata) = Arc::make_mut(&mut object).node.get_mut("metadata") else {
            continue;
        };
        if let Some(target) = metadata.get_mut(name) {
            fill_nulls(target);
        }
        if let Some(wanted) = wanted {
            add(metadata, name, wanted);
        }
    }
    object
}

fn add(metadata: &mut Node, name: &str, wanted: &Entry) {
    if !metadata.get(name).is_some_and(Node::is_mapping) {
        metadata.set(
            wanted.key.clone(),
            Node::mapping(Vec::new(), wanted.value.origin().clone()),
        );
    }
    if let Some(target) = metadata.get_mut(name) {
        for Entry { key, value } in wanted.value.entries() {
            target.set(key.clone(), value.clone());
        }
    }
}

fn has_null(map: &Node) -> bool {
    map.entries().iter().any(|entry| entry.value.is_null())
}

fn fill_nulls(map: &mut Node) {
    let nulls = map.entries().iter().filter(|entry| entry.value.is_null());
    for Entry { key, value } in nulls.cloned().collect::<Vec<_>>() {
        map.set(key, Node::string("", value.origin().clone()));
    }
}
