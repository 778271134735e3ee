use std::collections::BTreeSet;

use crate::cluster::lost::{Elsewhere, Lost, Target};
use crate::cluster::references::states_namespace;
use crate::cluster::{ClusterIndex, Existence, Reconciled};
use crate::finding::{Finding, Severity};
use crate::flux::dependencies;
use crate::rules::{Category, Context, Rule};
use crate::source::Span;
use crate::yaml::Node;

/// `dependsOn` names what the cluster does not have.
pub(crate) static RULE: Rule = Rule {
    name: "missing-dependency",
    category: Category::Flux,
    severity: Severity::Error,
    pedantic: false,
    since: "0.1.0",
    page: include_str!("../../../rules/flux/missing-dependency.md"),
    check,
};

fn message(dependent: &Reconciled<'_>, lost: &Lost<'_>) -> String {
    format!(
        "{} `{}` depends on `{}`, {}",
        dependent.kind.kind,
        dependent.full_name(),
        lost.target.full_name(),
        lost.fault()
    )
}

fn help(lost: &Lost<'_>, entry: &Node) -> String {
    lost.help(states_namespace(entry)).unwrap_or_else(|| match lost.elsewhere {
        Elsewhere::Clusters(_) => {
            "depend on something of the same cluster, or patch the entry per cluster: `dependsOn` reaches no other cluster"
                .to_owned()
        }
        _ => format!("deliver `{}` to the cluster, or remove the entry", lost.target.name),
    })
}

fn check(context: &Context<'_>, findings: &mut Vec<Finding>) {
    let index = context.index;
    for (at, cluster) in index.clusters.iter().enumerate() {
        // A patch may add one entry to many dependents: one line to edit, one finding.
        let mut told: BTreeSet<(Span, String)> = BTreeSet::new();
        for dependent in cluster.reconciled() {
            for dependency in dependencies(dependent.object, dependent.namespace) {
                let target = Target {
                    kind: dependent.kind,
                    namespace: Some(dependency.namespace),
                    name: dependency.name,
                };
                let span = dependency.name_node().origin().edit_span();
                let lost = if dependent.is_entry {
                    entry_lost(context, at, cluster, target)
                } else {
                    Lost::look(context.written, index, at, target)
                };
                let Some(lost) = lost else { continue };
                if told.insert((span, target.full_name())) {
                    let finding = Finding::new(message(&dependent, &lost), span, lost.label())
                        .help(help(&lost, dependency.entry))
                        .clusters([cluster.cluster.name.as_str()])
                        .object(dependent.object.reference())
                        .route(format!("spec.dependsOn[{}]", target.full_name()));
                    // Whoever applies the entry point by hand may have applied this as well.
                    let finding = if dependent.is_entry {
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

/// What an entry point depends on, where neither the cluster has it nor any file of the repository defines it.
fn entry_lost<'a>(
    context: &Context<'a>,
    at: usize,
    index: &ClusterIndex<'a>,
    target: Target<'a>,
) -> Option<Lost<'a>> {
    let found = index.find(target.kind, target.namespace, target.name);
    if matches!(found, Existence::Exists(_)) {
        return None;
    }
    Lost::locate(context.written, context.index, at, target)
        .filter(|lost| !matches!(lost.elsewhere, Elsewhere::Unreached(_)))
}

#[cfg(test)]
mod tests {
    use super::RULE;
    use crate::rules::fixture::{Fixture, depends_on, kustomization, release};

    fn missing(files: &[(&str, String)]) -> Vec<(String, String)> {
        let files: Vec<_> = files.iter().map(|(path, text)| (*path, text.as_str())).collect();
        let found = Fixture::new(&files).check(&RULE);
        found
            .into_iter()
            .map(|one| (one.message, one.help.unwrap_or_default()))
            .collect()
    }

    #[test]
    fn a_misspelt_name_is_suggested() {
        let root = release("operator", "") + &release("database", &depends_on("opertor"));
        let (message, help) = &missing(&[("x/flux-system/root.yaml", root)])[0];
        assert_eq!(
            message,
            "HelmRelease `flux-system/database` depends on `flux-system/opertor`, which does not exist"
        );
        assert_eq!(help, "did you mean `operator`?");
    }

    #[test]
    fn a_release_is_no_kustomization() {
        let root = release("storage", "") + &kustomization("app", &depends_on("storage"));
        let files = [
            ("x/flux-system/root.yaml", root),
            ("x/flux-system/app.yaml", String::new()),
        ];
        assert_eq!(missing(&files).len(), 1);
    }

    #[test]
    fn what_a_hidden_source_may_bring_is_not_missing() {
        let root = release("database", &depends_on("operator"));
        let set = "---\napiVersion: fluxcd.controlplane.io/v1\nkind: ResourceSet\nmetadata: {name: s}\nspec:\n  resources:\n    \
                   - {apiVersion: helm.toolkit.fluxcd.io/v2, kind: HelmRelease, metadata: {name: << inputs.name >>}}\n";
        assert_eq!(missing(&[("x/flux-system/root.yaml", root.clone())]).len(), 1);
        assert_eq!(missing(&[("x/flux-system/root.yaml", root.clone() + set)]), []);
        let only_maps = set.replace(
            "helm.toolkit.fluxcd.io/v2, kind: HelmRelease",
            "v1, kind: ConfigMap",
        );
        assert_eq!(
            missing(&[("x/flux-system/root.yaml", root + &only_maps)]).len(),
            1
        );
    }

    #[test]
    fn objects_sent_to_another_cluster_are_not_here() {
        let hub = kustomization("spoke", "  kubeConfig: {secretRef: {name: spoke}}\n")
            + &release("local", &depends_on("far"));
        let files = [
            ("x/flux-system/root.yaml", hub),
            ("x/flux-system/spoke.yaml", release("far", "")),
        ];
        assert_eq!(missing(&files).len(), 1);
    }
}
