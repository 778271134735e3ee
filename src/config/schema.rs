//! The JSON Schema of the configuration, by which editors complete it.

use serde_json::{Map, Value, json};

use super::keys::{Key, LEVELS, ROOT, Table, What};
use crate::rules::{Category, RULES};

/// The schema, made of the list of keys and the registry of rules.
pub fn schema() -> Value {
    let mut schema = table(&ROOT);
    if let Value::Object(map) = &mut schema {
        map.insert(
            "$schema".to_owned(),
            json!("https://json-schema.org/draft/2020-12/schema"),
        );
        map.insert("title".to_owned(), json!("meshlint.toml"));
        map.insert("$defs".to_owned(), definitions());
    }
    schema
}

fn definitions() -> Value {
    let described = |name: &str, text: String| json!({ "const": name, "description": text });
    let rules: Vec<Value> = RULES
        .iter()
        .map(|rule| described(rule.name, rule.summary()))
        .collect();
    let categories: Vec<Value> = Category::ALL
        .into_iter()
        .map(|category| {
            described(
                category.as_str(),
                format!("Every rule of the category `{}`.", category.as_str()),
            )
        })
        .collect();
    json!({
        "rule": { "oneOf": rules },
        "category": { "oneOf": categories },
        "selector": {
            "anyOf": [
                { "$ref": "#/$defs/rule" },
                { "$ref": "#/$defs/category" },
                { "const": "default", "description": "Every rule that is not pedantic." },
                { "const": "all", "description": "Every rule." },
            ]
        },
        "level": { "enum": LEVELS },
    })
}

fn table(table: &Table) -> Value {
    let properties: Map<String, Value> = table
        .keys
        .iter()
        .map(|key| (key.name.to_owned(), described(key)))
        .collect();
    let required: Vec<&str> = table
        .keys
        .iter()
        .filter(|key| key.required)
        .map(|key| key.name)
        .collect();
    let mut schema = json!({ "type": "object", "properties": properties, "additionalProperties": false });
    if let Value::Object(map) = &mut schema {
        if !required.is_empty() {
            map.insert("required".to_owned(), json!(required));
        }
        if !table.one_of.is_empty() {
            let groups: Vec<Value> = table.one_of.iter().map(|group| exactly_one(group)).collect();
            map.insert("allOf".to_owned(), json!(groups));
        }
    }
    schema
}

fn exactly_one(keys: &[&str]) -> Value {
    let each: Vec<Value> = keys.iter().map(|key| json!({ "required": [key] })).collect();
    json!({ "oneOf": each })
}

fn described(key: &Key) -> Value {
    let mut schema = what(&key.what);
    if let Value::Object(map) = &mut schema {
        map.insert("description".to_owned(), json!(key.help));
    }
    schema
}

fn what(what: &What) -> Value {
    match what {
        What::Flag => json!({ "type": "boolean" }),
        What::True => json!({ "const": true }),
        What::Text => text("\\S"),
        What::Texts => list(text("\\S")),
        What::FluxVersion => text("^(0|[1-9][0-9]*)(\\.(0|[1-9][0-9]*)){1,2}$"),
        What::Path => text("^[^/]"),
        What::Pattern => text("\\S"),
        What::Patterns => json!({ "type": "array", "items": text("\\S") }),
        What::Rule => reference("rule"),
        What::Selectors => list(reference("selector")),
        What::Levels => levels(),
        What::Object { kinds, least } => object(kinds, *least),
        What::Values => json!({
            "type": "object",
            "propertyNames": { "pattern": VARIABLE },
            "additionalProperties": { "type": "string" },
        }),
        What::Variables => list(text(VARIABLE)),
        What::Table(inner) => table(inner),
        What::Tables(inner) => json!({ "type": "array", "items": table(inner) }),
    }
}

const VARIABLE: &str = "^[_A-Za-z][_A-Za-z0-9]*$";

fn text(pattern: &str) -> Value {
    json!({ "type": "string", "pattern": pattern })
}

fn list(items: Value) -> Value {
    json!({ "type": "array", "items": items, "minItems": 1 })
}

fn reference(name: &str) -> Value {
    json!({ "$ref": format!("#/$defs/{name}") })
}

/// The names are properties, so that editors complete them.
fn levels() -> Value {
    let categories = Category::ALL.into_iter().map(|category| {
        let text = format!(
            "The rules of the category `{}` that have no entry of their own.",
            category.as_str()
        );
        (category.as_str(), text)
    });
    let rules = RULES.iter().map(|rule| (rule.name, rule.summary()));
    let properties: Map<String, Value> = categories
        .chain(rules)
        .map(|(name, text)| {
            (
                name.to_owned(),
                json!({ "$ref": "#/$defs/level", "description": text }),
            )
        })
        .collect();
    json!({ "type": "object", "properties": properties, "additionalProperties": false })
}

fn object(kinds: &[&str], least: usize) -> Value {
    let kinds = match kinds {
        [] => "[^/]+".to_owned(),
        _ => kinds.join("|"),
    };
    let pattern = match least {
        3 => format!("^({kinds})/[^/]+/[^/]+$"),
        _ => format!("^((({kinds})/)?[^/]+/)?[^/]+$"),
    };
    text(&pattern)
}
