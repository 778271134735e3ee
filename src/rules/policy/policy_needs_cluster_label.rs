use crate::cluster::ClusterIndex;
use crate::cluster::policies::{Part, Selector, policies};
use crate::cluster::sight;
use crate::cluster::{Workload, workloads};
use crate::finding::{Finding, Severity};
use crate::kustomize::Object;
use crate::mesh::{Group, Member};
use crate::rules::gather::Gathered;
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
            let Some(view) = View::of(context, group, member) else {
                continue;
            };
            for policy in policies(view.index.cluster) {
                for part in policy.parts().iter().filter(|part| view.has_subject(part)) {
                    for peer in part.peers.iter().filter(|peer| peer.follows_default()) {
                        if let Some(other) = view.elsewhere(*peer) {
                            let span = peer.last_label();
                            let found = (policy.object, other, span);
                            gathered.add(span, other.name.clone(), &member.name, found);
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

/// A cluster whose selectors mean its own pods, and the other clusters of its mesh.
struct View<'c, 'a> {
    context: &'c Context<'a>,
    group: &'a Group,
    at: usize,
    index: &'a ClusterIndex<'a>,
    workloads: Vec<Workload<'a>>,
}

impl<'c, 'a> View<'c, 'a> {
    fn of(context: &'c Context<'a>, group: &'a Group, member: &Member) -> Option<Self> {
        let index = context.index.clusters.get(member.cluster)?;
        member.sharing.policy_local.is_true().then(|| Self {
            context,
            group,
            at: member.cluster,
            index,
            workloads: workloads(index.cluster).collect(),
        })
    }

    /// Whether a policy applies to some pod that can be seen.
    fn has_subject(&self, part: &Part<'_>) -> bool {
        let applies = |subject: Selector<'_>| {
            self.workloads
                .iter()
                .any(|one| subject.matches(*one) == Some(true))
        };
        part.subject.is_some_and(applies)
    }

    /// The other cluster whose pods a selector means, where it is sure that this one has none.
    fn elsewhere(&self, peer: Selector<'_>) -> Option<&'a Member> {
        let namespace = peer.namespace?;
        // A selector without labels means every pod, of whichever cluster.
        let names_pods = !peer.pod_labels()?.is_empty();
        let matches_none = |workloads: &[Workload<'_>]| {
            let mut all = workloads.iter();
            all.all(|workload| peer.matches(*workload) == Some(false))
        };
        if !names_pods || !matches_none(&self.workloads) || !sight::is_whole(self.index, namespace) {
            return None;
        }
        let has = |other: &&Member| {
            let there = self.context.fleet.clusters.get(other.cluster);
            there.is_some_and(|there| workloads(there).any(|workload| peer.matches(workload) == Some(true)))
        };
        let mut others = self.context.mesh.members_of(self.group);
        others.find(|other| other.cluster != self.at && has(other))
    }
}
