//! JSON as Go's `json.Marshal` prints it, which kustomize hashes for the names of generated objects.

use super::super::node::{Kind, Node};
use super::super::scalar::Schema;
use std::borrow::Cow;

use super::{Value, json_value};

/// Prints a tree as `json.Marshal` prints a Go map: keys sorted by bytes, `<`, `>` and `&` escaped, no white space.
pub fn to_go_json(node: &Node, schema: Schema) -> String {
    let mut out = String::new();
    write_node(&mut out, node, schema);
    out
}

fn write_node(out: &mut String, node: &Node, schema: Schema) {
    match node.kind() {
        Kind::Scalar(scalar) => match json_value(scalar, schema) {
            Value::Null => out.push_str("null"),
            Value::Bool(value) => out.push_str(if value { "true" } else { "false" }),
            Value::Number(digits) => out.push_str(&digits),
            Value::Text(text) => write_string(out, &text),
        },
        Kind::Sequence(items) => {
            out.push('[');
            for (at, item) in items.iter().enumerate() {
                if at > 0 {
                    out.push(',');
                }
                write_node(out, item, schema);
            }
            out.push(']');
        }
        Kind::Mapping(entries) => {
            let mut sorted: Vec<_> = entries
                .iter()
                .map(|entry| (key_text(&entry.key), &entry.value))
                .collect();
            sorted.sort_by(|a, b| a.0.cmp(&b.0));
            out.push('{');
            for (at, (key, value)) in sorted.iter().enumerate() {
                if at > 0 {
                    out.push(',');
                }
                write_string(out, key);
                out.push(':');
                write_node(out, value, schema);
            }
            out.push('}');
        }
    }
}

fn write_string(out: &mut String, text: &str) {
    out.push('"');
    for c in text.chars() {
        match c {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\u{8}' => out.push_str("\\b"),
            '\u{c}' => out.push_str("\\f"),
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            '\0'..='\u{1f}' | '<' | '>' | '&' | '\u{2028}' | '\u{2029}' => {
                out.push_str(&format!("\\u{:04x}", u32::from(c)));
            }
            _ => out.push(c),
        }
    }
    out.push('"');
}

/// The text of a key. Keys are text in JSON, whatever they resolve to.
pub(crate) fn key_text(key: &Node) -> Cow<'_, str> {
    match key.kind() {
        Kind::Scalar(scalar) => (&*scalar.text).into(),
        Kind::Sequence(_) | Kind::Mapping(_) => to_go_json(key, Schema::Kustomize).into(),
    }
}
