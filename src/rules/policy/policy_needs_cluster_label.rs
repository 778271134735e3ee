use super::selectors::{Part, Selector, policies};
use crate::finding::{Finding, Severity};
use crate::flux::Cluster;
use crate::kustomize::Object;
use crate::mesh::{Member, Workload, workloads};
use crate::rules::gather::Gathered;
use crate::rules::sight;
use crate::rules::{Category, Context, Rule};

/// A selector means pods that only another cluster has, but not that cluster.
pub(crate) static RULE: Rule = Rule {
    name: "policy-needs-cluster-label",
    category: Category::Policy,
    severity: Severity::Warning,
    pedantic: false,
    since: "0.1.0",
    page: include_str!("../../../rules/policy/policy-needs-cluster-label.md"),
    check,
};

fn message(policy: &Object, cluster: &str, other: &str) -> String {
    format!(
        "{} `{}` selects pods that cluster `{cluster}` does not have: they are in `{other}`",
        policy.kind(),
        policy.name()
    )
}

fn help(other: &str) -> String {
    format!("add `io.cilium.k8s.policy.cluster: {other}` to the selector")
}

fn check(context: &Context<'_>, findings: &mut Vec<Finding>) {
    let mut gathered = Gathered::new();
    for group in &context.mesh.groups {
        for member in context.mesh.members_of(group) {
            if !member.sharing.policy_local.is_true() {
                continue;
            }
            let Some(cluster) = context.fleet.clusters.get(member.cluster) else {
                continue;
            };
            let others: Vec<&Member> = context
                .mesh
                .members_of(group)
                .filter(|other| other.cluster != member.cluster)
                .collect();
            for policy in policies(cluster) {
                for part in policy.parts() {
                    if !applies(&part, cluster) {
                        continue;
                    }
                    for peer in part.peers.iter().filter(|peer| peer.follows_default()) {
                        if let Some(other) = elsewhere(context, member, &others, *peer) {
                            let span = peer.node.span();
                            let found = (policy.object, other, span);
                            gathered.add(span, other.name.clone(), &cluster.name, found);
                        }
                    }
                }
            }
        }
    }
    findings.extend(gathered.into_faults().map(|(_, found)| {
        let (policy, other, span) = found.first;
        let cluster = found.clusters.first().map_or("", String::as_str);
        let called = other.cluster_name.get().unwrap_or(&other.name);
        Finding::new(
            RULE.name,
            message(policy, cluster, &other.name),
            span,
            format!("means pods of `{cluster}` only"),
        )
        .help(help(called))
        .object(policy.reference())
        .clusters(
            found
                .clusters
                .iter()
                .map(String::as_str)
                .chain([other.name.as_str()]),
        )
    }));
}

/// Whether the policy applies to some pod of the cluster that can be seen.
fn applies(part: &Part<'_>, cluster: &Cluster) -> bool {
    part.subject
        .is_some_and(|subject| workloads(cluster).any(|workload| matches(subject, workload) == Some(true)))
}

/// The other cluster whose pods a selector means, where it is sure that this one has none.
fn elsewhere<'m>(
    context: &Context<'_>,
    member: &Member,
    others: &[&'m Member],
    peer: Selector<'_>,
) -> Option<&'m Member> {
    let namespace = peer.namespace?;
    // A selector without labels means every pod, of whichever cluster.
    if peer.pod_labels()?.is_empty() {
        return None;
    }
    let cluster = context.fleet.clusters.get(member.cluster)?;
    let index = context.index.clusters.get(member.cluster)?;
    let absent = sight::is_whole(index, namespace)
        && workloads(cluster).all(|workload| matches(peer, workload) == Some(false));
    let has = |other: &&&Member| {
        let there = context.fleet.clusters.get(other.cluster);
        there.is_some_and(|there| workloads(there).any(|workload| matches(peer, workload) == Some(true)))
    };
    others.iter().find(has).copied().filter(|_| absent)
}

/// Whether a selector matches the pods of a workload; `None` when that cannot be known.
fn matches(selector: Selector<'_>, workload: Workload<'_>) -> Option<bool> {
    let wanted = selector.pod_labels()?;
    if selector.namespace? != workload.namespace() {
        return Some(false);
    }
    let labels = workload.labels();
    let mut all = true;
    for (key, value) in wanted {
        match labels.iter().find(|label| label.key.as_text() == Some(key)) {
            Some(label) if label.value.origin().is_unknown() => return None,
            Some(label) => {
                all &= label
                    .value
                    .as_scalar()
                    .is_some_and(|scalar| &*scalar.text == value)
            }
            None => all = false,
        }
    }
    Some(all)
}
