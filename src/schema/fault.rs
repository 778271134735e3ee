//! What is wrong at one place of an object.

use crate::source::Span;

/// A fault, as the API server would tell it.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Fault {
    /// The way to the value or field.
    pub(crate) route: String,
    /// The place to edit.
    pub(crate) span: Span,
    /// What it is.
    pub(crate) wrong: Wrong,
}

/// What is wrong.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Wrong {
    /// A field that the type does not have.
    UnknownField {
        /// The field.
        name: String,
        /// What was probably meant.
        instead: Option<Instead>,
        /// Product and release that bring it, where the cluster's is another.
        since: Option<(String, String)>,
    },
    /// An object without a field that it needs.
    Missing {
        /// The field.
        field: String,
    },
    /// A value of the right type that is not taken.
    Value {
        /// The text of a scalar.
        text: String,
        /// Why.
        refusal: Refusal,
    },
    /// An item of a list that an earlier one equals.
    Twice {
        /// What they have in common.
        what: String,
        /// The earlier one.
        first: Span,
    },
    /// A value of another type.
    Type {
        /// What is taken.
        takes: &'static str,
        /// What it is.
        is: &'static str,
        /// The text of a scalar.
        text: Option<String>,
        /// Whether variables took part in it.
        is_substituted: bool,
    },
}

impl Wrong {
    /// Whether it is a field by another name, or in another place, than that field of the object at `route`.
    pub(super) fn is_meant_to_be(&self, field: &str, route: &str) -> bool {
        match self {
            Self::UnknownField { name, instead, .. } => match instead {
                Some(Instead::Name(near)) => near == field,
                Some(Instead::Above(above)) => name == field && above == route,
                _ => false,
            },
            _ => false,
        }
    }
}

/// Why a value of the right type is refused.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Refusal {
    /// It is none of these words.
    Word(Vec<String>),
    /// It does not match this regular expression.
    Pattern(String),
    /// It has fewer (`false`) or more characters than this.
    Length((bool, f64)),
    /// It is a number below or above this one.
    Range((bool, f64)),
    /// It has fewer or more items than this.
    Items((bool, f64)),
    /// It has fewer or more entries than this.
    Entries((bool, f64)),
    /// It is not written in this format.
    Format(String),
}

/// Where a field belongs, or what it is called.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Instead {
    /// A field beside it.
    Name(String),
    /// A field of that name in this one.
    Below(String),
    /// A field of that name in the object at this route.
    Above(String),
}
