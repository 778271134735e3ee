//! The values of templates: what the JSON reader of Kubernetes makes of inputs, and what functions make of those.

use std::collections::BTreeMap;

use crate::source::Span;
use crate::yaml::{Entry, Int, Kind, Node, Resolved, Schema, float_as_text};

/// A value.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Value {
    Null,
    Bool(bool),
    Int(i64),
    Float(f64),
    Text(String),
    List(Vec<Value>),
    Map(BTreeMap<String, Value>),
    /// Nobody knows offline.
    Unknown,
}

impl Value {
    /// The value of a node that came through the Kubernetes API.
    pub(crate) fn of(node: &Node) -> Self {
        if node.origin().is_unknown() {
            return Self::Unknown;
        }
        match node.kind() {
            Kind::Sequence(items) => Self::List(items.iter().map(Self::of).collect()),
            Kind::Mapping(entries) => Self::Map(entries.iter().filter_map(Self::of_entry).collect()),
            Kind::Scalar(scalar) => match scalar.resolve(Schema::Kubernetes) {
                Resolved::Null => Self::Null,
                Resolved::Bool(value) => Self::Bool(value),
                Resolved::Int(Int::Signed(value)) => Self::Int(value),
                #[expect(clippy::cast_precision_loss, reason = "so does Go")]
                Resolved::Int(Int::Unsigned(value)) => Self::Float(value as f64),
                // `1.0` comes out of JSON as `1`.
                #[expect(clippy::cast_possible_truncation, reason = "bounded just before")]
                Resolved::Float(value) if value.fract() == 0.0 && value.abs() < 9e15 => {
                    Self::Int(value as i64)
                }
                Resolved::Float(value) => Self::Float(value),
                Resolved::Str(text) => Self::Text(text.to_owned()),
            },
        }
    }

    fn of_entry(entry: &Entry) -> Option<(String, Self)> {
        Some((entry.key.as_scalar()?.text.to_string(), Self::of(&entry.value)))
    }

    /// Whether nothing in it is unknown.
    pub(crate) fn is_known(&self) -> bool {
        match self {
            Self::Unknown => false,
            Self::List(items) => items.iter().all(Self::is_known),
            Self::Map(entries) => entries.values().all(Self::is_known),
            _ => true,
        }
    }

    /// What `if` goes by: whether the value is not the zero of its type.
    pub(crate) fn is_true(&self) -> bool {
        match self {
            Self::Null | Self::Unknown => false,
            Self::Bool(value) => *value,
            Self::Int(value) => *value != 0,
            Self::Float(value) => *value != 0.0,
            Self::Text(text) => !text.is_empty(),
            Self::List(items) => !items.is_empty(),
            Self::Map(entries) => !entries.is_empty(),
        }
    }

    /// As Go's `fmt` prints it with `%v`.
    pub(crate) fn print(&self) -> String {
        match self {
            Self::Null | Self::Unknown => "<nil>".to_owned(),
            Self::Bool(value) => value.to_string(),
            Self::Int(value) => value.to_string(),
            Self::Float(value) => float_as_text(*value),
            Self::Text(text) => text.clone(),
            Self::List(items) => {
                let items: Vec<String> = items.iter().map(Self::print).collect();
                format!("[{}]", items.join(" "))
            }
            Self::Map(entries) => {
                let entries: Vec<String> = entries
                    .iter()
                    .map(|(key, value)| format!("{key}:{}", value.print()))
                    .collect();
                format!("map[{}]", entries.join(" "))
            }
        }
    }

    /// The value as a tree, for printing it as YAML. All of it is at `span`.
    pub(crate) fn to_node(&self, span: Span) -> Node {
        match self {
            Self::Null | Self::Unknown => Node::plain("null", span),
            Self::Bool(value) => Node::plain(value.to_string(), span),
            Self::Int(value) => Node::plain(value.to_string(), span),
            Self::Float(value) => Node::plain(value.to_string(), span),
            Self::Text(text) => Node::string(text.as_str(), span),
            Self::List(items) => Node::sequence(items.iter().map(|item| item.to_node(span)).collect(), span),
            Self::Map(entries) => {
                let entries = entries.iter().map(|(key, value)| Entry {
                    key: Node::string(key.as_str(), span),
                    value: value.to_node(span),
                });
                Node::mapping(entries.collect(), span)
            }
        }
    }
}
