//! Documents against JSON schemas.

use serde_json::{Value, json};

/// What of `value` does not follow `schema`.
pub fn faults(schema: &Value, value: &Value) -> Vec<String> {
    let validator = jsonschema::validator_for(schema).expect("the schema itself is in order");
    validator
        .iter_errors(value)
        .map(|error| format!("{}: {error}", error.instance_path()))
        .collect()
}

/// The schema with every object closed: our schemas leave room for fields of later versions, but must describe all
/// that there are now.
pub fn closed(mut schema: Value) -> Value {
    close(&mut schema);
    schema
}

fn close(schema: &mut Value) {
    match schema {
        Value::Object(keywords) => {
            let has_properties = keywords.get("properties").is_some_and(Value::is_object);
            if has_properties && keywords.contains_key("type") {
                keywords.insert("additionalProperties".to_owned(), json!(false));
            }
            keywords.values_mut().for_each(close);
        }
        Value::Array(items) => items.iter_mut().for_each(close),
        _ => {}
    }
}

/// One of our own schemas, closed.
pub fn ours(name: &str) -> Value {
    let path = super::project().join("schema").join(name);
    let text = std::fs::read_to_string(path).expect("the schema is there");
    closed(serde_json::from_str(&text).expect("the schema is JSON"))
}
