//! Reading of typed YAML as Go's JSON decoder does it: field names match whatever their case, `null` counts as absent,
//! an unknown field or a value of another type is an error.
//!
//! [`check`] gives back the tree with proper field names and without what was refused, so that the rest of the build
//! reads it with plain [`Node::get`].

use super::near::nearly;
use crate::source::Span;
use crate::yaml::{Entry, Kind, Node, Resolved, Schema};

/// What a value must be.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Type {
    /// Text.
    Text,
    /// A truth value.
    Bool,
    /// A whole number.
    Int,
    /// Whatever.
    Any,
    /// A list of that.
    List(&'static Type),
    /// A map to that.
    Map(&'static Type),
    /// A map with these fields.
    Struct(&'static [(&'static str, Type)]),
}

/// How strictly to read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Strictness {
    /// `DisallowUnknownFields`, as kustomize reads a kustomization.yaml.
    Strict,
    /// Unknown fields are lost, and a number or truth value where text belongs becomes text.
    Lenient,
    /// As fluxcd/pkg reads the kustomization.yaml it is going to rewrite: lenient, but a lost field is worth a remark.
    Remarking,
}

/// Why a value is refused.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct TypeError {
    pub(crate) span: Span,
    pub(crate) message: String,
    pub(crate) label: &'static str,
    /// Set for a field that is not known: the field that was probably meant, if any is near.
    pub(super) unknown_field: Option<Option<&'static str>>,
}

/// Checks `node` and gives back what is left of it, with proper field names.
pub(crate) fn check(
    node: &Node,
    kind: Type,
    strictness: Strictness,
    errors: &mut Vec<TypeError>,
) -> Option<Node> {
    Checker { strictness, errors }.value(node, kind, "")
}

struct Checker<'a> {
    strictness: Strictness,
    errors: &'a mut Vec<TypeError>,
}

