//! Items of lists that the API server tells apart by their fields.

use std::collections::HashMap;

use super::values::is_open;
use crate::tables::schemas::Fact;
use crate::yaml::Node;

/// What Kubernetes takes for a key that is left out: the defaults in its definitions are those of `protocol`.
fn default_of(key: &str) -> &'static str {
    if key == "protocol" { "TCP" } else { "" }
}

/// The items that an earlier one equals: the earlier, the later, and what they have in common.
pub(super) fn twice<'n>(list: &'n Node, fact: Fact<'_>) -> Vec<(&'n Node, &'n Node, String)> {
    let mut first: HashMap<String, &Node> = HashMap::new();
    let mut all = Vec::new();
    for item in list.items() {
        let identity = match fact {
            Fact::Keys(keys) => identity(item, keys),
            Fact::Set if !is_open(item) => item.as_text().map(|text| format!("`{text}`")),
            _ => None,
        };
        let Some(identity) = identity else {
            continue;
        };
        match first.get(&identity) {
            Some(earlier) => all.push((*earlier, item, identity)),
            None => {
                first.insert(identity, item);
            }
        }
    }
    all
}

/// The values of the keys; nothing where one is not known.
fn identity(item: &Node, keys: &str) -> Option<String> {
    let mut parts = Vec::new();
    for key in keys.split(',') {
        let value = match item.get(key) {
            Some(value) if value.is_null() => default_of(key),
            Some(value) if is_open(value) => return None,
            Some(value) => value.as_text()?,
            None => default_of(key),
        };
        if item.get(key).is_some() || !value.is_empty() {
            parts.push(format!("`{key}: {value}`"));
        }
    }
    (!parts.is_empty()).then(|| parts.join(" and "))
}
