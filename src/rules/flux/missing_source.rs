use crate::cluster::lockdown::Lockdown;
use crate::cluster::lost::{Elsewhere, Lost, Target};
use crate::cluster::references::states_namespace;
use crate::cluster::{ClusterIndex, GroupKind, Placed, Reconciled};
use crate::finding::{Finding, Severity};
use crate::flux::known_text;
use crate::rules::{Category, Context, Rule};
use crate::source::SourceMap;
use crate::yaml::Node;

/// `sourceRef` or `chartRef` names what the cluster does not have.
pub(crate) static RULE: Rule = Rule {
    name: "missing-source",
    category: Category::Flux,
    severity: Severity::Error,
    pedantic: false,
    since: "0.1.0",
    page: include_str!("../../../rules/flux/missing-source.md"),
    check,
};

fn message(user: &Reconciled<'_>, lost: &Lost<'_>) -> String {
    let what = if user.is_kustomization() { "files" } else { "chart" };
    format!(
        "{} `{}` takes its {what} from {} `{}`, {}",
        user.kind.kind,
        user.full_name(),
        lost.target.kind.kind,
        lost.target.full_name(),
        lost.fault()
    )
}

fn help(lost: &Lost<'_>, reference: &Node, is_locked: bool) -> String {
    // Under the lockdown a reference reaches no other namespace.
    let shared = lost
        .help(states_namespace(reference))
        .filter(|_| !(is_locked && matches!(lost.elsewhere, Elsewhere::Namespaces(_))));
    shared.unwrap_or_else(|| match lost.elsewhere {
        Elsewhere::Clusters(_) => format!("deliver `{}` to this cluster as well", lost.target.name),
        _ => format!(
            "add the {} `{}` {}, or name one that exists",
            lost.target.kind.kind,
            lost.target.name,
            lost.target.scope()
        ),
    })
}

/// The places of a reference, each with the kinds that the field takes (the enumerations of the CRDs).
const KUSTOMIZATION_REFERENCES: &[(&[&str], &[&str])] = &[(
    &["spec", "sourceRef"],
    &["GitRepository", "OCIRepository", "Bucket", "ExternalArtifact"],
)];
const HELM_RELEASE_REFERENCES: &[(&[&str], &[&str])] = &[
    (
        &["spec", "chartRef"],
        &["OCIRepository", "HelmChart", "ExternalArtifact"],
    ),
    (
        &["spec", "chart", "spec", "sourceRef"],
        &["HelmRepository", "GitRepository", "Bucket"],
    ),
];

fn check(context: &Context<'_>, findings: &mut Vec<Finding>) {
    let index = context.index;
    for (at, cluster) in index.clusters.iter().enumerate() {
        let lockdown = Lockdown::of(cluster);
        for user in cluster.reconciled() {
            let fields = if user.is_kustomization() {
                KUSTOMIZATION_REFERENCES
            } else {
                HELM_RELEASE_REFERENCES
            };
            for (route, kinds) in fields {
                let Some(reference) = user.object.node.at(route) else {
                    continue;
                };
                let Some(target) = target(reference, kinds, user.namespace) else {
                    continue;
                };
                // The controller refuses before it looks, which blocked-cross-namespace-reference tells.
                let is_locked = lockdown.holds(user.object);
                if is_locked && target.namespace != Some(user.namespace) {
                    continue;
                }
                if let Some(lost) = Lost::look(context.written, index, at, target) {
                    let at = reference.get("name").unwrap_or(reference).origin().edit_span();
                    let finding = Finding::new(message(&user, &lost), at, lost.label())
                        .help(help(&lost, reference, is_locked))
                        .clusters([cluster.cluster.name.as_str()])
                        .object(user.object.reference())
                        .route(route.join("."));
                    let finding = if is_made_by_hand(context.sources, cluster, target) {
                        finding.severity(Severity::Warning)
                    } else {
                        finding
                    };
                    findings.push(lost.point(finding));
                }
            }
        }
    }
}

/// Whether what there is of that name stands in no file, but is only known to be there because an entry point uses it:
/// whoever made it may have made another one. (The operator makes the source of a FluxInstance, and that one only.)
fn is_made_by_hand(sources: &SourceMap, cluster: &ClusterIndex<'_>, target: Target<'_>) -> bool {
    let is_written_entry = |placed: &Placed<'_>| {
        let kind = placed.object.node.get("kind");
        placed.object.kind() == "Kustomization"
            && kind.is_some_and(|kind| sources.snippet(kind.span()).contains("Kustomization"))
    };
    let same_name = cluster.named(target.kind, target.name);
    !same_name.is_empty() && same_name.iter().all(is_written_entry)
}

fn target<'a>(reference: &'a Node, kinds: &[&str], own_namespace: &'a str) -> Option<Target<'a>> {
    let text = |key| known_text(reference.get(key)?);
    let kind = text("kind").filter(|kind| kinds.contains(kind))?;
    let namespace = match reference.get("namespace").filter(|node| !node.is_null()) {
        Some(node) => known_text(node)?,
        None => own_namespace,
    };
    Some(Target {
        kind: GroupKind::source(kind),
        namespace: Some(namespace),
        name: text("name")?,
    })
}