impl Checker<'_> {
    fn value(&mut self, node: &Node, kind: Type, field: &str) -> Option<Node> {
        if node.is_null() {
            return None;
        }
        match (kind, node.kind()) {
            (Type::Any, _) => Some(node.clone()),
            (Type::Text, Kind::Scalar(_)) => self.text(node, field),
            (Type::Bool, Kind::Scalar(scalar)) => match scalar.resolve(Schema::Kubernetes) {
                Resolved::Bool(_) => Some(node.clone()),
                other => self.refuse(node, field, word(&other), "true or false"),
            },
            (Type::Int, Kind::Scalar(scalar)) => match scalar.resolve(Schema::Kubernetes) {
                Resolved::Int(_) => Some(node.clone()),
                other => self.refuse(node, field, word(&other), "a whole number"),
            },
            (Type::List(item), Kind::Sequence(items)) => Some(self.list(node, items, *item, field)),
            (Type::Map(value), Kind::Mapping(entries)) => Some(self.map(node, entries, *value, field)),
            (Type::Struct(fields), Kind::Mapping(entries)) => Some(self.structure(node, entries, fields)),
            (wanted, found) => self.refuse(node, field, found_word(found), wanted_word(wanted)),
        }
    }

    fn text(&mut self, node: &Node, field: &str) -> Option<Node> {
        match node.resolve(Schema::Kubernetes)? {
            Resolved::Str(_) => Some(node.clone()),
            resolved if self.strictness != Strictness::Strict => {
                let text = match resolved {
                    Resolved::Bool(value) => value.to_string(),
                    Resolved::Int(value) => value.to_string(),
                    _ => node.as_text()?.to_owned(),
                };
                Some(Node::string(text, node.origin().clone()))
            }
            other => self.refuse(node, field, word(&other), "text"),
        }
    }

    /// A null item of a list is the type's zero value in Go; here it is an empty text.
    fn list(&mut self, node: &Node, items: &[Node], item: Type, field: &str) -> Node {
        let mut kept = Vec::with_capacity(items.len());
        for one in items {
            match self.value(one, item, field) {
                Some(value) => kept.push(value),
                None if one.is_null() => kept.push(Node::string("", one.origin().clone())),
                None => {}
            }
        }
        Node::sequence(kept, node.origin().clone())
    }

    fn map(&mut self, node: &Node, entries: &[Entry], value: Type, field: &str) -> Node {
        let mut kept = Vec::with_capacity(entries.len());
        for entry in entries {
            let checked = match self.value(&entry.value, value, field) {
                Some(checked) => checked,
                None if entry.value.is_null() => Node::string("", entry.value.origin().clone()),
                None => continue,
            };
            kept.push(Entry {
                key: json_key(&entry.key),
                value: checked,
            });
        }
        Node::mapping(kept, node.origin().clone())
    }

    fn structure(&mut self, node: &Node, entries: &[Entry], fields: &'static [(&'static str, Type)]) -> Node {
        let mut kept: Vec<Entry> = Vec::with_capacity(entries.len());
        for entry in entries {
            let Some(key) = entry.key.as_scalar() else {
                continue;
            };
            let exact = fields.iter().find(|(name, _)| *name == &*key.text);
            let found = exact.or_else(|| {
                fields
                    .iter()
                    .find(|(name, _)| name.eq_ignore_ascii_case(&key.text))
            });
            let Some(&(name, kind)) = found else {
                if self.strictness != Strictness::Lenient {
                    self.errors.push(TypeError {
                        span: entry.key.span(),
                        message: format!("unknown field `{}`", key.text),
                        label: "kustomize knows no such field",
                        unknown_field: Some(nearly(&key.text, fields.iter().map(|(name, _)| *name))),
                    });
                }
                continue;
            };
            let Some(value) = self.value(&entry.value, kind, name) else {
                continue;
            };
            let key = Node::string(name, entry.key.origin().clone());
            match kept.iter_mut().find(|there| there.key.as_text() == Some(name)) {
                Some(there) => there.value = value,
                None => kept.push(Entry { key, value }),
            }
        }
        Node::mapping(kept, node.origin().clone())
    }

    fn refuse(&mut self, node: &Node, field: &str, found: &str, wanted: &str) -> Option<Node> {
        let place = if field.is_empty() {
            "this file".to_owned()
        } else {
            format!("field `{field}`")
        };
        self.errors.push(TypeError {
            span: node.span(),
            message: format!("{place} cannot unmarshal {found} where {wanted} belongs"),
            label: "the value has another type",
            unknown_field: None,
        });
        None
    }
}

/// A key as it is after the way through JSON: `y` and `true` become `true`, `0x1` becomes `1`, and quotes are lost, so
/// that kustomize prints it plain.
fn json_key(key: &Node) -> Node {
    let text = match key.resolve(Schema::Kubernetes) {
        Some(Resolved::Bool(value)) => value.to_string(),
        Some(Resolved::Int(value)) => value.to_string(),
        _ => key
            .as_scalar()
            .map_or_else(String::new, |scalar| scalar.text.to_string()),
    };
    Node::plain(text, key.origin().clone())
}

fn word(resolved: &Resolved<'_>) -> &'static str {
    match resolved {
        Resolved::Null => "null",
        Resolved::Bool(_) => "a truth value",
        Resolved::Int(_) | Resolved::Float(_) => "a number",
        Resolved::Str(_) => "text",
    }
}

fn found_word(kind: &Kind) -> &'static str {
    match kind {
        Kind::Scalar(_) => "a single value",
        Kind::Sequence(_) => "a list",
        Kind::Mapping(_) => "a map",
    }
}

fn wanted_word(kind: Type) -> &'static str {
    match kind {
        Type::Text => "text",
        Type::Bool => "true or false",
        Type::Int => "a whole number",
        Type::Any => "a value",
        Type::List(_) => "a list",
        Type::Map(_) | Type::Struct(_) => "a map",
    }
}
