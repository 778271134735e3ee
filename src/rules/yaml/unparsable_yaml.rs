use crate::finding::Finding;
use crate::finding::Severity;
use crate::kustomize::ProblemKind;
use crate::rules::build_problems::{BuildProblem, build_problems};
use crate::rules::{Category, Context, Rule};

/// A file that a build reads does not parse.
pub(crate) static RULE: Rule = Rule {
    name: "unparsable-yaml",
    category: Category::Yaml,
    severity: Severity::Error,
    pedantic: false,
    since: "0.1.0",
    page: include_str!("../../../rules/yaml/unparsable-yaml.md"),
    check,
};

fn check(context: &Context<'_>, findings: &mut Vec<Finding>) {
    let problems = build_problems(context.fleet);
    let unparsable = problems
        .iter()
        .filter(|found| found.problem.kind == ProblemKind::Unparsable);
    findings.extend(unparsable.map(|found: &BuildProblem<'_>| found.finding(RULE.name)));
}
