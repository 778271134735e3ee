//! Objects that a controller copies into other namespaces.

use crate::kustomize::Object;
use crate::yaml::Node;

/// Where annotations of an object, or of the Secret that is made of it, stand.
const PLACES: [&[&str]; 4] = [
    &["metadata", "annotations"],
    &["spec", "template", "metadata", "annotations"],
    &["spec", "target", "template", "metadata", "annotations"],
    &["spec", "secretTemplate", "annotations"],
];

/// What reflector, kubernetes-replicator, config-syncer and others are told by.
const WORDS: [&str; 4] = [
    "reflector.",
    "replicator.",
    "kubed.appscode.com/",
    "config-syncer.",
];

/// Whether an annotation asks for copies of the object in other namespaces.
pub(crate) fn is_copied(object: &Object) -> bool {
    let annotations = PLACES
        .iter()
        .filter_map(|route| object.node.at(route))
        .flat_map(Node::entries);
    let mut keys = annotations.filter_map(|entry| entry.key.as_scalar());
    keys.any(|key| WORDS.iter().any(|word| key.text.contains(word)))
}
