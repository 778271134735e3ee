use std::collections::BTreeSet;

use crate::finding::{Finding, Severity};
use crate::kustomize::ProblemKind;
use crate::rules::build_problems::build_problems;
use crate::rules::{Category, Context, Rule};

/// A field of a kustomization.yaml that kustomize does not know, or that Flux does not support.
pub(crate) static RULE: Rule = Rule {
    name: "unknown-kustomize-field",
    category: Category::Kustomize,
    severity: Severity::Error,
    pedantic: false,
    since: "0.1.0",
    page: include_str!("../../../rules/kustomize/unknown-kustomize-field.md"),
    check,
};

fn check(context: &Context<'_>, findings: &mut Vec<Finding>) {
    let problems = build_problems(context.fleet);
    let of_kind = |kind| problems.iter().filter(move |found| found.problem.kind == kind);
    let refused: BTreeSet<_> = of_kind(ProblemKind::RefusedField)
        .map(|found| found.problem.span)
        .collect();
    findings.extend(of_kind(ProblemKind::RefusedField).map(|found| found.finding()));
    // One file may be the root of one build, which Flux rewrites, and a base of another, which kustomize reads.
    findings.extend(
        of_kind(ProblemKind::LostField)
            .filter(|found| !refused.contains(&found.problem.span))
            .map(|found| found.finding().severity(Severity::Warning)),
    );
}
