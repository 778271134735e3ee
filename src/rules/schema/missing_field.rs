use super::support::told::tell;
use crate::finding::{Finding, Severity};
use crate::flux::tells_flux;
use crate::kustomize::Object;
use crate::rules::{Category, Context, Rule};
use crate::schema::{Fault, Wrong};

/// A field that the API server asks for is not there.
pub(crate) static RULE: Rule = Rule {
    name: "missing-field",
    category: Category::Schema,
    severity: Severity::Error,
    pedantic: false,
    since: "0.1.0",
    page: include_str!("../../../rules/schema/missing-field.md"),
    check,
};

fn message(object: &Object, route: &str) -> String {
    format!("{} `{}` lacks `{route}`", object.kind(), object.name())
}

fn label(field: &str) -> String {
    format!("without `{field}`")
}

fn help(field: &str) -> String {
    format!("add `{field}`")
}

fn check(context: &Context<'_>, findings: &mut Vec<Finding>) {
    tell(context, findings, finding);
}

fn finding(object: &Object, fault: &Fault) -> Option<Finding> {
    let Wrong::Missing { field } = &fault.wrong else {
        return None;
    };
    // What is added to an object that something else made need not be whole.
    if tells_flux(object, "ssa", &["Merge"]) {
        return None;
    }
    let finding = Finding::new(message(object, &fault.route), fault.span, label(field)).help(help(field));
    Some(finding)
}
