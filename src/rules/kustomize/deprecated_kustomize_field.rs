use std::collections::BTreeMap;

use crate::finding::{Finding, Severity};
use crate::kustomize::ProblemKind;
use crate::rules::build_problems::{BuildProblem, build_problems};
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

fn message(first: &str, further: usize) -> String {
    match further {
        0 => first.to_owned(),
        1 => format!("{first}; one more kustomization has it"),
        _ => format!("{first}; {further} more kustomizations have it"),
    }
}

/// Places labelled in one finding.
const MAX_LABELS: usize = 6;

fn check(context: &Context<'_>, findings: &mut Vec<Finding>) {
    let problems = build_problems(context.fleet);
    let deprecated = problems
        .iter()
        .filter(|found| found.problem.kind == ProblemKind::Deprecated);
    // A repository that uses a field uses it everywhere, and one command mends all of its files.
    let mut fields: BTreeMap<&str, Vec<&BuildProblem<'_>>> = BTreeMap::new();
    for found in deprecated {
        fields.entry(&found.problem.message).or_default().push(found);
    }
    findings.extend(fields.into_values().filter_map(|all| {
        let members = all.iter().filter_map(|one| finding(std::slice::from_ref(one)));
        Some(finding(&all)?.members(members))
    }));
}

fn finding(all: &[&BuildProblem<'_>]) -> Option<Finding> {
    let (first, further) = all.split_first()?;
    let mut finding = first.finding();
    finding.message = message(&first.problem.message, further.len());
    // The object is a Kustomization that happens to be the first.
    finding.object = None;
    finding.route = Some(first.problem.message.clone());
    let clusters = all.iter().flat_map(|found| found.clusters());
    let finding = finding.clusters(clusters.collect::<Vec<_>>());
    let labels = further.iter().take(MAX_LABELS);
    Some(labels.fold(finding, |finding, found| {
        finding.label(found.problem.span, "here too")
    }))
}
