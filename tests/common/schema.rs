//! As much of JSON Schema as the project's own schema needs. An unknown keyword is an error, so that nothing in a
//! schema goes unchecked.

use serde_json::Value;

/// What of `value` does not follow `schema`.
pub fn faults(schema: &Value, value: &Value) -> Vec<String> {
    let mut faults = Vec::new();
    check(schema, schema, value, "$", &mut faults);
    faults
}

fn check(root: &Value, schema: &Value, value: &Value, at: &str, faults: &mut Vec<String>) {
    for (keyword, wanted) in schema.as_object().expect("a schema is an object") {
        let holds = match keyword.as_str() {
            "$schema" | "$defs" | "title" | "description" => true,
            "$ref" => {
                let pointer = wanted
                    .as_str()
                    .and_then(|text| text.strip_prefix('#'))
                    .expect("a local reference");
                check(
                    root,
                    root.pointer(pointer).expect("the reference leads somewhere"),
                    value,
                    at,
                    faults,
                );
                true
            }
            "type" => match wanted {
                Value::String(one) => is_type(value, one),
                several => several
                    .as_array()
                    .unwrap()
                    .iter()
                    .any(|one| is_type(value, one.as_str().unwrap())),
            },
            "const" => value == wanted,
            "enum" => wanted.as_array().unwrap().contains(value),
            "oneOf" => {
                let fits = |schema: &&Value| {
                    let mut inner = Vec::new();
                    check(root, schema, value, at, &mut inner);
                    inner.is_empty()
                };
                wanted.as_array().unwrap().iter().filter(fits).count() == 1
            }
            "minimum" => value.as_i64() >= wanted.as_i64(),
            "minItems" => value
                .as_array()
                .is_none_or(|items| items.len() as u64 >= wanted.as_u64().unwrap()),
            "pattern" => regex::Regex::new(wanted.as_str().unwrap())
                .unwrap()
                .is_match(value.as_str().unwrap_or_default()),
            "required" => {
                let missing = |key: &&Value| value.get(key.as_str().unwrap()).is_none();
                for key in wanted.as_array().unwrap().iter().filter(missing) {
                    faults.push(format!("{at} lacks {key}"));
                }
                true
            }
            "properties" => {
                for (key, value) in value.as_object().into_iter().flatten() {
                    match wanted.get(key) {
                        Some(schema) => check(root, schema, value, &format!("{at}.{key}"), faults),
                        None => faults.push(format!("{at}.{key} is not in the schema")),
                    }
                }
                true
            }
            "additionalProperties" => {
                for (key, value) in value.as_object().into_iter().flatten() {
                    check(root, wanted, value, &format!("{at}.{key}"), faults);
                }
                true
            }
            "items" => {
                for (nth, item) in value.as_array().into_iter().flatten().enumerate() {
                    check(root, wanted, item, &format!("{at}[{nth}]"), faults);
                }
                true
            }
            other => panic!("the keyword `{other}` is not known here"),
        };
        if !holds {
            faults.push(format!("{at}: {value} does not fit {keyword} {wanted}"));
        }
    }
}

fn is_type(value: &Value, name: &str) -> bool {
    match name {
        "null" => value.is_null(),
        "boolean" => value.is_boolean(),
        "string" => value.is_string(),
        "integer" => value.is_i64() || value.is_u64(),
        "array" => value.is_array(),
        "object" => value.is_object(),
        other => panic!("the type `{other}` is not known here"),
    }
}
