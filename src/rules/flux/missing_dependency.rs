use std::collections::BTreeSet;

use crate::finding::{Finding, Severity};
use crate::flux::{Reconciled, dependencies};
use crate::rules::reference::{Elsewhere, Lost, Target};
use crate::rules::{Category, Context, Rule};
use crate::source::Span;

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

fn help(lost: &Lost<'_>) -> String {
    lost.help().unwrap_or_else(|| match lost.elsewhere {
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
                    namespace: dependency.namespace,
                    name: dependency.name,
                };
                let span = dependency.name_node().origin().edit_span();
                let Some(lost) = Lost::look(context.sources, index, at, target) else {
                    continue;
                };
                if told.insert((span, target.full_name())) {
                    let finding = Finding::new(RULE.name, message(&dependent, &lost), span, lost.label())
                        .help(help(&lost))
                        .clusters([cluster.cluster.name.as_str()])
                        .object(dependent.object.reference())
                        .route(format!("spec.dependsOn[{}]", target.full_name()));
                    findings.push(lost.point(finding));
                }
            }
        }
    }
}
