use super::support::told::tell;
use crate::finding::{Finding, Severity};
use crate::kustomize::Object;
use crate::rules::{Category, Context, Rule};
use crate::schema::{Fault, Wrong};

/// Two items of a list whose items have to differ.
pub(crate) static RULE: Rule = Rule {
    name: "duplicate-list-item",
    category: Category::Schema,
    severity: Severity::Error,
    pedantic: false,
    since: "0.1.0",
    page: include_str!("../../../rules/schema/duplicate-list-item.md"),
    check,
};

fn message(object: &Object, route: &str, what: &str) -> String {
    format!(
        "{} `{}` has {what} twice in `{route}`",
        object.kind(),
        object.name()
    )
}

const LABEL: &str = "the same again";
const LABEL_FIRST: &str = "the first";
const HELP: &str = "remove one of them";

fn check(context: &Context<'_>, findings: &mut Vec<Finding>) {
    tell(context, findings, finding);
}

fn finding(object: &Object, fault: &Fault) -> Option<Finding> {
    let Wrong::Twice { what, first } = &fault.wrong else {
        return None;
    };
    let finding = Finding::new(message(object, &fault.route, what), fault.span, LABEL)
        .label(*first, LABEL_FIRST)
        .help(HELP);
    Some(finding)
}
