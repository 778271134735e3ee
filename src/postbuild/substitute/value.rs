//! What a variable is, and where that stands.

use crate::postbuild::Variables;
use crate::postbuild::envsubst::VariableValue;
use crate::source::Span;

pub(crate) fn value_of<'v>(variables: &'v Variables, name: &str) -> VariableValue<'v> {
    match (variables.known.get(name), variables.open) {
        (Some(variable), _) => match &variable.value {
            Ok(text) => VariableValue::Text(text),
            Err(_) => VariableValue::Unknown,
        },
        (None, Some(_)) => VariableValue::Perhaps,
        (None, None) => VariableValue::Undefined,
    }
}

/// Where the value of a variable stands.
pub(crate) fn value_span(variables: &Variables, name: &str) -> Option<Span> {
    variables.known.get(name)?.span
}
