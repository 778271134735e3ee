use crate::cluster::ClusterIndex;
use crate::cluster::policies::{Policy, Selector, policies};
use crate::cluster::sight;
use crate::cluster::{Workload, workloads};
use crate::finding::{Finding, Severity};
use crate::mesh::Member;
use crate::rules::gather::Gathered;
use crate::rules::{Category, Context, Rule};

/// A selector without a namespace means pods of the policy's own, which are all elsewhere.
pub(crate) static RULE: Rule = Rule {
    name: "policy-needs-namespace",
    category: Category::Policy,
    severity: Severity::Warning,
    pedantic: false,
    since: "0.1.0",
    page: include_str!("../../../rules/policy/policy-needs-namespace.md"),
    check,
};

/// Pods that every cluster has without a repository saying so: the label, and the namespace they are in.
const EVERYWHERE: [(&str, &str, &str); 1] = [("k8s-app", "kube-dns", "kube-system")];

/// Where the pods are that a selector was meant for.
struct Elsewhere<'a> {
    namespace: &'a str,
    /// The cluster, where it is not the policy's own.
    cluster: Option<&'a Member>,
}

fn message(policy: Policy<'_>, own: &str, elsewhere: &Elsewhere<'_>) -> String {
    let of = match elsewhere.cluster {
        Some(member) => format!(" of cluster `{}`", member.name),
        None => String::new(),
    };
    format!(
        "{} `{}` selects pods of its own namespace `{own}`, which has none such: they are in `{}`{of}",
        policy.object.kind(),
        policy.object.name(),
        elsewhere.namespace
    )
}

fn help(policy: Policy<'_>, elsewhere: &Elsewhere<'_>, needs_cluster: bool) -> String {
    let namespace = policy.namespace_label(elsewhere.namespace);
    match elsewhere.cluster.filter(|_| needs_cluster) {
        Some(member) => {
            let called = member.cluster_name.get().unwrap_or(&member.name);
            format!("add {namespace} and `io.cilium.k8s.policy.cluster: {called}` to the selector")
        }
        None => format!("add {namespace} to the selector"),
    }
}

fn check(context: &Context<'_>, findings: &mut Vec<Finding>) {
    let mut gathered = Gathered::new();
    for (at, index) in context.index.clusters.iter().enumerate() {
        let view = View::of(context, at, index);
        for policy in policies(index.cluster) {
            let parts = policy.parts();
            for peer in parts.iter().flat_map(|part| &part.peers) {
                if let Some((own, elsewhere)) = view.elsewhere(*peer) {
                    let span = peer.last_label();
                    let needs_cluster = view.means_own_cluster && peer.follows_default();
                    let finding = Finding::new(
                        message(policy, own, &elsewhere),
                        span,
                        format!("means pods in `{own}` only"),
                    )
                    .help(help(policy, &elsewhere, needs_cluster))
                    .object(policy.object.reference());
                    gathered.add(span, elsewhere.namespace, &index.cluster.name, finding);
                }
            }
        }
    }
    let told = gathered.into_faults();
    findings.extend(told.map(|(_, found)| found.first.clusters(found.clusters)));
}

/// A cluster, and those whose pods its policies may mean.
struct View<'a> {
    own: Vec<Workload<'a>>,
    index: &'a ClusterIndex<'a>,
    others: Vec<(&'a Member, &'a ClusterIndex<'a>, Vec<Workload<'a>>)>,
    /// Whether a selector without a cluster means the own one only.
    means_own_cluster: bool,
}

impl<'a> View<'a> {
    fn of(context: &Context<'a>, at: usize, index: &'a ClusterIndex<'a>) -> Self {
        let member = context.mesh.members.get(at);
        let group = context.mesh.group_of(at);
        let members = group.into_iter().flat_map(|group| context.mesh.members_of(group));
        let others = members.filter(|other| other.cluster != at).filter_map(|other| {
            let index = context.index.clusters.get(other.cluster)?;
            Some((other, index, workloads(index.cluster).collect()))
        });
        Self {
            own: workloads(index.cluster).collect(),
            index,
            others: others.collect(),
            means_own_cluster: member.is_some_and(|member| member.sharing.policy_local.is_true()),
        }
    }

    /// The own namespace of a selector, and where its pods are instead, where it is sure that they are not there.
    fn elsewhere(&self, peer: Selector<'a>) -> Option<(&'a str, Elsewhere<'a>)> {
        let own = peer.namespace.filter(|_| peer.is_own_namespace)?;
        let labels = peer.pod_labels().filter(|labels| !labels.is_empty())?;
        let is_whole = |index: &ClusterIndex<'_>, pods: &[Workload<'_>]| {
            sight::is_whole(index, own) && pods.iter().all(|one| peer.matches(*one) == Some(false))
        };
        let is_empty_elsewhere = || {
            let mut others = self.others.iter();
            self.means_own_cluster || others.all(|(_, index, pods)| is_whole(index, pods))
        };
        if !is_whole(self.index, &self.own) || !is_empty_elsewhere() {
            return None;
        }
        let found = self.find(peer).or_else(|| {
            let known = EVERYWHERE
                .iter()
                .find(|(key, value, _)| labels.contains(&(*key, *value)))?;
            Some(Elsewhere {
                namespace: known.2,
                cluster: None,
            })
        });
        found.map(|elsewhere| (own, elsewhere))
    }

    fn find(&self, peer: Selector<'a>) -> Option<Elsewhere<'a>> {
        let fits = |one: &&Workload<'a>| {
            peer.namespace != Some(one.namespace()) && peer.matches_labels(**one) == Some(true)
        };
        if let Some(workload) = self.own.iter().find(fits) {
            return Some(Elsewhere {
                namespace: workload.namespace(),
                cluster: None,
            });
        }
        self.others.iter().find_map(|(member, _, pods)| {
            let workload = pods.iter().find(fits)?;
            Some(Elsewhere {
                namespace: workload.namespace(),
                cluster: Some(member),
            })
        })
    }
}
