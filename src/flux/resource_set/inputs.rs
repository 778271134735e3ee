//! The input sets of a ResourceSet: its own and those of its providers, put together by the strategy
//! (controlplaneio-fluxcd/flux-operator `internal/inputs`).

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::kustomize::Object;
use crate::template::value::{Entries as Set, Value};
use crate::yaml::Node;

/// The operator's own bound.
const MAX_PERMUTATIONS: usize = 10_000;

/// The input sets that are certain.
#[derive(Debug, Default)]
pub(crate) struct Inputs {
    pub(crate) sets: Vec<Value>,
    /// What states each set, where each comes from one place.
    pub(crate) stated: Vec<Node>,
    /// Whether a provider gives sets that nobody knows.
    pub(crate) is_open: bool,
    /// Whether a selector chooses providers, so that unknown ones of the namespace would add sets.
    pub(crate) selects_providers: bool,
}

/// The sets, or `None` when they cannot be told.
pub(crate) fn combined(set: &Object, providers: &Providers<'_>) -> Option<Inputs> {
    let spec = set.node.get("spec")?;
    let mut inputs = Inputs::default();
    let mut chosen: BTreeMap<String, Arc<Object>> = BTreeMap::new();
    for reference in items(spec, "inputsFrom") {
        if let Some(name) = reference.text_at(&["name"]).filter(|name| !name.is_empty()) {
            chosen.insert(name.to_owned(), (providers.named)(name)?);
            continue;
        }
        let selector = reference
            .get("selector")
            .filter(|selector| selector.is_mapping())?;
        inputs.selects_providers = true;
        for provider in (providers.all)() {
            if selects(selector, &provider)? {
                chosen.insert(provider.name().to_owned(), provider);
            }
        }
    }
    let mut groups = vec![(set.name().to_owned(), own(set, spec)?)];
    inputs.stated = items(spec, "inputs").to_vec();
    for (name, provider) in chosen {
        match exported(&provider) {
            Some(exported) => {
                groups.push((name, vec![exported]));
                let stated = provider.node.at(&["spec", "defaultValues"]);
                inputs.stated.push(stated.unwrap_or(&provider.node).clone());
            }
            None if inputs.selects_providers => inputs.is_open = true,
            None => return None,
        }
    }
    inputs.sets = by_strategy(spec, groups, &inputs)?;
    if spec.text_at(&["inputStrategy", "name"]) == Some("Permute") {
        inputs.stated.clear();
    }
    Some(inputs)
}

/// Whether a label selector chooses a provider; `None` where that cannot be told.
fn selects(selector: &Node, provider: &Object) -> Option<bool> {
    let label = |key: &str| {
        let label = provider.label(key);
        match label {
            Some(node) if node.origin().is_unknown() => None,
            Some(node) => Some(node.as_text()),
            None => Some(None),
        }
    };
    for entry in selector.get("matchLabels").map(Node::entries).unwrap_or_default() {
        if label(entry.key.as_text()?)? != Some(entry.value.as_text()?) {
            return Some(false);
        }
    }
    for expression in items(selector, "matchExpressions") {
        let found = label(expression.text_at(&["key"])?)?;
        let values: Vec<&str> = items(expression, "values")
            .iter()
            .filter_map(Node::as_text)
            .collect();
        let holds = match expression.text_at(&["operator"])? {
            "In" => found.is_some_and(|found| values.contains(&found)),
            "NotIn" => found.is_none_or(|found| !values.contains(&found)),
            "Exists" => found.is_some(),
            "DoesNotExist" => found.is_none(),
            _ => return None,
        };
        if !holds {
            return Some(false);
        }
    }
    Some(true)
}

fn by_strategy(spec: &Node, groups: Vec<(String, Vec<Set>)>, inputs: &Inputs) -> Option<Vec<Value>> {
    let strategy = spec.text_at(&["inputStrategy", "name"]).unwrap_or("Flatten");
    let keeps_empty = spec
        .at(&["inputStrategy", "includeEmptyProviders"])
        .and_then(Node::as_bool)
        == Some(true);
    match strategy {
        "Flatten" => Some(
            groups
                .into_iter()
                .flat_map(|(_, sets)| sets)
                .map(Value::shallow_map)
                .collect(),
        ),
        // One more provider would change every set.
        "Permute" if inputs.selects_providers => None,
        "Permute" => permuted(groups, keeps_empty),
        _ => None,
    }
}

fn items<'a>(spec: &'a Node, field: &str) -> &'a [Node] {
    spec.get(field).map(Node::items).unwrap_or_default()
}

