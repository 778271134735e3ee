//! The functions of templates: Go's own, those of slim-sprig that ResourceSets use, and the operator's
//! (controlplaneio-fluxcd/flux-operator `internal/builder/resourceset.go`). Any other stops the template.

use std::collections::BTreeMap;

use base64::Engine as _;
use sha2::{Digest as _, Sha256};

use super::cost;
use super::stopped::Stopped;
use super::value::Value;
use crate::budget::Budget;
use crate::source::{SourceMap, Span};
use crate::yaml::to_yaml;

/// Calls a function. Arguments of another type than the function's own stop the template, as they do in Go.
pub(crate) fn call(name: &str, arguments: Vec<Value>, budget: &mut Budget) -> Result<Value, Stopped> {
    budget.spend(cost::of_call(name, &arguments))?;
    // What looks at unknown values is unknown itself, but for those that pass one of their arguments on.
    let passes_on = matches!(name, "default" | "ternary" | "get" | "dict" | "list");
    if !passes_on && !arguments.iter().all(Value::is_known) {
        return Ok(Value::Unknown);
    }
    match name {
        "eq" | "ne" | "lt" | "le" | "gt" | "ge" => compare(name, &arguments),
        "and" | "or" | "not" | "empty" | "default" | "coalesce" | "ternary" => choose(name, &arguments),
        "quote" | "squote" | "toString" | "toYaml" | "toJson" | "int" | "int64" => convert(name, &arguments),
        "get" | "hasKey" | "dict" | "list" | "first" | "last" | "has" | "len" | "index" | "join"
        | "splitList" | "keys" | "until" => collect(name, arguments),
        "add" | "sub" | "mul" => calculate(name, &arguments),
        _ => on_text(name, &arguments),
    }
}

fn compare(name: &str, arguments: &[Value]) -> Result<Value, Stopped> {
    use std::cmp::Ordering;
    let ordering = |a: &Value, b: &Value| match (a, b) {
        (Value::Text(a), Value::Text(b)) => Ok(a.cmp(b)),
        (Value::Int(a), Value::Int(b)) => Ok(a.cmp(b)),
        (Value::Float(a), Value::Float(b)) => a.partial_cmp(b).ok_or(Stopped::Unsure),
        _ => Err(Stopped::Unsure),
    };
    let same = |a: &Value, b: &Value| match (a, b) {
        (Value::Bool(a), Value::Bool(b)) => Ok(a == b),
        _ => ordering(a, b).map(Ordering::is_eq),
    };
    let result = match (name, arguments) {
        ("eq", [first, others @ ..]) if !others.is_empty() => {
            let mut found = false;
            for other in others {
                found = found || same(first, other)?;
            }
            found
        }
        ("ne", [a, b]) => !same(a, b)?,
        ("lt", [a, b]) => ordering(a, b)?.is_lt(),
        ("le", [a, b]) => ordering(a, b)?.is_le(),
        ("gt", [a, b]) => ordering(a, b)?.is_gt(),
        ("ge", [a, b]) => ordering(a, b)?.is_ge(),
        _ => return Err(Stopped::Unsure),
    };
    Ok(Value::Bool(result))
}

fn choose(name: &str, arguments: &[Value]) -> Result<Value, Stopped> {
    Ok(match (name, arguments) {
        // All arguments are evaluated before; one that fails stops the template here though Go might not come to it.
        ("and", [.., last]) => arguments
            .iter()
            .find(|value| !value.is_true())
            .unwrap_or(last)
            .clone(),
        ("or", [.., last]) => arguments
            .iter()
            .find(|value| value.is_true())
            .unwrap_or(last)
            .clone(),
        ("not", [value]) => Value::Bool(!value.is_true()),
        ("empty", [value]) => Value::Bool(!value.is_true()),
        ("default", [_, Value::Unknown]) => Value::Unknown,
        ("default", [_, given]) if given.is_true() => given.clone(),
        ("default", [default, _] | [default]) => default.clone(),
        ("coalesce", values) => values
            .iter()
            .find(|value| value.is_true())
            .cloned()
            .unwrap_or(Value::Null),
        ("ternary", [then, otherwise, Value::Bool(condition)]) => {
            if *condition {
                then.clone()
            } else {
                otherwise.clone()
            }
        }
        _ => return Err(Stopped::Unsure),
    })
}

