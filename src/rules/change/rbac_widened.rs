use super::support::fields::{at, changed};
use crate::change::{FieldChange, Value};
use crate::finding::{Finding, Severity};
use crate::kustomize::Object;
use crate::rules::words::full_name;
use crate::rules::{Category, Context, Rule};
use crate::yaml::{Node, Walk};

/// A role gets a wildcard that it did not have.
pub(crate) static RULE: Rule = Rule {
    name: "rbac-widened",
    category: Category::Change,
    severity: Severity::Warning,
    pedantic: false,
    since: "0.1.0",
    page: include_str!("../../../rules/change/rbac-widened.md"),
    check,
};

fn message(object: &Object, key: &str) -> String {
    let (kind, name) = (object.kind(), full_name(object));
    format!("{kind} `{name}` gets `*` in `{key}`")
}

const LABEL: &str = "it named each before";
const HELP: &str = "name what is needed";

const KEYS: [&str; 3] = ["verbs", "resources", "apiGroups"];

fn check(context: &Context<'_>, findings: &mut Vec<Finding>) {
    for (cluster, change) in changed(context) {
        let object = change.after.object;
        let is_role =
            object.group() == "rbac.authorization.k8s.io" && ["Role", "ClusterRole"].contains(&object.kind());
        if !is_role {
            continue;
        }
        let is_new =
            |key: &&str| has_wildcard(&object.node, key) && !has_wildcard(&change.before.object.node, key);
        for key in KEYS.iter().filter(|key| is_new(key)) {
            if let Some(field) = change.fields.iter().find(|field| brings(field, key)) {
                let finding = at(message(object, key), change, field, LABEL);
                findings.push(finding.help(HELP).clusters([cluster.name()]));
            }
        }
    }
}

/// Whether some rule has `*` under the key.
fn has_wildcard(object: &Node, key: &str) -> bool {
    let rules = object.get("rules").map_or(&[][..], Node::items);
    rules.iter().filter_map(|rule| rule.get(key)).any(is_wildcard)
}

fn is_wildcard(list: &Node) -> bool {
    list.items().iter().any(|item| item.as_text() == Some("*"))
}

/// Whether the change brings a `*` under the key.
fn brings(field: &FieldChange, key: &str) -> bool {
    let Value::Shown(node) = &field.after else {
        return false;
    };
    if field.path.contains(&format!(".{key}")) {
        return node.as_text() == Some("*") || is_wildcard(node);
    }
    let mut found = false;
    node.walk(&mut |_, _, inner| {
        found |= inner.get(key).is_some_and(is_wildcard);
        Walk::Enter
    });
    found && field.path.starts_with("rules")
}
