use crate::finding::{Finding, Severity};
use crate::fleet::Cluster;
use crate::flux::{Kustomization, Source, known_text};
use crate::kustomize::Exclusion;
use crate::postbuild::RenderProblem;
use crate::rules::{Category, Context, Rule};
use crate::source::{Lookup, RepoPath, SourceMap, Span};
use crate::text::suggest::nearest_typo;
use crate::text::{Want, nearest_path};
use crate::yaml::Node;

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

/// What the help says to write.
fn instead(meant: Option<&RepoPath>, what: &Lookup) -> Option<String> {
    let meant = meant.filter(|_| !matches!(what, Lookup::File(_)));
    meant.map(|meant| format!("./{meant}"))
}

/// The path as it stands in the file.
fn written(sources: &SourceMap, span: Span) -> &str {
    sources.snippet(span).trim_matches(['"', '\''])
}

const LABEL_EXCLUDED: &str = "left out of the artifact here";

const LABEL: &str = "no such directory";
const LABEL_TYPO: &str = "so misspelt that nothing is fetched";

fn check(context: &Context<'_>, findings: &mut Vec<Finding>) {
    for cluster in &context.fleet.clusters {
        for kustomization in cluster.own_kustomizations() {
            findings.extend(behind_a_typo(context, cluster, kustomization));
            for problem in &kustomization.problems {
                let RenderProblem::MissingPath {
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
                    message(kustomization, path, &what),
                    *span,
                    if excluded_by.is_some() {
                        "not in the artifact"
                    } else {
                        LABEL
                    },
                )
                .help(help(path, meant.as_ref(), &what))
                .guess(
                    written(context.sources, *span),
                    instead(meant.as_ref(), &what).as_deref(),
                )
                .clusters([cluster.name.as_str()])
                .object(kustomization.object.reference())
                .route("spec.path");
                let finding = match excluded_by {
                    Some(exclusion) => Finding { fix: None, ..finding }.help(exclusion.help()),
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

/// A path that will not exist either once the misspelt name of the own source is put right: Flux tells of one after the
/// other.
fn behind_a_typo(context: &Context<'_>, cluster: &Cluster, kustomization: &Kustomization) -> Option<Finding> {
    let entry = cluster.own_kustomizations().find(|one| one.parent.is_none())?;
    let (Source::Missing, Source::Here(root)) = (&kustomization.source, &entry.source) else {
        return None;
    };
    let own = entry.spec()?.get("sourceRef")?;
    let reference = kustomization.spec()?.get("sourceRef")?;
    let text = |node: &'_ Node, key| node.get(key).and_then(known_text).map(str::to_owned);
    let (name, own_name) = (text(reference, "name")?, text(own, "name")?);
    nearest_typo(&name, [own_name.as_str()]).filter(|_| text(reference, "kind") == text(own, "kind"))?;
    let stated = kustomization.spec()?.get("path")?;
    let path = root.clamp_join(known_text(stated)?);
    let what = context.sources.lookup(&path);
    if matches!(what, Lookup::Directory(_)) {
        return None;
    }
    let meant = nearest_path(context.sources, &path, Want::Directory);
    let message = format!(
        "{} in `{own_name}`, which is meant by `{name}`",
        message(kustomization, &path, &what)
    );
    Some(
        Finding::new(message, stated.origin().edit_span(), LABEL)
            .label(reference.get("name")?.origin().edit_span(), LABEL_TYPO)
            .help(help(&path, meant.as_ref(), &what))
            .clusters([cluster.name.as_str()])
            .object(kustomization.object.reference())
            .route("spec.path"),
    )
}
