//! What is wrong with a value, and where.

use std::fmt;

use serde::de;

use super::super::node::Node;
use crate::source::Span;

/// Why a tree does not suit a model.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct DeError {
    /// What kind of problem it is.
    pub kind: DeErrorKind,
    /// The key or value that is wrong; for a missing field the map that lacks it.
    pub span: Span,
    /// States the fact.
    pub message: String,
    /// Where in the tree, for example `spec.values.cluster.id`; empty for the root.
    pub route: String,
}

/// The kinds of a [`DeError`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum DeErrorKind {
    /// A key that the model has no field for; these exist.
    UnknownField(&'static [&'static str]),
    /// A field that must be there.
    MissingField(&'static str),
    /// A value of another type than the field's.
    WrongType,
    /// Anything else.
    Other,
}

/// An error on its way up, to which each level adds its step.
#[derive(Debug)]
pub(super) struct Rising {
    kind: DeErrorKind,
    message: String,
    span: Option<Span>,
    /// Innermost first.
    route: Vec<Hop>,
}

#[derive(Debug)]
pub(super) enum Hop {
    Key(Box<str>),
    Index(usize),
}

impl Rising {
    fn new(kind: DeErrorKind, message: String) -> Self {
        Self {
            kind,
            message,
            span: None,
            route: Vec::new(),
        }
    }

    pub(super) fn wrong_type(node: &Node, is: &str, wanted: &dyn de::Expected) -> Self {
        Self::new(
            DeErrorKind::WrongType,
            format!("{is} stands where {wanted} is expected"),
        )
        .at(node.span())
    }

    /// Sets the place, unless an inner one is known.
    pub(super) fn at(mut self, span: Span) -> Self {
        self.span.get_or_insert(span);
        self
    }

    pub(super) fn below(mut self, hop: Hop) -> Self {
        self.route.push(hop);
        self
    }

    pub(super) fn finish(self, root: &Node) -> DeError {
        use super::super::route::{Route, Step};
        let steps: Vec<Step<'_>> = self
            .route
            .iter()
            .rev()
            .map(|hop| match hop {
                Hop::Key(key) => Step::Key(key),
                Hop::Index(index) => Step::Index(*index),
            })
            .collect();
        DeError {
            kind: self.kind,
            span: self.span.unwrap_or_else(|| root.span()),
            message: self.message,
            route: Route(&steps).to_string(),
        }
    }
}

impl fmt::Display for Rising {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl std::error::Error for Rising {}

impl de::Error for Rising {
    fn custom<T: fmt::Display>(message: T) -> Self {
        Self::new(DeErrorKind::Other, message.to_string())
    }

    fn unknown_field(field: &str, expected: &'static [&'static str]) -> Self {
        let message = format!("the field `{field}` does not exist here");
        Self::new(DeErrorKind::UnknownField(expected), message)
    }

    fn missing_field(field: &'static str) -> Self {
        let message = format!("the field `{field}` is missing");
        Self::new(DeErrorKind::MissingField(field), message)
    }

    fn unknown_variant(variant: &str, expected: &'static [&'static str]) -> Self {
        let expected: Vec<String> = expected.iter().map(|name| format!("`{name}`")).collect();
        let message = format!("`{variant}` is none of {}", expected.join(", "));
        Self::new(DeErrorKind::Other, message)
    }

    fn invalid_type(unexpected: de::Unexpected<'_>, expected: &dyn de::Expected) -> Self {
        let message = format!("{unexpected} stands where {expected} is expected");
        Self::new(DeErrorKind::WrongType, message)
    }

    fn invalid_value(unexpected: de::Unexpected<'_>, expected: &dyn de::Expected) -> Self {
        let message = format!("{unexpected} is not {expected}");
        Self::new(DeErrorKind::Other, message)
    }
}
