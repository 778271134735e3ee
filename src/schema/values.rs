//! What single values are.

use crate::sops::is_encrypted;
use crate::yaml::{Int, Node, Resolved, Schema};

use crate::tables::schemas::Plain;

/// Whether a value is not there, or not known before it is decrypted or filled in.
pub(super) fn is_open(node: &Node) -> bool {
    let is_open_text = |text: &str| is_encrypted(text) || text.contains("${");
    node.is_null() || node.origin().is_unknown() || node.as_text().is_some_and(is_open_text)
}

/// What a value is, in words.
pub(crate) fn is_what(node: &Node) -> &'static str {
    match node.resolve(Schema::Kubernetes) {
        Some(Resolved::Bool(_)) => "a boolean",
        Some(Resolved::Int(_)) => "an integer",
        Some(Resolved::Float(_)) => "a number",
        Some(Resolved::Null) => "nothing",
        Some(Resolved::Str(_)) => "text",
        None if node.is_sequence() => "a list",
        None => "a map",
    }
}

/// Whether a value is of a type without anything below.
pub(super) fn is_of(node: &Node, plain: Plain) -> bool {
    let resolved = node.resolve(Schema::Kubernetes);
    let is_text = matches!(resolved, Some(Resolved::Str(_)));
    match plain {
        Plain::Any => true,
        Plain::Object => node.is_mapping(),
        Plain::Text => is_text,
        Plain::Bool => matches!(resolved, Some(Resolved::Bool(_))),
        Plain::Int => is_whole(resolved),
        Plain::Number => matches!(resolved, Some(Resolved::Int(_) | Resolved::Float(_))),
        Plain::IntOrText => is_text || is_whole(resolved),
        Plain::Quantity => is_text || matches!(resolved, Some(Resolved::Int(_) | Resolved::Float(_))),
    }
}

/// YAML becomes JSON on the way to the API server, where `3.0` is `3`.
fn is_whole(resolved: Option<Resolved<'_>>) -> bool {
    match resolved {
        Some(Resolved::Int(Int::Signed(_))) => true,
        Some(Resolved::Float(value)) => value.fract() == 0.0,
        _ => false,
    }
}

/// What is taken, in words.
pub(super) fn takes(plain: Plain) -> &'static str {
    match plain {
        Plain::Any => "anything",
        Plain::Object => "a map",
        Plain::Text => "text",
        Plain::Bool => "a boolean",
        Plain::Int => "an integer",
        Plain::Number => "a number",
        Plain::IntOrText => "an integer or text",
        Plain::Quantity => "a quantity",
    }
}
