use super::support::told::tell;
use crate::finding::{Finding, Severity};
use crate::kustomize::Object;
use crate::rules::{Category, Context, Rule};
use crate::schema::{Fault, Instead, Wrong};
use crate::tables::schemas::is_of_kubernetes;

/// A field that the kind of an object does not have.
pub(crate) static RULE: Rule = Rule {
    name: "unknown-field",
    category: Category::Schema,
    severity: Severity::Error,
    pedantic: false,
    since: "0.1.0",
    page: include_str!("../../../rules/schema/unknown-field.md"),
    check,
};

fn message(object: &Object, route: &str) -> String {
    format!("{} `{}` has no field `{route}`", object.kind(), object.name())
}

fn label(since: Option<&(String, String)>) -> String {
    match since {
        Some((product, release)) => format!("{product} {release} has it"),
        None => "no such field".to_owned(),
    }
}

fn help(name: &str, instead: Option<&Instead>, since: Option<&(String, String)>) -> String {
    match (since, instead) {
        (Some((product, release)), _) => format!("remove it, or update {product} to {release}"),
        (None, Some(Instead::Name(near))) => format!("did you mean `{near}`?"),
        (None, Some(Instead::Below(field))) => format!("move it into `{field}`, which has a field `{name}`"),
        (None, Some(Instead::Above(route))) => format!("move it up to `{route}`, which has a field `{name}`"),
        (None, None) => "remove it".to_owned(),
    }
}

fn check(context: &Context<'_>, findings: &mut Vec<Finding>) {
    tell(context, findings, finding);
}

fn finding(object: &Object, fault: &Fault) -> Option<Finding> {
    let Wrong::UnknownField { name, instead, since } = &fault.wrong else {
        return None;
    };
    let since = since.as_ref();
    let finding = Finding::new(message(object, &fault.route), fault.span, label(since)).help(help(
        name,
        instead.as_ref(),
        since,
    ));
    let meant = match (since, instead) {
        (None, Some(Instead::Name(near))) => Some(near.as_str()),
        _ => None,
    };
    let finding = finding.guess(name, meant);
    // What a later release of an operator brings looks the same; only a name that is meant for another is surely a mistake.
    let may_be_newer =
        instead.is_none() && !fault.route.starts_with("metadata.") && !is_of_kubernetes(object.group());
    Some(if may_be_newer {
        finding.severity(Severity::Warning)
    } else {
        finding
    })
}
