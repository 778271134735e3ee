use crate::finding::{Finding, Severity};
use crate::flux::{Kustomization, Problem};
use crate::rules::suggest::nearest;
use crate::rules::{Category, Context, Rule};
use crate::source::{Lookup, RepoPath, SourceMap};

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
const HELP_EXCLUDED: &str =
    "let the source take the directory in, for example with a pattern that starts with `!`";

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
                let meant = nearest_directory(context.sources, path);
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
                findings.push(match excluded_by {
                    Some(pattern) => finding.label(*pattern, LABEL_EXCLUDED).help(HELP_EXCLUDED),
                    None => finding,
                });
            }
        }
    }
}

/// The existing directory that a path was most probably meant to be: the same path with misspelt components mended,
/// else the only directory whose path ends alike.
fn nearest_directory(sources: &SourceMap, path: &RepoPath) -> Option<RepoPath> {
    mended(sources, path).or_else(|| moved(sources, path))
}

/// Goes down from the root, taking the nearest name where a component does not exist.
fn mended(sources: &SourceMap, path: &RepoPath) -> Option<RepoPath> {
    let mut at = RepoPath::root();
    for name in path.components() {
        let exact = at.child(name);
        at = if sources.is_directory(&exact) {
            exact
        } else {
            let children = sources.list(&at);
            let directories = children
                .iter()
                .filter(|(_, what)| matches!(what, Lookup::Directory(_)))
                .map(|(child, _)| *child);
            at.child(nearest(name, directories)?)
        };
    }
    Some(at)
}

/// The only directory that ends in the last components of the path, as many of them as any directory shares.
fn moved(sources: &SourceMap, path: &RepoPath) -> Option<RepoPath> {
    let wanted: Vec<&str> = path.components().rev().collect();
    let mut best: (usize, Option<RepoPath>) = (0, None);
    let mut seen = RepoPath::root();
    for file in sources.files() {
        let mut directory = file.path().parent();
        if directory == seen {
            continue;
        }
        seen = directory.clone();
        while !directory.is_root() {
            let shared = directory
                .components()
                .rev()
                .zip(&wanted)
                .take_while(|(a, b)| a == *b)
                .count();
            if shared > best.0 {
                best = (shared, Some(directory.clone()));
            } else if shared == best.0 && best.1.as_ref() != Some(&directory) {
                best.1 = None;
            }
            directory = directory.parent();
        }
    }
    // One shared word such as `app` says nothing.
    best.1.filter(|_| best.0 >= 2)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn near(path: &str) -> Option<String> {
        let sources = SourceMap::from_memory(
            [
                "kubernetes/apps/media/plex/app/x.yaml",
                "kubernetes/apps/network/traefik/app/x.yaml",
                "kubernetes/apps/network/traefik/config/x.yaml",
            ]
            .map(|path| (path, "")),
        );
        nearest_directory(&sources, &RepoPath::clamp(path)).map(|found| found.as_str().to_owned())
    }

    #[test]
    fn misspelt_components_are_mended() {
        assert_eq!(
            near("kubernetes/app/netwrok/traefik/app").as_deref(),
            Some("kubernetes/apps/network/traefik/app")
        );
    }

    #[test]
    fn a_directory_that_moved_is_found_by_its_end() {
        assert_eq!(
            near("cluster/media/plex/app").as_deref(),
            Some("kubernetes/apps/media/plex/app")
        );
    }

    #[test]
    fn nothing_near_or_several_equally_near_give_nothing() {
        assert_eq!(near("charts/app"), None);
        assert_eq!(near("kubernetes/apps/network/vault"), None);
    }
}
