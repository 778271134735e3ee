use crate::cluster::lost::{Elsewhere, Lost, Target};
use crate::cluster::{Existence, GroupKind, Reconciled};
use crate::finding::{Finding, Severity};
use crate::flux::known_text;
use crate::rules::{Category, Context, Rule};
use crate::yaml::Node;

/// A health check of an object that the cluster does not have.
pub(crate) static RULE: Rule = Rule {
    name: "missing-health-check-target",
    category: Category::Flux,
    severity: Severity::Error,
    pedantic: false,
    since: "0.1.0",
    page: include_str!("../../../rules/flux/missing-health-check-target.md"),
    check,
};

fn message(waiting: &Reconciled<'_>, lost: &Lost<'_>) -> String {
    format!(
        "Kustomization `{}` waits for {} `{}`, {}",
        waiting.full_name(),
        lost.target.kind.kind,
        lost.target.full_name(),
        lost.fault()
    )
}

fn help(lost: &Lost<'_>) -> String {
    match &lost.elsewhere {
        Elsewhere::Namespaces(all) => {
            format!("write `namespace: {}`", all.first().copied().unwrap_or_default())
        }
        _ => lost.help(true).unwrap_or_else(|| {
            format!(
                "deliver `{}` to this cluster, or remove the check",
                lost.target.name
            )
        }),
    }
}

fn unplaced(waiting: &Reconciled<'_>, kind: &str, name: &str) -> String {
    format!(
        "Kustomization `{}` waits for {kind} `{name}` without saying in which namespace",
        waiting.full_name()
    )
}

const LABEL_UNPLACED: &str = "`namespace` is missing";

/// Kinds that lie in a namespace for certain, and that Flux or a person applies, not only a chart.
const NAMESPACED: [(&str, &[&str]); 6] = [
    (
        "",
        &[
            "ConfigMap",
            "Secret",
            "Service",
            "ServiceAccount",
            "Pod",
            "PersistentVolumeClaim",
        ],
    ),
    ("apps", &["Deployment", "StatefulSet", "DaemonSet"]),
    ("batch", &["Job", "CronJob"]),
    ("kustomize.toolkit.fluxcd.io", &["Kustomization"]),
    ("helm.toolkit.fluxcd.io", &["HelmRelease"]),
    (
        "source.toolkit.fluxcd.io",
        &[
            "GitRepository",
            "OCIRepository",
            "HelmRepository",
            "Bucket",
            "HelmChart",
        ],
    ),
];

fn check(context: &Context<'_>, findings: &mut Vec<Finding>) {
    for (at, cluster) in context.index.clusters.iter().enumerate() {
        for waiting in cluster.reconciled().filter(|one| one.is_kustomization()) {
            let Some(spec) = waiting.object.node.get("spec") else {
                continue;
            };
            let ignored = spec.get("wait").is_some_and(|wait| wait.as_bool() != Some(false));
            // With `kubeConfig` the checks run against another cluster.
            if ignored || spec.get("kubeConfig").is_some() {
                continue;
            }
            for check in spec.get("healthChecks").map_or(&[][..], Node::items) {
                let finding = finding(context, at, &waiting, check);
                let about = |finding: Finding| {
                    finding
                        .clusters([cluster.cluster.name.as_str()])
                        .object(waiting.object.reference())
                        .route("spec.healthChecks")
                };
                findings.extend(finding.map(about));
            }
        }
    }
}

fn finding(context: &Context<'_>, at: usize, waiting: &Reconciled<'_>, check: &Node) -> Option<Finding> {
    let text = |key| known_text(check.get(key)?);
    let (kind, name) = (text("kind")?, text("name")?);
    let api_version = text("apiVersion").unwrap_or_default();
    let group = api_version.rsplit_once('/').map_or("", |(group, _)| group);
    let namespaced = NAMESPACED
        .iter()
        .any(|(own, kinds)| *own == group && kinds.contains(&kind));
    if !namespaced {
        return None;
    }
    let place = check.get("name").unwrap_or(check).origin().edit_span();
    let Some(namespace) = check.get("namespace").filter(|node| !node.is_null()) else {
        return Some(
            Finding::new(unplaced(waiting, kind, name), place, LABEL_UNPLACED)
                .help("add `namespace` to the check: it has no default"),
        );
    };
    let target = Target {
        kind: GroupKind::new(group, kind),
        namespace: Some(known_text(namespace)?),
        name,
    };
    // Nearly any chart makes Deployments; of these only the index can tell.
    let lost = if target.kind.is_flux() {
        Lost::look(context.written, context.index, at, target)
    } else {
        let found = context
            .index
            .clusters
            .get(at)?
            .find(target.kind, target.namespace, name);
        let by_hand = context.written.is_mentioned_by_tools(name);
        (matches!(found, Existence::Missing) && !by_hand)
            .then(|| Lost::locate(context.written, context.index, at, target))
            .flatten()
    }?;
    let finding = Finding::new(message(waiting, &lost), place, lost.label()).help(help(&lost));
    // What bootstrap installs leaves no trace in the repository, so that nothing like it is there proves little.
    let finding = match lost.elsewhere {
        Elsewhere::Nowhere | Elsewhere::Unreached(_) if !lost.target.kind.is_flux() => {
            finding.severity(Severity::Warning)
        }
        _ => finding,
    };
    Some(lost.point(finding))
}
