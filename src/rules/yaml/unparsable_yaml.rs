use std::collections::BTreeSet;

use crate::cluster::beginnings;
use crate::finding::{Finding, Severity};
use crate::kustomize::ProblemKind;
use crate::rules::build_problems::{BuildProblem, build_problems};
use crate::rules::{Category, Context, Rule};
use crate::source::FileId;
use crate::unknown::UnknownReason;

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
    findings.extend(unparsable.map(|found: &BuildProblem<'_>| found.finding()));
    let reached: BTreeSet<FileId> = problems.iter().map(|found| found.problem.span.file).collect();
    let unread = beginnings(context.fleet, context.store)
        .map(|(id, _)| id)
        .chain(values(context))
        .chain(applied(context));
    let unread: BTreeSet<FileId> = unread.filter(|id| !reached.contains(id)).collect();
    findings.extend(unread.into_iter().filter_map(|id| finding(context, id)));
}

/// Manifests that something else than Flux applies, and that do not parse.
fn applied<'a>(context: &'a Context<'_>) -> impl Iterator<Item = FileId> + 'a {
    let owners = context
        .fleet
        .clusters
        .iter()
        .flat_map(|cluster| &cluster.kustomizations);
    let builds = owners
        .filter(|owner| owner.hub.is_some())
        .filter_map(|owner| owner.build.as_ref());
    builds
        .flat_map(|build| &build.problems)
        .filter(|problem| problem.kind == ProblemKind::Unparsable)
        .map(|problem| problem.span.file)
}

/// Files of values that somebody reads and that do not parse.
fn values<'a>(context: &'a Context<'_>) -> impl Iterator<Item = FileId> + 'a {
    let clusters = context.fleet.clusters.iter();
    let values = clusters.flat_map(|cluster| {
        let releases = cluster.releases.values().map(|facts| &facts.values);
        let loose = cluster.loose_values.iter().map(|loose| &loose.values);
        releases.chain(loose)
    });
    let unknown = values.flat_map(|values| &values.unknown);
    unknown
        .filter(|(_, reason)| *reason == UnknownReason::Unparsable)
        .map(|(span, _)| span.file)
}

fn finding(context: &Context<'_>, file: FileId) -> Option<Finding> {
    let error = context.store.parsed(file).errors.first()?;
    let finding = Finding::new(
        error.message.as_ref(),
        error.span,
        "the file cannot be read from here on",
    );
    let finding = match &error.help {
        Some(help) => finding.help(help.as_ref()),
        None => finding,
    };
    let related = error.related.iter();
    Some(related.fold(finding, |finding, (span, text)| finding.label(*span, *text)))
}
