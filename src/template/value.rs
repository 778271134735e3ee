//! The values of templates: what the JSON reader of Kubernetes makes of inputs, and what functions make of those.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::budget::{Exhausted, NODE, TEMPLATE, TEMPLATE_DEPTH};
use crate::source::Span;
use crate::yaml::{Entry, Int, Kind, Node, Resolved, Schema, float_as_text};

/// The entries of a map.
pub(crate) type Entries = BTreeMap<String, Value>;

/// A value. Copies share what is in them.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Value {
    Null,
    Bool(bool),
    Int(i64),
    Float(f64),
    Text(Arc<str>),
    List(Arc<Nested<Vec<Value>>>),
    Map(Arc<Nested<Entries>>),
    /// Nobody knows offline.
    Unknown,
}

/// Values in a value.
#[derive(Debug)]
pub(crate) struct Nested<T> {
    content: T,
    sum: Sum,
}

/// What is to be known of values before anything goes through them.
#[derive(Debug)]
struct Sum {
    depth: usize,
    weight: usize,
    is_known: bool,
}

impl Sum {
    fn of<'v>(values: impl Iterator<Item = &'v Value>) -> Self {
        let none = Self {
            depth: 1,
            weight: NODE,
            is_known: true,
        };
        values.fold(none, |sum, value| Self {
            depth: sum.depth.max(value.depth() + 1),
            weight: sum.weight.saturating_add(value.weight()),
            is_known: sum.is_known && value.is_known(),
        })
    }
}

impl<T> std::ops::Deref for Nested<T> {
    type Target = T;

    fn deref(&self) -> &T {
        &self.content
    }
}

impl<T: PartialEq> PartialEq for Nested<T> {
    fn eq(&self, other: &Self) -> bool {
        self.content == other.content
    }
}

impl Value {
    pub(crate) fn text(text: impl Into<Arc<str>>) -> Self {
        Self::Text(text.into())
    }

    /// A list of what is not nested deeply: what was read from a tree, or plain values.
    fn shallow_list(items: Vec<Value>) -> Self {
        let sum = Sum::of(items.iter());
        Self::List(Arc::new(Nested { content: items, sum }))
    }

    /// The same for a map.
    pub(crate) fn shallow_map(entries: Entries) -> Self {
        let mut sum = Sum::of(entries.values());
        let keys: usize = entries.keys().map(|key| NODE + key.len()).sum();
        sum.weight = sum.weight.saturating_add(keys);
        Self::Map(Arc::new(Nested {
            content: entries,
            sum,
        }))
    }

    /// A list, unless it would be too deep or too heavy to go through.
    pub(crate) fn list(items: Vec<Value>) -> Result<Self, Exhausted> {
        Self::shallow_list(items).bounded()
    }

    /// The same for a map.
    pub(crate) fn map(entries: Entries) -> Result<Self, Exhausted> {
        Self::shallow_map(entries).bounded()
    }

    fn bounded(self) -> Result<Self, Exhausted> {
        if self.depth() > TEMPLATE_DEPTH || self.weight() > TEMPLATE {
            Err(Exhausted)
        } else {
            Ok(self)
        }
    }

    /// Lists and maps one in the other.
    fn depth(&self) -> usize {
        match self {
            Self::List(items) => items.sum.depth,
            Self::Map(entries) => entries.sum.depth,
            _ => 0,
        }
    }

    /// What going through all of it costs.
    pub(crate) fn weight(&self) -> usize {
        match self {
            Self::Text(text) => NODE + text.len(),
            Self::List(items) => items.sum.weight,
            Self::Map(entries) => entries.sum.weight,
            _ => NODE,
        }
    }

    /// The value of a node that came through the Kubernetes API.
    pub(crate) fn of(node: &Node) -> Self {
        if node.origin().is_unknown() {
            return Self::Unknown;
        }
        match node.kind() {
            Kind::Sequence(items) => Self::shallow_list(items.iter().map(Self::of).collect()),
            Kind::Mapping(entries) => Self::shallow_map(entries.iter().filter_map(Self::of_entry).collect()),
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
                Resolved::Str(text) => Self::text(text),
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
            Self::List(items) => items.sum.is_known,
            Self::Map(entries) => entries.sum.is_known,
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
            Self::Text(text) => text.to_string(),
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
            Self::Text(text) => Node::string(Arc::clone(text), span),
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
