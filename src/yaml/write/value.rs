//! Scalars on their way through JSON.

use std::borrow::Cow;

use super::{fold, number, timestamp};
use crate::yaml::node::{Scalar, Style, Tag};
use crate::yaml::scalar::{Resolved, Schema};

/// A scalar on its way through JSON.
#[derive(PartialEq)]
pub(crate) enum Value<'a> {
    Null,
    Bool(bool),
    /// As Go's `encoding/json` prints the number.
    Number(String),
    Text(Cow<'a, str>),
}

/// What the Go packages put into JSON for a scalar.
pub(crate) fn json_value(scalar: &Scalar, schema: Schema) -> Value<'_> {
    match scalar.resolve(schema) {
        Resolved::Null => Value::Null,
        Resolved::Bool(value) => Value::Bool(value),
        Resolved::Int(value) => Value::Number(value.to_string()),
        // JSON has no such numbers; Go refuses to print them. The text is kept instead of failing.
        Resolved::Float(value) if !value.is_finite() => Value::Text((&*scalar.text).into()),
        Resolved::Float(value) => Value::Number(number::json(value)),
        Resolved::Str(text) => Value::Text(special_text(scalar, schema).unwrap_or(text.into())),
    }
}

/// Text that does not come through as it is: dates (yaml.v3 makes times of them), folded text and `!!binary`.
pub(crate) fn special_text(scalar: &Scalar, schema: Schema) -> Option<Cow<'_, str>> {
    match &scalar.tag {
        None | Some(Tag::Str) if scalar.style == Style::Folded && schema == Schema::Kustomize => {
            Some(fold::printed_and_read(&scalar.text))
        }
        None if scalar.style == Style::Plain && schema == Schema::Kustomize => {
            timestamp::rfc3339(&scalar.text).map(Cow::Owned)
        }
        Some(Tag::Other(tag)) if &**tag == "!!timestamp" && schema == Schema::Kustomize => {
            timestamp::rfc3339(&scalar.text).map(Cow::Owned)
        }
        Some(Tag::Binary) => {
            let bytes = scalar.decoded()?;
            Some(Cow::Owned(String::from_utf8_lossy(&bytes).into_owned()))
        }
        _ => None,
    }
}
