//! Values between trees and Jinja, and the filters that Ansible adds.

use std::collections::BTreeMap;

use minijinja::value::{Rest, ValueKind};
use minijinja::{Environment, Error, ErrorKind, State, Value};

use crate::yaml::{Int, Kind, Node, Resolved, Schema};

/// A tree as a value; what nobody knows is undefined.
pub(super) fn to_jinja(node: &Node) -> Value {
    if node.origin().is_unknown() && node.as_scalar().is_some() {
        return Value::UNDEFINED;
    }
    match node.kind() {
        Kind::Sequence(items) => items.iter().map(to_jinja).collect::<Vec<Value>>().into(),
        Kind::Mapping(entries) => {
            let entries = entries.iter().filter_map(|entry| {
                let key = entry.key.as_scalar()?;
                Some((key.text.to_string(), to_jinja(&entry.value)))
            });
            Value::from(entries.collect::<BTreeMap<String, Value>>())
        }
        Kind::Scalar(scalar) => match scalar.resolve(Schema::Kubernetes) {
            Resolved::Null => Value::from(()),
            Resolved::Bool(value) => Value::from(value),
            Resolved::Int(Int::Signed(value)) => Value::from(value),
            Resolved::Int(Int::Unsigned(value)) => Value::from(value),
            Resolved::Float(value) => Value::from(value),
            Resolved::Str(text) => Value::from(text),
        },
    }
}

/// What a filter or a function gives that is not known here.
pub(super) fn nobody_knows(_: Rest<Value>) -> Value {
    Value::UNDEFINED
}

/// What a test says that is not known here.
pub(super) fn never(_: Rest<Value>) -> bool {
    false
}

/// The methods of Python's texts and maps that templates use.
pub(super) fn method(_: &State, value: &Value, method: &str, arguments: &[Value]) -> Result<Value, Error> {
    let first = arguments.first().and_then(Value::as_str);
    match (value.as_str(), method, first) {
        (Some(text), "upper", _) => Ok(Value::from(text.to_uppercase())),
        (Some(text), "lower", _) => Ok(Value::from(text.to_lowercase())),
        (Some(text), "strip", None) => Ok(Value::from(text.trim())),
        (Some(text), "startswith", Some(start)) => Ok(Value::from(text.starts_with(start))),
        (Some(text), "endswith", Some(end)) => Ok(Value::from(text.ends_with(end))),
        (Some(text), "split", Some(at)) if !at.is_empty() => {
            Ok(text.split(at).map(Value::from).collect::<Vec<Value>>().into())
        }
        (None, "items", _) if value.kind() == ValueKind::Map => {
            let pairs = value.try_iter()?.map(|key| {
                let item = value.get_item(&key)?;
                Ok(Value::from(vec![key, item]))
            });
            Ok(pairs.collect::<Result<Vec<Value>, Error>>()?.into())
        }
        (None, "keys", _) if value.kind() == ValueKind::Map => {
            Ok(value.try_iter()?.collect::<Vec<Value>>().into())
        }
        (None, "get", Some(key)) => value.get_attr(key).map(|found| match arguments.get(1) {
            Some(default) if found.is_undefined() => default.clone(),
            _ => found,
        }),
        _ if value.is_undefined() => Ok(Value::UNDEFINED),
        _ => Err(Error::from(ErrorKind::UnknownMethod)),
    }
}

/// The filters of Ansible that templates of values use most.
pub(super) fn add_filters(environment: &mut Environment<'static>) {
    let json = |value: Value| -> Result<Value, Error> {
        if value.is_undefined() {
            return Ok(value);
        }
        serde_json::to_string(&value)
            .map(Value::from)
            .map_err(|_| Error::from(ErrorKind::BadSerialization))
    };
    for name in ["to_json", "to_nice_json", "to_yaml", "to_nice_yaml"] {
        // JSON is YAML too, and stays on one line wherever it is put.
        environment.add_filter(name, move |value: Value, _: Rest<Value>| json(value));
    }
    environment.add_filter("mandatory", |value: Value| value);
    environment.add_filter("quote", |value: Value| value);
    environment.add_filter("ternary", |value: Value, yes: Value, no: Value| {
        if value.is_undefined() {
            value
        } else if value.is_true() {
            yes
        } else {
            no
        }
    });
    environment.add_filter("dict2items", |value: Value| -> Result<Value, Error> {
        let pairs = value.try_iter()?.map(|key| {
            let item = value.get_item(&key)?;
            Ok(Value::from(BTreeMap::from([("key", key), ("value", item)])))
        });
        Ok(pairs.collect::<Result<Vec<Value>, Error>>()?.into())
    });
    environment.add_filter("bool", |value: Value| match value.as_str() {
        Some(text) => Value::from(matches!(
            text.to_lowercase().as_str(),
            "true" | "yes" | "on" | "1"
        )),
        None if value.is_undefined() => value,
        None => Value::from(value.is_true()),
    });
}
