use std::collections::BTreeSet;

use crate::finding::{Finding, Severity};
use crate::kustomize::ProblemKind;
use crate::rules::build_problems::build_problems;
use crate::rules::{Category, Context, Rule};
use crate::source::Span;

/// A patch whose target selects no object.
pub(crate) static RULE: Rule = Rule {
    name: "patch-matches-nothing",
    category: Category::Kustomize,
    severity: Severity::Warning,
    pedantic: false,
    since: "0.1.0",
    page: include_str!("../../../rules/kustomize/patch-matches-nothing.md"),
    check,
};

fn help_remove() -> &'static str {
    "correct the `target`, or remove the patch; kustomize leaves it out without a word"
}

fn check(context: &Context<'_>, findings: &mut Vec<Finding>) {
    let builds = context.fleet.clusters.iter().flat_map(|cluster| {
        let builds = cluster.own_kustomizations().map(|one| one.build.as_ref());
        builds.flatten()
    });
    // A patch that a component or a parent hands to many builds is there for those in which it selects something.
    let served: BTreeSet<Span> = builds
        .flat_map(|build| build.served_targets.iter().copied())
        .collect();
    for found in build_problems(context.fleet) {
        let span = found.problem.span;
        let finding = match found.problem.kind {
            ProblemKind::PatchMatchesNothing => found.finding(),
            // Such patches often lie in wait for objects that nobody has written yet.
            ProblemKind::SelectorMatchesNothing => found.finding().severity(Severity::Info),
            _ => continue,
        };
        if served.contains(&span) || awaits_bootstrap(context, span) {
            continue;
        }
        findings.push(match &finding.help {
            Some(_) => finding,
            None => finding.help(help_remove()),
        });
    }
}

/// Whether the patch is for the components of Flux, which `flux bootstrap` has still to write into an empty file.
fn awaits_bootstrap(context: &Context<'_>, span: Span) -> bool {
    let directory = context.sources.file(span.file).path().parent();
    let components = context.sources.file_at(&directory.child("gotk-components.yaml"));
    components.is_some_and(|file| context.store.parsed(file).documents.is_empty())
}
