use crate::finding::{Finding, Severity};
use crate::fleet::Cluster;
use crate::kustomize::ProblemKind;
use crate::postbuild::RenderProblem;
use crate::rules::build_problems::build_problems;
use crate::rules::{Category, Context, Rule};
use crate::source::{SourceMap, Span};

/// Part of the repository is not looked at.
pub(crate) static RULE: Rule = Rule {
    name: "limit-reached",
    category: Category::Meshlint,
    severity: Severity::Error,
    pedantic: false,
    since: "0.1.0",
    page: include_str!("../../../rules/meshlint/limit-reached.md"),
    check,
};

const LABEL_REST: &str = "this and what comes after it is left out";
const LABEL_UNSETTLED: &str = "its settings change with every round";
const HELP_UNSETTLED: &str =
    "state the settings in files, or in Kustomizations that do not need each other's";
const LABEL_UNSEEN: &str = "whatever lies here is unknown";

fn too_much(cluster: &str, bound: &str) -> String {
    format!("cluster `{cluster}` has more than {bound}; the rest is not looked at")
}

fn unsettled(cluster: &str, rounds: usize) -> String {
    format!(
        "the objects of cluster `{cluster}` still change after {rounds} rounds of rendering; what the last one gave is taken"
    )
}

fn unseen(path: &str, reason: &str) -> String {
    format!("`{path}` is not looked at: {reason}")
}

fn check(context: &Context<'_>, findings: &mut Vec<Finding>) {
    let problems = build_problems(context.fleet);
    let limits = problems
        .iter()
        .filter(|found| found.problem.kind == ProblemKind::Limit);
    findings.extend(limits.map(|found| found.finding()));
    findings.extend(context.fleet.clusters.iter().flat_map(of_cluster));
    findings.extend(of_repository(context.sources));
}

/// Clusters that are not rendered to the end.
fn of_cluster(cluster: &Cluster) -> impl Iterator<Item = Finding> {
    let all = cluster.kustomizations.iter().flat_map(|owner| &owner.problems);
    all.filter_map(|problem| {
        let finding = match problem {
            RenderProblem::TooMuch { span, bound } => {
                Finding::new(too_much(&cluster.name, bound), *span, LABEL_REST)
            }
            RenderProblem::Unsettled { span, rounds } => {
                let message = unsettled(&cluster.name, *rounds);
                Finding::new(message, *span, LABEL_UNSETTLED).help(HELP_UNSETTLED)
            }
            _ => return None,
        };
        Some(finding.clusters([cluster.name.as_str()]))
    })
}

/// Directories that cannot be read, and names that are no text.
fn of_repository(sources: &SourceMap) -> impl Iterator<Item = Finding> {
    sources.unseen().iter().map(|one| {
        let path = sources.file(one.file).path().as_str();
        let message = unseen(path, &one.reason);
        Finding::new(message, Span::at_start(one.file), LABEL_UNSEEN).route(path)
    })
}

/// What no page can show: it takes too many objects, or names that are no text.
#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_left_out_is_said() {
        assert_eq!(
            too_much("infra", "10 objects"),
            "cluster `infra` has more than 10 objects; the rest is not looked at"
        );
        assert_eq!(LABEL_REST, "this and what comes after it is left out");
        assert_eq!(unseen("a", "it is a pipe"), "`a` is not looked at: it is a pipe");
        assert_eq!(LABEL_UNSEEN, "whatever lies here is unknown");
    }
}
