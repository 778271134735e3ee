use std::collections::BTreeSet;

use crate::finding::{Finding, Severity};
use crate::flux::Problem;
use crate::kustomize::ProblemKind;
use crate::rules::build_problems::build_problems;
use crate::rules::{Category, Context, Rule};

/// The build that Flux runs fails.
pub(crate) static RULE: Rule = Rule {
    name: "kustomize-build-failed",
    category: Category::Kustomize,
    severity: Severity::Error,
    pedantic: false,
    since: "0.1.0",
    page: include_str!("../../../rules/kustomize/kustomize-build-failed.md"),
    check,
};

fn check(context: &Context<'_>, findings: &mut Vec<Finding>) {
    let problems = build_problems(context.fleet);
    // A file that does not parse has its own rule, and whatever else fails in it follows from that.
    let unparsable: BTreeSet<_> = problems
        .iter()
        .filter(|found| found.problem.kind == ProblemKind::Unparsable)
        .map(|found| found.problem.span.file)
        .collect();
    for found in &problems {
        match found.problem.kind {
            ProblemKind::Failure if !unparsable.contains(&found.problem.span.file) => {
                findings.push(found.finding(RULE.name));
            }
            // The real build may well succeed; meshlint says that it does not see the same.
            ProblemKind::Unsupported => findings.push(found.finding(RULE.name).severity(Severity::Warning)),
            _ => {}
        }
    }
    findings.extend(cut_off(context));
}

/// Clusters that are not rendered to the end because a bound is reached.
fn cut_off(context: &Context<'_>) -> Vec<Finding> {
    let mut findings = Vec::new();
    for cluster in &context.fleet.clusters {
        let problems = cluster.kustomizations.iter().flat_map(|owner| &owner.problems);
        for problem in problems {
            if let Problem::TooMuch { span, bound } = problem {
                let message = format!(
                    "cluster `{}` has more than {bound}; the rest is not looked at",
                    cluster.name
                );
                let finding = Finding::new(
                    RULE.name,
                    message,
                    *span,
                    "this and what comes after it is left out",
                );
                findings.push(finding.clusters([cluster.name.as_str()]));
            }
        }
    }
    findings
}
