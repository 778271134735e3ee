//! Values, objects and facts in words.

use serde_json::Value as Json;

use crate::change::{Change, FactChange, FieldChange, Hidden, Value};
use crate::finding::ObjectRef;
use crate::kustomize::Object;
use crate::mesh::shown;
use crate::neutral::one_line;
use crate::report::in_words;
use crate::yaml::{Node, Schema, to_go_json};

/// Characters of a value that are shown on a line.
const LONGEST: usize = 100;

/// A value as JSON.
pub(crate) fn json(node: &Node) -> Json {
    let text = to_go_json(node, Schema::Kustomize);
    serde_json::from_str(&text).unwrap_or(Json::String(text))
}

/// A value on one line.
pub(crate) fn value(value: &Value) -> String {
    match value {
        Value::Absent => "(none)".to_owned(),
        Value::Hidden(Hidden::Secret) => "(secret)".to_owned(),
        Value::Hidden(Hidden::Unknown) => "(not known)".to_owned(),
        Value::Shown(node) => short(&match json(node) {
            Json::String(text) if !text.is_empty() => text,
            other => other.to_string(),
        }),
    }
}

fn short(text: &str) -> String {
    let text = one_line(text.trim_end());
    match text.char_indices().nth(LONGEST) {
        Some((at, _)) => format!("{}…", text.get(..at).unwrap_or_default()),
        None => text,
    }
}

/// Both values where they are texts of several lines.
pub(super) fn texts(field: &FieldChange) -> Option<(&str, &str)> {
    let text = |value: &'_ Value| match value {
        Value::Shown(node) => node.as_text().is_some(),
        _ => false,
    };
    if !text(&field.before) || !text(&field.after) {
        return None;
    }
    let (Value::Shown(before), Value::Shown(after)) = (&field.before, &field.after) else {
        return None;
    };
    let (before, after) = (before.as_text()?, after.as_text()?);
    let has_lines = |text: &str| text.trim_end().contains('\n');
    (has_lines(before) || has_lines(after)).then_some((before, after))
}

/// `Deployment shop/catalogue`.
pub(super) fn object(object: &Object) -> String {
    reference(&object.reference())
}

fn reference(object: &ObjectRef) -> String {
    one_line(&object.to_string())
}

/// A fact on one line.
pub(super) fn fact(value: &shown::Value) -> String {
    match value {
        shown::Value::Stated(values) => short(&values.join(", ")),
        shown::Value::Default(values) => format!("{} (default)", short(&values.join(", "))),
        shown::Value::Absent => "(none)".to_owned(),
        shown::Value::Malformed => "(malformed)".to_owned(),
        shown::Value::Unknown(_) => "(not known)".to_owned(),
    }
}

/// `cluster-id: 1 → 2`.
pub(super) fn fact_change(change: &FactChange) -> String {
    format!(
        "{}: {} → {}",
        change.name,
        fact(&change.before),
        fact(&change.after)
    )
}

/// What changes in all, in one line.
pub(super) fn totals(change: &Change<'_>) -> String {
    let count = |of: &dyn Fn(&crate::change::ClusterChange<'_>) -> usize| -> usize {
        change.clusters.iter().map(of).sum()
    };
    let clusters = count(&|one| usize::from(!one.is_empty()));
    if clusters == 0 {
        return "no object changes in any cluster".to_owned();
    }
    let (added, removed) = (count(&|one| one.added.len()), count(&|one| one.removed.len()));
    let changed = count(&|one| one.changed.len());
    let facts = count(&|one| one.facts.len());
    let all = number(change.clusters.len(), "cluster", "clusters");
    let mut text =
        format!("{clusters} of {all} change: {added} objects added, {removed} removed, {changed} changed");
    if facts > 0 {
        text.push_str(&format!("; {} of the mesh", number(facts, "fact", "facts")));
    }
    if change.is_cut_off {
        text.push_str("; the fields of some are left out, as there are too many");
    }
    text
}

/// What could not be seen, in words.
pub(super) fn not_known(unknown: &std::collections::BTreeMap<&'static str, usize>) -> Option<String> {
    let words: Vec<String> = unknown
        .iter()
        .map(|(reason, count)| in_words(reason, *count))
        .collect();
    (!words.is_empty()).then(|| format!("not known from the repository: {}", words.join(", ")))
}

pub(super) fn number(count: usize, one: &str, many: &str) -> String {
    format!("{count} {}", if count == 1 { one } else { many })
}
