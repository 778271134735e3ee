//! The hash suffix of generated names (api `hasher/hasher.go`).

use sha2::{Digest, Sha256};

use crate::kustomize::model::Object;
use crate::kustomize::resources::resmap::ResMap;
use crate::yaml::{Node, Schema, to_go_json};

/// Adds the hash of its content to the name of every generated object that asks for it.
pub(crate) fn transform(map: &mut ResMap) {
    if map.list().iter().all(|resource| !resource.needs_hash) {
        return;
    }
    for resource in map.list_mut().iter_mut().filter(|resource| resource.needs_hash) {
        let hash = suffix(&resource.node);
        resource.store_previous_id();
        let name = format!("{}-{hash}", resource.name());
        resource.set_name(&name);
    }
}

/// The name that a generator gives, for an object that ends in the hash of its own content.
pub fn name_before_hash(object: &Object) -> Option<&str> {
    let (name, hash) = object.name().rsplit_once('-')?;
    let is_generated = object.group().is_empty() && matches!(object.kind(), "ConfigMap" | "Secret");
    // The hash is taken of few objects only: it is dear.
    let may_be_one =
        is_generated && hash.len() == 10 && hash.bytes().all(|byte| byte.is_ascii_alphanumeric());
    (may_be_one && suffix(&object.node) == hash).then_some(name)
}

/// The ten characters.
fn suffix(object: &Node) -> String {
    let digest = Sha256::digest(to_go_json(&hashed(object), Schema::Kustomize));
    let hex = digest.iter().flat_map(|byte| [byte >> 4, byte & 0xf]);
    hex.take(10)
        .filter_map(|digit| char::from_digit(u32::from(digit), 16))
        .map(|digit| match digit {
            '0' => 'g',
            '1' => 'h',
            '3' => 'k',
            'a' => 'm',
            'e' => 't',
            other => other,
        })
        .collect()
}

/// What is hashed. `name` is always empty: kustomize looks for a single field called `metadata/name`.
fn hashed(object: &Node) -> Node {
    let text = |text: &str| Node::string(text, object.origin().clone());
    let kind = object.text_at(&["kind"]).unwrap_or_default();
    let value = |field: &str| match object.get(field) {
        None => text(""),
        Some(node) => match node.as_scalar() {
            Some(scalar) => text(&scalar.text),
            None => node.clone(),
        },
    };
    let mut hashed = Node::mapping(Vec::new(), object.origin().clone());
    hashed.set(text("kind"), text(kind));
    hashed.set(text("name"), text(""));
    hashed.set(text("data"), value("data"));
    let optional = if kind == "Secret" {
        hashed.set(text("type"), value("type"));
        "stringData"
    } else {
        "binaryData"
    };
    if object.get(optional).is_some_and(Node::is_mapping) {
        hashed.set(text(optional), value(optional));
    }
    hashed
}
