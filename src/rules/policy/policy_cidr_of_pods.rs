use crate::cluster::policies::policies;
use crate::finding::{Finding, ObjectRef, Severity};
use crate::mesh::{Member, Range};
use crate::rules::gather::Gathered;
use crate::rules::{Category, Context, Rule};
use ipnet::IpNet;

/// A network policy means pods of the mesh by their addresses.
pub(crate) static RULE: Rule = Rule {
    name: "policy-cidr-of-pods",
    category: Category::Policy,
    severity: Severity::Warning,
    pedantic: false,
    since: "0.1.0",
    page: include_str!("../../../rules/policy/policy-cidr-of-pods.md"),
    check,
};

fn message(policy: &ObjectRef, cidr: &str, owner: &str) -> String {
    format!(
        "{} `{}` means pods of cluster `{owner}` by their addresses, `{cidr}`, which matches none",
        policy.kind, policy.name
    )
}

const LABEL: &str = "addresses of pods";

fn help(clusters: &[String], owner: &Member) -> String {
    let own = clusters.iter().all(|cluster| *cluster == owner.name);
    let labels = "select the pods by labels, or with an entity such as `cluster`";
    match owner.cluster_name.get() {
        Some(name) if !own => format!(
            "{labels}; `io.cilium.k8s.policy.cluster: {name}` means those of `{}`",
            owner.name
        ),
        _ => labels.to_owned(),
    }
}

/// Policies of clusters that are connected; to others, pods elsewhere are addresses like any other.
fn check(context: &Context<'_>, findings: &mut Vec<Finding>) {
    let mesh = context.mesh;
    let mut gathered = Gathered::new();
    for group in &mesh.groups {
        let connected: Vec<&Member> = group
            .connected
            .iter()
            .filter_map(|at| mesh.members.get(*at))
            .collect();
        let pods: Vec<(&Member, &Range)> = connected
            .iter()
            .flat_map(|member| {
                let ranges = member.pod_cidrs.stated().into_iter().flatten();
                ranges.map(move |range| (*member, range))
            })
            .collect();
        for member in &connected {
            let Some(cluster) = context.fleet.clusters.get(member.cluster) else {
                continue;
            };
            for policy in policies(cluster) {
                for node in policy.parts().iter().flat_map(|part| &part.cidrs) {
                    let Some(text) = node.as_text().filter(|_| !node.origin().is_unknown()) else {
                        continue;
                    };
                    if let Some(owner) = owner(text, &pods) {
                        let span = node.origin().edit_span();
                        let fault = (policy.object.reference(), span, owner);
                        gathered.add(span, text.to_owned(), &cluster.name, fault);
                    }
                }
            }
        }
    }
    findings.extend(gathered.into_faults().map(|(cidr, found)| {
        let (policy, span, owner) = found.first;
        Finding::new(message(&policy, &cidr, &owner.name), span, LABEL)
            .help(help(&found.clusters, owner))
            .object(policy)
            .clusters(found.clusters)
    }));
}

/// The cluster whose pods have all of these addresses. A wider network may mean something else, too.
fn owner<'m>(text: &str, pods: &[(&'m Member, &'m Range)]) -> Option<&'m Member> {
    let net: IpNet = text
        .parse()
        .ok()
        .or_else(|| Some(text.parse::<std::net::IpAddr>().ok()?.into()))?;
    let (first, last) = (net.network(), net.broadcast());
    let holds = |range: &Range| {
        range.first.is_ipv4() == first.is_ipv4() && range.first <= first && last <= range.last
    };
    pods.iter()
        .find(|(_, range)| holds(range))
        .map(|(member, _)| *member)
}