/// `None` where an input is null: the operator does not survive it.
fn own(set: &Object, spec: &Node) -> Option<Vec<Set>> {
    let sets = items(spec, "inputs").iter().map(|input| match Value::of(input) {
        Value::Map(entries) if entries.values().all(|value| *value != Value::Null) => {
            Some(with_provider(Set::clone(&entries), set))
        }
        _ => None,
    });
    sets.collect()
}

fn with_provider(mut input: Set, of: &Object) -> Set {
    let text = |text: &str| Value::text(text);
    let provider = [
        ("apiVersion", text("fluxcd.controlplane.io/v1")),
        ("kind", text(of.kind())),
        ("name", text(of.name())),
        ("namespace", text(of.namespace().unwrap_or("default"))),
    ];
    let provider = provider.map(|(key, value)| (key.to_owned(), value));
    input.insert("provider".to_owned(), Value::shallow_map(provider.into()));
    input
}

/// What a provider of the type `Static` exports: its defaults, and an `id` made from its UID, which only the cluster knows.
fn exported(provider: &Object) -> Option<Set> {
    let spec = provider.node.get("spec")?;
    let is_static = spec.text_at(&["type"]) == Some("Static") && spec.get("schedule").is_none();
    if !is_static || is_disabled(provider) {
        return None;
    }
    let mut input = match spec.get("defaultValues").map(Value::of) {
        Some(Value::Map(entries)) => Set::clone(&entries),
        None => Set::new(),
        Some(_) => return None,
    };
    input.insert("id".to_owned(), Value::Unknown);
    Some(with_provider(input, provider))
}

/// Whether the operator leaves the object alone.
pub(crate) fn is_disabled(object: &Object) -> bool {
    let annotation = ["metadata", "annotations", "fluxcd.controlplane.io/reconcile"];
    let value = object.node.text_at(&annotation);
    value.is_some_and(|value| value.eq_ignore_ascii_case("disabled"))
}

/// Every choice of one set per provider, each under its provider's name.
fn permuted(groups: Vec<(String, Vec<Set>)>, keeps_empty: bool) -> Option<Vec<Value>> {
    let groups: Vec<(String, Vec<Value>)> = groups
        .into_iter()
        .filter(|(_, sets)| keeps_empty || !sets.is_empty())
        .map(|(name, sets)| {
            (
                normalised(&name),
                sets.into_iter().map(Value::shallow_map).collect(),
            )
        })
        .collect();
    if groups.is_empty() {
        return Some(Vec::new());
    }
    if groups.iter().any(|(name, _)| name.is_empty()) {
        return None;
    }
    let mut all = vec![(Set::new(), Vec::new())];
    for (name, sets) in &groups {
        if all.len().saturating_mul(sets.len()) > MAX_PERMUTATIONS {
            return None;
        }
        all = all
            .iter()
            .flat_map(|(chosen, id)| {
                sets.iter().enumerate().map(move |(at, set)| {
                    let (mut chosen, mut id) = (chosen.clone(), id.clone());
                    chosen.insert(name.clone(), set.clone());
                    id.push(format!("{name}={at}"));
                    (chosen, id)
                })
            })
            .collect();
    }
    let with_id = |(mut chosen, id): (Set, Vec<String>)| {
        let id = adler32(id.join("/").as_bytes()).to_string();
        chosen.insert("id".to_owned(), Value::text(id));
        Value::shallow_map(chosen)
    };
    Some(all.into_iter().map(with_id).collect())
}

/// A name as a key of templates: words of lower-case letters and digits, with `_` between.
fn normalised(name: &str) -> String {
    let mapped: String = name
        .chars()
        .flat_map(char::to_lowercase)
        .filter_map(|c| match c {
            'a'..='z' | '0'..='9' => Some(c),
            c if c.is_whitespace() || c.is_ascii_punctuation() => Some('_'),
            _ => None,
        })
        .collect();
    let words: Vec<&str> = mapped.split('_').filter(|word| !word.is_empty()).collect();
    words.join("_")
}

fn adler32(bytes: &[u8]) -> u32 {
    let (a, b) = bytes.iter().fold((1_u32, 0_u32), |(a, b), byte| {
        let a = (a + u32::from(*byte)) % 65_521;
        (a, (b + a) % 65_521)
    });
    (b << 16) | a
}

/// Where the inputs of a ResourceSet come from: the ResourceSetInputProviders of its namespace.
pub(crate) struct Providers<'a> {
    /// One by its name.
    pub(crate) named: &'a dyn Fn(&str) -> Option<Arc<Object>>,
    /// All that are known.
    pub(crate) all: &'a dyn Fn() -> Vec<Arc<Object>>,
}