fn convert(name: &str, arguments: &[Value]) -> Result<Value, Stopped> {
    if matches!(name, "quote" | "squote") {
        let quoted: Result<Vec<String>, Stopped> = arguments
            .iter()
            .filter(|value| **value != Value::Null)
            .map(|value| match name {
                "quote" => quoted(&value.print()),
                _ => Ok(format!("'{}'", value.print())),
            })
            .collect();
        return Ok(Value::text(quoted?.join(" ")));
    }
    let [value] = arguments else {
        return Err(Stopped::Unsure);
    };
    Ok(match name {
        "toString" => Value::text(value.print()),
        "toYaml" => Value::text(as_yaml(value)?),
        "toJson" => Value::text(as_json(value)?),
        _ => Value::Int(integer(value)?),
    })
}

/// Go's `%q`, for text without anything but ASCII that it would escape in its own ways.
fn quoted(text: &str) -> Result<String, Stopped> {
    let mut out = String::from("\"");
    for c in text.chars() {
        match c {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            '\t' => out.push_str("\\t"),
            '\r' => out.push_str("\\r"),
            ' '..='~' => out.push(c),
            c if c.is_alphanumeric() => out.push(c),
            _ => return Err(Stopped::Unsure),
        }
    }
    out.push('"');
    Ok(out)
}

fn as_yaml(value: &Value) -> Result<String, Stopped> {
    // The tree needs a place, which nobody asks for.
    let nowhere = SourceMap::from_memory([("value.yaml", "")]);
    let (file, _) = nowhere.iter().next().ok_or(Stopped::Unsure)?;
    Ok(to_yaml(&value.to_node(Span::at_start(file))))
}

fn as_json(value: &Value) -> Result<String, Stopped> {
    let json = |value: &Value| as_json(value);
    Ok(match value {
        Value::Null | Value::Unknown => "null".to_owned(),
        Value::Bool(value) => value.to_string(),
        Value::Int(value) => value.to_string(),
        Value::Float(value) if value.abs() < 1e21 && (*value == 0.0 || value.abs() >= 1e-6) => {
            value.to_string()
        }
        Value::Float(_) => return Err(Stopped::Unsure),
        // Go escapes these for HTML's sake.
        Value::Text(text) if text.contains(['<', '>', '&', '\u{2028}', '\u{2029}']) => {
            return Err(Stopped::Unsure);
        }
        Value::Text(text) => serde_json::to_string(text).map_err(|_| Stopped::Unsure)?,
        Value::List(items) => {
            let items: Result<Vec<String>, Stopped> = items.iter().map(json).collect();
            format!("[{}]", items?.join(","))
        }
        Value::Map(entries) => {
            let entries: Result<Vec<String>, Stopped> = entries
                .iter()
                .map(|(key, value)| {
                    Ok(format!(
                        "{}:{}",
                        as_json(&Value::text(key.as_str()))?,
                        as_json(value)?
                    ))
                })
                .collect();
            format!("{{{}}}", entries?.join(","))
        }
    })
}

fn integer(value: &Value) -> Result<i64, Stopped> {
    match value {
        Value::Int(value) => Ok(*value),
        #[expect(clippy::cast_possible_truncation, reason = "bounded just before")]
        Value::Float(value) if value.abs() < 9e15 => Ok(value.trunc() as i64),
        Value::Text(text) if text.bytes().all(|byte| byte.is_ascii_digit()) && !text.starts_with('0') => {
            text.parse().map_err(|_| Stopped::Unsure)
        }
        Value::Bool(value) => Ok(i64::from(*value)),
        _ => Err(Stopped::Unsure),
    }
}

