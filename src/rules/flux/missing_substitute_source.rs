use std::collections::BTreeMap;

use crate::cluster::copied::is_copied;
use crate::cluster::hashed_names::HashedNames;
use crate::cluster::lost::{Elsewhere, Lost, Target};
use crate::cluster::{Existence, GroupKind};
use crate::finding::{Finding, Severity};
use crate::flux::Kustomization;
use crate::postbuild::RenderProblem;
use crate::rules::{Category, Context, Rule};
use crate::source::Span;
use crate::unknown::UnknownReason;

/// `substituteFrom` names what the cluster does not have, or what holds a key that is no variable name.
pub(crate) static RULE: Rule = Rule {
    name: "missing-substitute-source",
    category: Category::Flux,
    severity: Severity::Error,
    pedantic: false,
    since: "0.1.0",
    page: include_str!("../../../rules/flux/missing-substitute-source.md"),
    check,
};

fn missing(owner: &Kustomization, lost: &Lost<'_>) -> String {
    format!(
        "Kustomization `{}` takes variables from {} `{}`, {}",
        owner.full_name(),
        lost.target.kind.kind,
        lost.target.full_name(),
        lost.fault()
    )
}

fn not_in_repository(lost: &Lost<'_>) -> String {
    format!(
        "variables come from {} `{}`, which the repository does not create",
        lost.target.kind.kind,
        lost.target.full_name()
    )
}

const LABEL_NOT_IN_REPOSITORY: &str = "nothing in the repository creates it";

fn help(lost: &Lost<'_>) -> String {
    let Target { kind, name, .. } = lost.target;
    let kind = kind.kind;
    match &lost.elsewhere {
        // The namespace of a reference cannot be given: it is always the Kustomization's own.
        Elsewhere::Namespaces(_) => {
            format!(
                "create `{name}` {} too: `substituteFrom` reads no other namespace",
                lost.target.scope()
            )
        }
        Elsewhere::Clusters(_) => format!("add {kind} `{name}` to this cluster, or set `optional: true`"),
        Elsewhere::Unreached(_) => {
            format!("deliver the file that defines `{name}` before the Kustomizations that need it")
        }
        Elsewhere::Near(near) => format!("did you mean `{near}`?"),
        Elsewhere::Nowhere => {
            format!("make sure that bootstrap creates {kind} `{name}`, or set `optional: true`")
        }
    }
}

fn illegal_name(name: &str) -> String {
    format!("the key `{name}` cannot be the name of a variable")
}

const LABEL_ILLEGAL_NAME: &str = "letters, digits and `_` only, and no digit first";
const LABEL_REFERENCE: &str = "all keys become variables because of this reference";
const HELP_ILLEGAL_NAME: &str = "rename the key, or move it to a ConfigMap that no `substituteFrom` reads: one such key fails the Kustomization";

fn check(context: &Context<'_>, findings: &mut Vec<Finding>) {
    for (at, cluster) in context.fleet.clusters.iter().enumerate() {
        let here = context.index.clusters.get(at);
        let hashed = here.map(HashedNames::of);
        // What bootstrap ought to have made is missing for every Kustomization that refers to it alike.
        let mut unseen: BTreeMap<Target<'_>, (Lost<'_>, Vec<Span>)> = BTreeMap::new();
        for kustomization in cluster.own_kustomizations() {
            for problem in &kustomization.problems {
                match problem {
                    RenderProblem::MissingSubstituteSource {
                        span,
                        kind,
                        namespace,
                        name,
                    } => {
                        let target = Target {
                            kind: GroupKind::new("", kind),
                            namespace: Some(namespace),
                            name,
                        };
                        // unhashed-reference says what is wrong.
                        let is_generated = here.zip(hashed.as_ref()).is_some_and(|(here, hashed)| {
                            hashed.meant(here, target.kind, namespace, name).is_some()
                        });
                        if is_generated {
                            continue;
                        }
                        let Some(lost) = look(context, at, target) else {
                            continue;
                        };
                        if is_proven(&lost) {
                            let finding = Finding::new(missing(kustomization, &lost), *span, lost.label())
                                .help(help(&lost))
                                .clusters([cluster.name.as_str()])
                                .object(kustomization.object.reference())
                                .route("spec.postBuild.substituteFrom");
                            findings.push(lost.point(finding));
                        } else {
                            unseen
                                .entry(target)
                                .or_insert_with(|| (lost, Vec::new()))
                                .1
                                .push(*span);
                        }
                    }
                    RenderProblem::IllegalVariableName {
                        span,
                        name,
                        reference,
                    } => {
                        let finding = Finding::new(illegal_name(name), *span, LABEL_ILLEGAL_NAME)
                            .label(*reference, LABEL_REFERENCE)
                            .help(HELP_ILLEGAL_NAME)
                            .clusters([cluster.name.as_str()])
                            .object(kustomization.object.reference())
                            .route(format!("variable {name}"));
                        findings.push(finding);
                    }
                    _ => {}
                }
            }
        }
        // Secrets are made by hand and by bootstrap as a rule; nothing speaks against that.
        unseen.retain(|target, _| target.kind == GroupKind::CONFIG_MAP);
        for (lost, spans) in unseen.into_values() {
            let finding = |spans: &[Span]| unseen_finding(&lost, spans, &cluster.name);
            let members = spans.chunks(1).filter_map(finding);
            findings.extend(finding(&spans).map(|all| all.members(members)));
        }
    }
}

fn unseen_finding(lost: &Lost<'_>, spans: &[Span], cluster: &str) -> Option<Finding> {
    let (first, others) = spans.split_first()?;
    let message = not_in_repository(lost);
    let finding = Finding::new(message, *first, LABEL_NOT_IN_REPOSITORY)
        .severity(Severity::Warning)
        .help(help(lost))
        .clusters([cluster])
        .route(format!("ConfigMap {}", lost.target.full_name()));
    let others = others.iter().take(MAX_OTHERS);
    let finding = others.fold(finding, |finding, span| finding.label(*span, "also needed here"));
    Some(lost.point(finding))
}

/// Labels for further references to one missing source.
const MAX_OTHERS: usize = 3;

fn look<'a>(context: &Context<'a>, at: usize, target: Target<'a>) -> Option<Lost<'a>> {
    let here = context.index.clusters.get(at)?;
    let copied = here
        .named(target.kind, target.name)
        .iter()
        .any(|placed| is_copied(placed.object));
    match here.find(target.kind, target.namespace, target.name) {
        _ if copied => None,
        Existence::Exists(_) => None,
        // A chart brings no settings.
        Existence::Missing | Existence::Unknown(UnknownReason::Chart | UnknownReason::BrokenBuild) => {
            Lost::locate(context.written, context.index, at, target)
        }
        Existence::Unknown(_) => None,
    }
}

/// Bootstrap, Terraform or a person may have made what the repository does not show. That the same name is in the wrong
/// namespace, or only in another cluster, cannot be meant; nor can a name that is nearly that of an existing one. Of
/// Secrets most are made elsewhere, and a name like that of one in the repository proves nothing.
fn is_proven(lost: &Lost<'_>) -> bool {
    match lost.elsewhere {
        Elsewhere::Namespaces(_) => true,
        Elsewhere::Clusters(_) | Elsewhere::Near(_) => lost.target.kind == GroupKind::CONFIG_MAP,
        Elsewhere::Unreached(_) | Elsewhere::Nowhere => false,
    }
}
