use super::support::told::tell;
use crate::finding::{Finding, Severity};
use crate::kustomize::Object;
use crate::rules::{Category, Context, Rule};
use crate::schema::{Fault, Wrong};

/// A value of another type than its field has.
pub(crate) static RULE: Rule = Rule {
    name: "wrong-field-type",
    category: Category::Schema,
    severity: Severity::Error,
    pedantic: false,
    since: "0.1.0",
    page: include_str!("../../../rules/schema/wrong-field-type.md"),
    check,
};

fn message(object: &Object, route: &str, takes: &str, is: &str) -> String {
    format!(
        "{} `{}` takes {takes} in `{route}`, not {is}",
        object.kind(),
        object.name()
    )
}

fn label(is: &str) -> String {
    format!("is {is}")
}

fn help(takes: &str, text: Option<&str>, is_substituted: bool) -> String {
    match (takes, text) {
        ("text", Some(text)) if is_substituted => {
            format!("put quotes into the value, `'\"{text}\"'`: Flux drops those around an expression")
        }
        ("text", Some(text)) => format!("write `\"{text}\"` with quotes"),
        ("a boolean", _) => "write `true` or `false` without quotes".to_owned(),
        ("an integer", _) => "write digits without quotes".to_owned(),
        ("a list", _) => "put a `-` before each item".to_owned(),
        ("a map", _) => "write fields below it".to_owned(),
        _ => format!("write {takes}"),
    }
}

fn check(context: &Context<'_>, findings: &mut Vec<Finding>) {
    tell(context, findings, finding);
}

fn finding(object: &Object, fault: &Fault) -> Option<Finding> {
    let Wrong::Type {
        takes,
        is,
        text,
        is_substituted,
    } = &fault.wrong
    else {
        return None;
    };
    if *takes == "text" && is_told_elsewhere(&fault.route, text.is_some(), *is_substituted) {
        return None;
    }
    let finding = Finding::new(message(object, &fault.route, takes, is), fault.span, label(is)).help(help(
        takes,
        text.as_deref(),
        *is_substituted,
    ));
    Some(
        match text.as_deref().filter(|_| *takes == "text" && !is_substituted) {
            Some(text) => finding.replace(text, &format!("\"{text}\""), true),
            None => finding,
        },
    )
}

/// Where metadata stands in an object and in the pods that it makes.
const METADATA: [&str; 4] = [
    "metadata",
    "spec.template.metadata",
    "spec.jobTemplate.metadata",
    "spec.jobTemplate.spec.template.metadata",
];

/// Labels and annotations are the matter of `annotation-not-a-string`; texts that variables turn into something else that of
/// `substitution-changes-type`, where it looks.
fn is_told_elsewhere(route: &str, is_scalar: bool, is_substituted: bool) -> bool {
    let in_metadata = METADATA.iter().any(|metadata| {
        let rest = route.strip_prefix(metadata).unwrap_or_default();
        rest.starts_with(".labels") || rest.starts_with(".annotations")
    });
    let in_container = route.contains("ontainers[")
        && (route.ends_with(".value") || route.contains(".command[") || route.contains(".args["));
    let in_data = route.starts_with("data") || route.starts_with("stringData");
    (is_scalar && in_metadata) || (is_substituted && (in_container || in_data))
}