fn calculate(name: &str, arguments: &[Value]) -> Result<Value, Stopped> {
    let numbers: Result<Vec<i64>, Stopped> = arguments.iter().map(integer).collect();
    let numbers = numbers?;
    let (first, others) = numbers.split_first().ok_or(Stopped::Unsure)?;
    if name == "sub" && others.len() != 1 {
        return Err(Stopped::Unsure);
    }
    let result = others.iter().try_fold(*first, |sum, other| match name {
        "add" => sum.checked_add(*other),
        "sub" => sum.checked_sub(*other),
        _ => sum.checked_mul(*other),
    });
    result.map(Value::Int).ok_or(Stopped::Unsure)
}

/// Numbers that `until` counts to.
const MAX_COUNT: i64 = 10_000;

fn collect(name: &str, arguments: Vec<Value>) -> Result<Value, Stopped> {
    Ok(match (name, arguments.as_slice()) {
        ("list", _) => Value::list(arguments)?,
        ("dict", pairs) => {
            let mut entries = BTreeMap::new();
            for pair in pairs.chunks(2) {
                let [Value::Text(key), value] = pair else {
                    return Err(Stopped::Unsure);
                };
                entries.insert(key.to_string(), value.clone());
            }
            Value::map(entries)?
        }
        ("get", [Value::Map(entries), Value::Text(key)]) => {
            entries.get(&**key).cloned().unwrap_or_else(|| Value::text(""))
        }
        ("hasKey", [Value::Map(entries), Value::Text(key)]) => Value::Bool(entries.contains_key(&**key)),
        ("first", [Value::List(items)]) => items.first().cloned().unwrap_or(Value::Null),
        ("last", [Value::List(items)]) => items.last().cloned().unwrap_or(Value::Null),
        ("has", [wanted, Value::List(items)]) => Value::Bool(items.contains(wanted)),
        ("len", [Value::List(items)]) => Value::Int(i64::try_from(items.len()).map_err(|_| Stopped::Unsure)?),
        ("len", [Value::Map(entries)]) => {
            Value::Int(i64::try_from(entries.len()).map_err(|_| Stopped::Unsure)?)
        }
        ("len", [Value::Text(text)]) => Value::Int(i64::try_from(text.len()).map_err(|_| Stopped::Unsure)?),
        ("index", [collection, keys @ ..]) => {
            let mut value = collection;
            for key in keys {
                value = match (value, key) {
                    (Value::List(items), Value::Int(at)) => {
                        // Go stops at what is out of range (text/template `funcs.go`).
                        let at = usize::try_from(*at).map_err(|_| Stopped::Fails)?;
                        items.get(at).ok_or(Stopped::Fails)?
                    }
                    // A key that is not there gives the zero value, which for data from YAML is nil.
                    (Value::Map(entries), Value::Text(key)) => entries.get(&**key).unwrap_or(&Value::Null),
                    (Value::Null, _) => return Err(Stopped::Fails),
                    _ => return Err(Stopped::Unsure),
                };
            }
            value.clone()
        }
        ("join", [Value::Text(separator), Value::List(items)]) => {
            let items = items.iter().filter(|item| **item != Value::Null);
            Value::text(items.map(Value::print).collect::<Vec<_>>().join(separator))
        }
        ("splitList", [Value::Text(separator), Value::Text(text)]) if !separator.is_empty() => {
            Value::list(text.split(&**separator).map(Value::text).collect())?
        }
        ("until", [Value::Int(count)]) if (0..=MAX_COUNT).contains(count) => {
            Value::list((0..*count).map(Value::Int).collect())?
        }
        _ => return Err(Stopped::Unsure),
    })
}

