//! What keeps kustomize from printing a resource that it could read.

use super::super::node::{Kind, Node, Scalar};
use super::super::scalar::{Resolved, Schema};
use super::special_text;
use crate::source::Span;

/// A key or value that ends a build with an error when the resource is printed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Obstacle {
    /// The key or value.
    pub span: Span,
    /// States the fact.
    pub message: String,
    /// Says what to do.
    pub help: &'static str,
}

/// The first thing in a resource that kustomize cannot turn into JSON (`RNode.MarshalJSON`) or from there into YAML.
pub fn obstacle(resource: &Node) -> Option<Obstacle> {
    in_node(resource, true)
}

fn in_node(node: &Node, is_root: bool) -> Option<Obstacle> {
    match node.kind() {
        Kind::Scalar(scalar) => in_scalar(node, scalar),
        Kind::Sequence(items) => items.iter().find_map(|item| in_node(item, false)),
        Kind::Mapping(entries) => entries
            .iter()
            .find_map(|entry| in_key(&entry.key, is_root).or_else(|| in_node(&entry.value, false))),
    }
}

fn in_scalar(node: &Node, scalar: &Scalar) -> Option<Obstacle> {
    let (message, help) = match scalar.resolve(Schema::Kustomize) {
        Resolved::Float(value) if !value.is_finite() => (
            format!("`{}` is a number that JSON does not have", scalar.text),
            "put the value in quotes if it is a text",
        ),
        Resolved::Str(text) => {
            let c = text.chars().find(|&c| is_refused(c))?;
            (
                format!("the text holds the control character U+{:04X}", u32::from(c)),
                "delete the character, or encode the text",
            )
        }
        _ => return None,
    };
    Some(Obstacle {
        span: node.span(),
        message,
        help,
    })
}

/// Characters that Go's JSON encoder writes as they are and yaml.v2 does not read.
fn is_refused(c: char) -> bool {
    matches!(c, '\u{7f}'..='\u{84}' | '\u{86}'..='\u{9f}' | '\u{fffe}' | '\u{ffff}')
}

/// Below the top level a single key that is no text makes a map whose keys are of any type, which JSON does not have. At the
/// top level only null does.
fn in_key(key: &Node, is_root: bool) -> Option<Obstacle> {
    let scalar = key.as_scalar()?;
    if scalar.text.contains('\u{85}') {
        return Some(Obstacle {
            span: key.span(),
            message: "the key holds the line end U+0085".to_owned(),
            help: "delete the character",
        });
    }
    let is = match scalar.resolve(Schema::Kustomize) {
        Resolved::Null => "null",
        _ if is_root => return None,
        Resolved::Bool(_) => "a boolean",
        Resolved::Int(_) | Resolved::Float(_) => "a number",
        Resolved::Str(_) if special_text(scalar, Schema::Kustomize).is_some() => "a date",
        Resolved::Str(_) => return None,
    };
    Some(Obstacle {
        span: key.span(),
        message: format!("the key `{}` is {is}, not a text", scalar.text),
        help: "put the key in quotes",
    })
}
