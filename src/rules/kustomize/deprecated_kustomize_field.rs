use crate::finding::{Finding, Severity};
use crate::kustomize::ProblemKind;
use crate::rules::build_problems::build_problems;
use crate::rules::{Category, Context, Rule};

/// A field of a kustomization.yaml that another has taken the place of.
pub(crate) static RULE: Rule = Rule {
    name: "deprecated-kustomize-field",
    category: Category::Kustomize,
    severity: Severity::Info,
    pedantic: false,
    since: "0.1.0",
    page: include_str!("../../../rules/kustomize/deprecated-kustomize-field.md"),
    check,
};

fn check(context: &Context<'_>, findings: &mut Vec<Finding>) {
    let problems = build_problems(context.fleet);
    let deprecated = problems
        .iter()
        .filter(|found| found.problem.kind == ProblemKind::Deprecated);
    findings.extend(deprecated.map(|found| found.finding(RULE.name)));
}