fn on_text(name: &str, arguments: &[Value]) -> Result<Value, Stopped> {
    let text = |text: String| Ok(Value::text(text));
    match (name, arguments) {
        ("upper", [Value::Text(of)]) => text(of.to_uppercase()),
        ("lower", [Value::Text(of)]) => text(of.to_lowercase()),
        ("trim", [Value::Text(of)]) => text(of.trim().to_owned()),
        ("trimSuffix", [Value::Text(end), Value::Text(of)]) => {
            text(of.strip_suffix(&**end).unwrap_or(of).to_owned())
        }
        ("trimPrefix", [Value::Text(start), Value::Text(of)]) => {
            text(of.strip_prefix(&**start).unwrap_or(of).to_owned())
        }
        ("contains", [Value::Text(part), Value::Text(of)]) => Ok(Value::Bool(of.contains(&**part))),
        ("hasPrefix", [Value::Text(start), Value::Text(of)]) => Ok(Value::Bool(of.starts_with(&**start))),
        ("hasSuffix", [Value::Text(end), Value::Text(of)]) => Ok(Value::Bool(of.ends_with(&**end))),
        ("replace", [Value::Text(old), Value::Text(new), Value::Text(of)]) => text(of.replace(&**old, new)),
        ("indent" | "nindent", [Value::Int(spaces), Value::Text(of)]) => {
            let width = usize::try_from(*spaces)
                .ok()
                .filter(|width| *width <= 200)
                .ok_or(Stopped::Unsure)?;
            let pad = " ".repeat(width);
            let indented = format!("{pad}{}", of.replace('\n', &format!("\n{pad}")));
            text(if name == "nindent" {
                format!("\n{indented}")
            } else {
                indented
            })
        }
        ("b64enc", [Value::Text(of)]) => {
            text(base64::engine::general_purpose::STANDARD.encode(of.as_bytes()))
        }
        ("sha256sum", [Value::Text(of)]) => {
            let digest = Sha256::digest(of.as_bytes());
            text(digest.iter().map(|byte| format!("{byte:02x}")).collect())
        }
        ("slugify", [Value::Text(of)]) => text(slug(of)?),
        ("printf", [Value::Text(format), values @ ..]) => text(formatted(format, values)?),
        _ => Err(Stopped::Unsure),
    }
}

/// gosimple/slug, for what needs no transliteration and no shortening.
fn slug(text: &str) -> Result<String, Stopped> {
    let plain =
        |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | ' ' | '.' | '/' | ':' | '#' | '+');
    if !text.chars().all(plain) {
        return Err(Stopped::Unsure);
    }
    let mut slug = String::new();
    for c in text.trim().to_lowercase().chars() {
        let c = if c.is_ascii_alphanumeric() || c == '_' {
            c
        } else {
            '-'
        };
        if c != '-' || !slug.ends_with('-') {
            slug.push(c);
        }
    }
    let slug = slug.trim_matches(['-', '_']).to_owned();
    if slug.len() > 63 {
        Err(Stopped::Unsure)
    } else {
        Ok(slug)
    }
}

/// `printf` with `%s` of texts, `%d` of whole numbers, `%v` and `%q`.
fn formatted(format: &str, values: &[Value]) -> Result<String, Stopped> {
    let mut out = String::new();
    let mut values = values.iter();
    let mut chars = format.chars();
    while let Some(c) = chars.next() {
        if c != '%' {
            out.push(c);
            continue;
        }
        let verb = chars.next().ok_or(Stopped::Unsure)?;
        if verb == '%' {
            out.push('%');
            continue;
        }
        match (verb, values.next().ok_or(Stopped::Unsure)?) {
            ('s', Value::Text(text)) => out.push_str(text),
            ('d', Value::Int(value)) => out.push_str(&value.to_string()),
            ('v', value) => out.push_str(&value.print()),
            ('q', Value::Text(text)) => out.push_str(&quoted(text)?),
            _ => return Err(Stopped::Unsure),
        }
    }
    if values.next().is_some() {
        return Err(Stopped::Unsure);
    }
    Ok(out)
}
