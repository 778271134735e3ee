//! What kustomize does to the metadata around a patch.

use std::sync::Arc;

use crate::yaml::{Entry, Node};

/// A patch as kustomize prepares it for an object that a `target` selected (api/resmap/reswrangler.go,
/// `ApplySmPatch`): it takes the object's `apiVersion`, and its labels and annotations become text. So a label whose
/// value is null does not go away, but gets the text `null`.
pub(crate) fn for_selected(patch: &Node, target: &Node) -> Node {
    let mut prepared = with_texts(&with_texts(patch, "labels"), "annotations");
    if let Some(version) = target.entry("apiVersion") {
        prepared.set(version.key.clone(), version.value.clone());
    }
    prepared
}

/// The object with a map of annotations, perhaps empty. Before a JSON patch kustomize notes the object's identity in
/// annotations (api/internal/builtins/PatchTransformer.go, `StorePreviousId`), so adding one never fails for want of
/// the map.
pub(super) fn with_annotations(object: &Node) -> Node {
    let mut object = object.clone();
    let origin = object.origin().clone();
    if let Some(metadata) = object.get_mut("metadata")
        && metadata.is_mapping()
        && metadata.get("annotations").is_none_or(Node::is_null)
    {
        let empty = Node::mapping(Vec::new(), origin.clone());
        metadata.set(Node::string("annotations", origin), empty);
    }
    object
}

/// The object with the labels or annotations of its metadata as text; without the map when that holds nothing.
pub(super) fn with_texts(object: &Node, key: &str) -> Node {
    let Some(map) = object.at(&["metadata", key]) else {
        return object.clone();
    };
    let as_text = |entry: &Entry| {
        let text = entry
            .value
            .as_scalar()
            .map_or_else(|| Arc::from(""), |scalar| Arc::clone(&scalar.text));
        Entry {
            key: entry.key.clone(),
            value: Node::string(text, entry.value.origin().clone()),
        }
    };
    let entries: Vec<Entry> = map.entries().iter().map(as_text).collect();
    let texts = (!entries.is_empty()).then(|| Node::mapping(entries, map.origin().clone()));
    let mut object = object.clone();
    if let Some(metadata) = object.get_mut("metadata") {
        match (texts, metadata.get_mut(key)) {
            (Some(texts), Some(value)) => *value = texts,
            _ => {
                metadata.remove(key);
            }
        }
    }
    object
}

/// kustomize writes kind, name and namespace back after the merge (api/resource/resource.go, `ApplySmPatch`).
pub(super) fn restore_identity(mut merged: Node, target: &Node, allowed: Allowed) -> Node {
    if !allowed.kind
        && let Some(kind) = target.entry("kind")
    {
        merged.set(kind.key.clone(), kind.value.clone());
    }
    let Some(metadata) = target.entry("metadata") else {
        return merged;
    };
    if merged.get("metadata").is_none_or(|node| !node.is_mapping()) {
        let empty = Node::mapping(Vec::new(), metadata.value.origin().clone());
        merged.set(metadata.key.clone(), empty);
    }
    if let Some(node) = merged.get_mut("metadata") {
        if !allowed.name {
            restore(node, &metadata.value, "name");
        }
        restore(node, &metadata.value, "namespace");
    }
    merged
}

fn restore(metadata: &mut Node, original: &Node, key: &str) {
    match original.entry(key) {
        Some(entry) => metadata.set(entry.key.clone(), entry.value.clone()),
        None => {
            metadata.remove(key);
        }
    }
}

/// Which parts of the object's identity the patch may change (`options` of an entry of `patches`).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct Allowed {
    /// `allowNameChange`
    pub(crate) name: bool,
    /// `allowKindChange`
    pub(crate) kind: bool,
}
