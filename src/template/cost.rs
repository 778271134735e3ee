//! What a call of a function takes from the account of a template, before it is carried out.

use super::value::Value;
use crate::budget::{NODE, STEP};

/// The cost of a call: what it goes through and what it writes, from above.
pub(super) fn of_call(name: &str, arguments: &[Value]) -> usize {
    let more = match name {
        // These look at their arguments only from outside, and share them.
        "default" | "ternary" | "get" | "list" | "first" | "last" | "len" | "index" | "hasKey" | "and"
        | "or" | "not" | "empty" | "coalesce" => 0,
        "dict" => all(arguments.iter().step_by(2)),
        "until" => count(arguments).saturating_mul(NODE),
        "toYaml" | "toJson" | "quote" => all(arguments).saturating_mul(2),
        _ => all(arguments).saturating_add(grown(name, arguments)),
    };
    more.saturating_add(STEP * (1 + arguments.len()))
}

fn all<'v>(arguments: impl IntoIterator<Item = &'v Value>) -> usize {
    let weights = arguments.into_iter().map(Value::weight);
    weights.fold(0, usize::saturating_add)
}

fn count(arguments: &[Value]) -> usize {
    match arguments {
        [Value::Int(count)] => usize::try_from(*count).unwrap_or_default(),
        _ => 0,
    }
}

/// What the result may have beyond the arguments.
fn grown(name: &str, arguments: &[Value]) -> usize {
    match (name, arguments) {
        ("replace", [Value::Text(old), Value::Text(new), Value::Text(of)]) => {
            of.matches(&**old).count().saturating_mul(new.len())
        }
        ("indent" | "nindent", [Value::Int(spaces), Value::Text(of)]) => {
            let lines = of.matches('\n').count() + 1;
            lines.saturating_mul(usize::try_from(*spaces).unwrap_or_default())
        }
        ("join", [Value::Text(separator), Value::List(items)]) => items.len().saturating_mul(separator.len()),
        ("splitList", [Value::Text(separator), Value::Text(text)]) if !separator.is_empty() => {
            text.matches(&**separator).count().saturating_mul(NODE)
        }
        ("keys", [Value::Map(entries)]) => entries.len().saturating_mul(NODE),
        _ => 0,
    }
}
