use std::collections::BTreeSet;

use crate::finding::{Finding, Severity};
use crate::kustomize::ProblemKind;
use crate::rules::build_problems::{BuildProblem, build_problems};
use crate::rules::{Category, Context, Rule};
use crate::source::{FileId, RepoPath, SourceFile};

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
    findings.extend(unreached(context, &reached));
}

/// A cluster begins with a file that no build reaches, so one that does not parse hides the whole cluster. Where no
/// cluster is found at all, it may be any file.
fn unreached(context: &Context<'_>, reached: &BTreeSet<FileId>) -> Vec<Finding> {
    let any = context.fleet.clusters.is_empty();
    let manifests = context
        .sources
        .iter()
        .filter(|(_, file)| !file.is_ignored() && is_yaml(file.path()) && !is_template(file))
        .filter(|(id, file)| !reached.contains(id) && (any || begins_a_cluster(file)));
    manifests
        .filter_map(|(id, _)| context.store.parsed(id).errors.first())
        .map(|error| {
            let finding = Finding::new(
                error.message.as_ref(),
                error.span,
                "the file cannot be read from here on",
            );
            let finding = match &error.help {
                Some(help) => finding.help(help.as_ref()),
                None => finding,
            };
            error
                .related
                .iter()
                .fold(finding, |finding, (span, text)| finding.label(*span, *text))
        })
        .collect()
}

/// Whether the text is that of a file by which a cluster would be found: its entry point, or its Cilium values.
fn begins_a_cluster(file: &SourceFile) -> bool {
    let says = |line: &str| {
        file.text()
            .is_ok_and(|text| text.lines().any(|one| one.trim_end() == line))
    };
    let is_values = || says("cluster:") && says("clustermesh:");
    file.path().file_name() == "gotk-sync.yaml" || says("kind: FluxInstance") || is_values()
}

fn is_yaml(path: &RepoPath) -> bool {
    path.as_str().ends_with(".yaml") || path.as_str().ends_with(".yml")
}

/// Whether the file becomes YAML only when Helm or another program fills it in.
fn is_template(file: &SourceFile) -> bool {
    file.path().components().any(|name| name == "templates")
        || file.text().is_ok_and(|text| text.contains("{{"))
}
