use std::collections::BTreeSet;

use crate::finding::{Finding, Severity};
use crate::rules::build_problems::build_problems;
use crate::rules::{Category, Context, Rule};

/// A path of a kustomization.yaml that holds a variable.
pub(crate) static RULE: Rule = Rule {
    name: "variable-in-path",
    category: Category::Flux,
    severity: Severity::Error,
    pedantic: false,
    since: "0.1.0",
    page: include_str!("../../../rules/flux/variable-in-path.md"),
    check,
};

fn message(path: &str) -> String {
    format!("the path `{path}` holds a variable, which Flux does not fill in")
}

fn help() -> &'static str {
    "name the path itself, in a kustomization.yaml of each cluster; or put the variable into `spec.path` of a Kustomization \
     whose parent substitutes"
}

fn check(context: &Context<'_>, findings: &mut Vec<Finding>) {
    let mut seen = BTreeSet::new();
    for found in build_problems(context.fleet) {
        let span = found.problem.span;
        if !found.is_variable_in_path(context.sources) || !seen.insert(span) {
            continue;
        }
        let path = context.sources.snippet(span).trim_matches(['"', '\'']);
        let mut finding = found.finding().help(help());
        finding.message = message(path);
        for label in &mut finding.labels {
            if label.primary {
                "kustomize looks for exactly this name".clone_into(&mut label.text);
            }
        }
        findings.push(finding);
    }
}
