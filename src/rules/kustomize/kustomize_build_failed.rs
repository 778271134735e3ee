use std::collections::{BTreeMap, BTreeSet};

use crate::finding::{Finding, Severity};
use crate::kustomize::ProblemKind;
use crate::rules::build_problems::build_problems;
use crate::rules::{Category, Context, Rule};
use crate::source::{FileId, Lookup, RepoPath, SourceMap, Span};
use crate::text::{Want, nearest_path};

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

const HELP_MISSING: &str = "add the file, or remove the entry";

fn message_many(first: &str, others: usize) -> String {
    match others {
        0 => first.to_owned(),
        1 => format!("{first}; another entry of the file names nothing either"),
        _ => format!("{first}; {others} other entries of the file name nothing either"),
    }
}

/// Labels for further entries that name nothing.
const MAX_LABELS: usize = 5;

fn check(context: &Context<'_>, findings: &mut Vec<Finding>) {
    let problems = build_problems(context.fleet);
    // A file that does not parse has its own rule, and whatever else fails in it follows from that.
    let unparsable: BTreeSet<_> = problems
        .iter()
        .filter(|found| found.problem.kind == ProblemKind::Unparsable)
        .map(|found| found.problem.span.file)
        .collect();
    let mut missing: BTreeMap<(FileId, Vec<&str>), Vec<Finding>> = BTreeMap::new();
    for found in &problems {
        let is_told =
            unparsable.contains(&found.problem.span.file) || found.is_variable_in_path(context.sources);
        if !found.problem.kind.is_refusal() || is_told {
            continue;
        }
        let finding = found.finding();
        let meant = meant_path(context.sources, found.problem.span);
        match (&finding.help, meant) {
            (None, Some(meant)) => findings.push(finding.did_you_mean("", &meant)),
            (None, None) if found.problem.kind == ProblemKind::NamesNothing => {
                let list = (found.problem.span.file, found.clusters().collect());
                missing.entry(list).or_default().push(finding);
            }
            _ => findings.push(finding),
        }
    }
    findings.extend(missing.into_values().filter_map(one_of_many));
}

/// Entries of one list that name nothing, as one finding: the directory was not committed, or has gone.
fn one_of_many(all: Vec<Finding>) -> Option<Finding> {
    let others: Vec<Span> = all.iter().skip(1).map(|one| one.primary().span).collect();
    let members: Vec<Finding> = all.iter().map(|one| one.clone().help(HELP_MISSING)).collect();
    let mut first = all.into_iter().next()?.help(HELP_MISSING).members(members);
    first.message = message_many(&first.message, others.len());
    let others = others.into_iter().take(MAX_LABELS);
    let label = first.primary().text.clone();
    Some(others.fold(first, |finding, span| finding.label(span, &label)))
}

/// The existing path that an entry was most probably meant to name, written like the entry; `None` where the entry is no
/// path or names something.
fn meant_path(sources: &SourceMap, entry: Span) -> Option<String> {
    let written = sources.snippet(entry).trim_matches(['"', '\'']);
    let is_path = !written.is_empty() && !written.contains([' ', '\n', ':', '$', '*']);
    let directory = sources.file(entry.file).path().parent();
    let path = directory.join(written).ok().filter(|_| is_path)?;
    if sources.lookup(&path) != Lookup::Missing {
        return None;
    }
    let meant = nearest_path(sources, &path, Want::Any)?;
    Some(relative(&directory, &meant)).filter(|meant| meant != written)
}

/// A path as it is written in a kustomization of `directory`.
fn relative(directory: &RepoPath, path: &RepoPath) -> String {
    let shared = directory
        .components()
        .zip(path.components())
        .take_while(|(a, b)| a == b)
        .count();
    let up = directory.components().skip(shared).map(|_| "..");
    let down = path.components().skip(shared);
    let parts: Vec<&str> = up.chain(down).collect();
    if parts.first() == Some(&"..") {
        parts.join("/")
    } else {
        format!("./{}", parts.join("/"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_are_written_as_from_the_kustomization() {
        let from = |directory, path| relative(&RepoPath::clamp(directory), &RepoPath::clamp(path));
        assert_eq!(from("apps/web", "apps/web/service.yaml"), "./service.yaml");
        assert_eq!(from("apps/web", "components/tls"), "../../components/tls");
        assert_eq!(from("apps/web", "apps"), "..");
    }
}
