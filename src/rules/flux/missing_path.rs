use crate::finding::{Finding, Severity};
use crate::flux::{Kustomization, Problem};
use crate::kustomize::Exclusion;
use crate::rules::nearest_path::{Want, nearest_path};
use crate::rules::{Category, Context, Rule};
use crate::source::{Lookup, RepoPath};

/// `spec.path` names nothing in the source.
pub(crate) static RULE: Rule = Rule {
    name: "missing-path",
    category: Category::Flux,
    severity: Severity::Error,
    pedantic: false,
    since: "0.1.0",
    page: include_str!("../../../rules/flux/missing-path.md"),
    check,
};

fn message(owner: &Kustomization, path: &RepoPath, what: &Lookup) -> String {
    let fault = match what {
        Lookup::File(_) => "is a file, not a directory",
        Lookup::LeavesRepository => "leads out of the repository",
        Lookup::Directory(_) => "is not in the artifact of its source",
        Lookup::Missing => "does not exist",
    };
    format!(
        "the path `{path}` of Kustomization `{}` {fault}",
        owner.full_name()
    )
}

fn help(path: &RepoPath, meant: Option<&RepoPath>, what: &Lookup) -> String {
    match (meant, what) {
        (_, Lookup::File(_)) => format!("name the directory that holds it: `./{}`", path.parent()),
        (Some(meant), _) => format!("did you mean `./{meant}`?"),
        (None, _) => "create the directory, or point `spec.path` at one that exists".to_owned(),
    }
}

const LABEL_EXCLUDED: &str = "left out of the artifact here";

fn check(context: &Context<'_>, findings: &mut Vec<Finding>) {
    for cluster in &context.fleet.clusters {
        for kustomization in cluster.own_kustomizations() {
            for problem in &kustomization.problems {
                let Problem::MissingPath {
                    span,
                    path,
                    excluded_by,
                } = problem
                else {
                    continue;
                };
                // Something that is not in the repository may fill this in.
                if path.as_str().contains("${") {
                    continue;
                }
                let what = context.sources.lookup(path);
                let meant = nearest_path(context.sources, path, Want::Directory);
                let finding = Finding::new(
                    RULE.name,
                    message(kustomization, path, &what),
                    *span,
                    if excluded_by.is_some() {
                        "not in the artifact"
                    } else {
                        "no such directory"
                    },
                )
                .help(help(path, meant.as_ref(), &what))
                .clusters([cluster.name.as_str()])
                .object(kustomization.object.reference())
                .route("spec.path");
                let finding = match excluded_by {
                    Some(exclusion) => finding.help(exclusion.help()),
                    None => finding,
                };
                findings.push(match excluded_by.and_then(Exclusion::place) {
                    Some(place) => finding.label(place, LABEL_EXCLUDED),
                    None => finding,
                });
            }
        }
    }
}
