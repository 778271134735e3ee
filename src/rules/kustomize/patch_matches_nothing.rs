use std::collections::{BTreeMap, BTreeSet};

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

const LABEL_OTHER: &str = "nor does it here";

fn check(context: &Context<'_>, findings: &mut Vec<Finding>) {
    let builds = context.fleet.clusters.iter().flat_map(|cluster| {
        let builds = cluster.own_kustomizations().map(|one| one.build.as_ref());
        builds.flatten()
    });
    // A patch that a component or a parent hands to many builds is there for those in which it selects something.
    let served: BTreeSet<Span> = builds
        .flat_map(|build| build.served_targets.iter().copied())
        .collect();
    let mut nameless: BTreeMap<(String, String), Vec<Finding>> = BTreeMap::new();
    for found in build_problems(context.fleet) {
        let problem = found.problem;
        let names_none = match problem.kind {
            ProblemKind::PatchMatchesNothing => false,
            ProblemKind::SelectorMatchesNothing => true,
            _ => continue,
        };
        if served.contains(&problem.span) || awaits_bootstrap(context, problem.span) {
            continue;
        }
        let finding = found.finding();
        if finding.help.is_some() {
            findings.push(finding);
        } else if names_none {
            // Such patches often lie in wait for objects that nobody has written yet, the same one in many places.
            let patch = problem
                .related
                .first()
                .map_or("", |(span, _)| context.sources.snippet(*span));
            let same = nameless
                .entry((problem.message.clone(), patch.to_owned()))
                .or_default();
            same.push(finding.help(help_remove()).severity(Severity::Info).pedantic());
        } else {
            findings.push(finding.help(help_remove()));
        }
    }
    findings.extend(nameless.into_values().filter_map(one_of_many));
}

/// Labels for further places of one patch.
const MAX_LABELS: usize = 5;

fn one_of_many(all: Vec<Finding>) -> Option<Finding> {
    let first = all.first()?.clone();
    let others = all.iter().skip(1).take(MAX_LABELS).map(|one| one.primary().span);
    let finding = others.fold(first, |finding, span| finding.label(span, LABEL_OTHER));
    let clusters: Vec<String> = all.iter().flat_map(|one| one.clusters.clone()).collect();
    Some(finding.clusters(clusters).members(all))
}

/// Whether the patch is for the components of Flux, which `flux bootstrap` has still to write into an empty file.
fn awaits_bootstrap(context: &Context<'_>, span: Span) -> bool {
    let directory = context.sources.file(span.file).path().parent();
    let components = context.sources.file_at(&directory.child("gotk-components.yaml"));
    components.is_some_and(|file| context.store.parsed(file).documents.is_empty())
}
