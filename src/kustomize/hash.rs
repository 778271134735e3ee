//! The hash suffix of generated names (api `hasher/hasher.go`).

use sha2::{Digest, Sha256};

use super::resmap::ResMap;
use crate::yaml::{Node, Resolved, Schema};

/// Adds the hash of its content to the name of every generated object that asks for it.
pub(super) fn transform(map: &mut ResMap) {
    for resource in map.list_mut().iter_mut().filter(|resource| resource.needs_hash) {
        let hash = suffix(&resource.node);
        resource.store_previous_id();
        let name = format!("{}-{hash}", resource.name());
        resource.set_name(&name);
    }
}

/// The ten characters.
fn suffix(object: &Node) -> String {
    let digest = Sha256::digest(encode(object));
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
fn encode(object: &Node) -> String {
    let kind = object.text_at(&["kind"]).unwrap_or_default();
    let mut fields = vec![
        ("data", value(object, "data")),
        ("kind", json_text(kind)),
        ("name", json_text("")),
    ];
    let optional = if kind == "Secret" {
        fields.push(("type", value(object, "type")));
        "stringData"
    } else {
        "binaryData"
    };
    if object.get(optional).is_some_and(Node::is_mapping) {
        fields.push((optional, value(object, optional)));
    }
    fields.sort_unstable();
    let fields: Vec<String> = fields
        .into_iter()
        .map(|(name, value)| format!("{}:{value}", json_text(name)))
        .collect();
    format!("{{{}}}", fields.join(","))
}

fn value(object: &Node, field: &str) -> String {
    match object.get(field) {
        None => json_text(""),
        Some(node) => match node.as_scalar() {
            Some(scalar) => json_text(&scalar.text),
            None => json(node),
        },
    }
}

fn json(node: &Node) -> String {
    if node.is_mapping() {
        let mut entries: Vec<(&str, &Node)> = node
            .entries()
            .iter()
            .filter_map(|entry| Some((&*entry.key.as_scalar()?.text, &entry.value)))
            .collect();
        entries.sort_by_key(|(key, _)| *key);
        let entries: Vec<String> = entries
            .into_iter()
            .map(|(key, value)| format!("{}:{}", json_text(key), json(value)))
            .collect();
        return format!("{{{}}}", entries.join(","));
    }
    match node.resolve(Schema::Kustomize) {
        None => format!(
            "[{}]",
            node.items().iter().map(json).collect::<Vec<_>>().join(",")
        ),
        Some(Resolved::Null) => "null".to_owned(),
        Some(Resolved::Bool(value)) => value.to_string(),
        Some(Resolved::Int(value)) => value.to_string(),
        Some(Resolved::Float(value)) => value.to_string(),
        Some(Resolved::Str(text)) => json_text(text),
    }
}

/// Text as Go's `json.Marshal` writes it.
fn json_text(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + 2);
    out.push('"');
    for character in text.chars() {
        match character {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            '\u{8}' => out.push_str("\\b"),
            '\u{c}' => out.push_str("\\f"),
            '<' | '>' | '&' | '\u{2028}' | '\u{2029}' | '\0'..='\u{1f}' => {
                out.push_str(&format!("\\u{:04x}", u32::from(character)));
            }
            other => out.push(other),
        }
    }
    out.push('"');
    out
}
