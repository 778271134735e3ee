use crate::cluster::policies::{Policy, Selector, policies};
use crate::cluster::{Workload, selects, workloads};
use crate::finding::{Finding, Severity};
use crate::mesh::{Flag, GlobalService, Group, Member, Mesh, selector, shares};
use crate::rules::gather::Gathered;
use crate::rules::words;
use crate::rules::{Category, Context, Rule};
use crate::yaml::Node;

/// Pods behind a global Service let in the entity `cluster`, which no client of another cluster is in.
pub(crate) static RULE: Rule = Rule {
    name: "policy-shuts-out-peers",
    category: Category::Policy,
    severity: Severity::Warning,
    pedantic: false,
    since: "0.1.0",
    page: include_str!("../../../rules/policy/policy-shuts-out-peers.md"),
    check,
};

/// The pods of the own cluster (pkg/policy/api/entity.go of cilium/cilium: a label with the cluster's own name).
const OWN: &str = "cluster";

/// Entities that hold pods of other clusters.
const OF_ALL: [&str; 2] = ["all", "cluster-mesh"];

/// Peers that are never pods of another cluster of the mesh: these have identities, so that no address matches them.
const NEVER_PEERS: [&str; 5] = [
    "fromCIDR",
    "fromCIDRSet",
    "fromNodes",
    "fromGroups",
    "fromEntities",
];

/// What a rule may say besides whom it lets in.
const BESIDE: [&str; 3] = ["toPorts", "icmps", "authentication"];

fn message(policy: Policy<'_>, service: &GlobalService, clients: &[String]) -> String {
    format!(
        "{} `{}` lets in the entity `cluster`, which leaves out the clients of global Service `{}/{}` in {}",
        policy.object.kind(),
        policy.object.name(),
        service.namespace,
        service.name,
        words::clusters(clients)
    )
}

const HELP: &str = "let in endpoints for which `io.cilium.k8s.policy.cluster` and `io.kubernetes.pod.namespace` exist, \
                    or from Cilium 1.21 on the entity `cluster-mesh`";

fn check(context: &Context<'_>, findings: &mut Vec<Finding>) {
    let mut gathered = Gathered::new();
    for group in &context.mesh.groups {
        for member in context.mesh.members_of(group) {
            let Some(cluster) = context.fleet.clusters.get(member.cluster) else {
                continue;
            };
            let policies: Vec<Policy<'_>> = policies(cluster).collect();
            for service in member.global_services.iter().filter(|one| is_shared(one)) {
                let clients = clients(context.mesh, group, member, service);
                let behind = workloads(cluster).filter(|pods| is_behind(service, *pods));
                let entities = behind.filter(|_| !clients.is_empty());
                for (policy, entity) in entities.filter_map(|pods| shut(&policies, pods, member)) {
                    let label = format!("the pods of `{}` only", member.name);
                    let finding = Finding::new(message(policy, service, &clients), entity.span(), label)
                        .help(HELP)
                        .object(policy.object.reference());
                    gathered.add(entity.span(), OWN, &member.name, finding);
                }
            }
        }
    }
    let told = gathered.into_faults();
    findings.extend(told.map(|(_, found)| found.first.clusters(found.clusters)));
}

fn is_shared(service: &GlobalService) -> bool {
    shares(&service.object) == Flag::On
}

fn is_behind(service: &GlobalService, pods: Workload<'_>) -> bool {
    let selector = selector(&service.object);
    pods.namespace() == service.namespace
        && selector.is_some_and(|selector| selects(selector, pods) == Some(true))
}

/// The other clusters of the mesh that have the Service, and so use its pods here.
fn clients(mesh: &Mesh<'_>, group: &Group, own: &Member, service: &GlobalService) -> Vec<String> {
    let has = |other: &&Member| {
        let mut services = other.global_services.iter();
        services.any(|one| one.namespace == service.namespace && one.name == service.name)
    };
    let others = mesh
        .members_of(group)
        .filter(|other| other.cluster != own.cluster);
    others.filter(has).map(|other| other.name.clone()).collect()
}

/// The entity `cluster` in the policies that apply to some pods, where none of these lets in pods of other clusters.
fn shut<'a>(policies: &[Policy<'a>], pods: Workload<'_>, member: &Member) -> Option<(Policy<'a>, &'a Node)> {
    let mut found = None;
    for policy in policies {
        for (subject, spec) in policy.subjects() {
            match applies(subject, pods) {
                Some(false) => continue,
                // Whom a policy applies to that cannot be read, it may let anybody in.
                None => return None,
                Some(true) => {}
            }
            let isolates = spec.at(&["enableDefaultDeny", "ingress"]).and_then(Node::as_bool) != Some(false);
            for rule in spec.get("ingress").map_or(&[][..], Node::items) {
                if may_let_in_peers(*policy, rule, member) {
                    return None;
                }
                let entity = entities(rule).iter().find(|one| one.as_text() == Some(OWN));
                found = found.or(entity.filter(|_| isolates).map(|entity| (*policy, entity)));
            }
        }
    }
    found
}

fn applies(subject: Selector<'_>, pods: Workload<'_>) -> Option<bool> {
    match subject.namespace {
        Some(_) => subject.matches(pods),
        None => subject.matches_labels(pods),
    }
}

fn entities(rule: &Node) -> &[Node] {
    rule.get("fromEntities").map_or(&[], Node::items)
}

/// Whether a rule may let in pods of another cluster.
fn may_let_in_peers<'a>(policy: Policy<'a>, rule: &'a Node, member: &Member) -> bool {
    let is_known = |key: &str| NEVER_PEERS.contains(&key) || BESIDE.contains(&key) || key == "fromEndpoints";
    let names_peers = |key: &str| key.starts_with("from");
    let mut keys = rule.entries().iter().filter_map(|entry| entry.key.as_text());
    if !keys.clone().all(is_known) {
        return true;
    }
    // Ports without peers are open to everybody; a rule that says nothing at all is open to nobody.
    if !rule.entries().is_empty() && !keys.any(names_peers) {
        return true;
    }
    let is_open = |entity: &Node| {
        entity
            .as_text()
            .is_none_or(|name| OF_ALL.contains(&name) || name.contains('$'))
    };
    let is_local = member.sharing.policy_local.is_true();
    let endpoints = rule.get("fromEndpoints").map_or(&[][..], Node::items);
    let mut endpoints = endpoints.iter().map(|node| policy.selector(node));
    entities(rule).iter().any(is_open) || endpoints.any(|one| !(is_local && one.follows_default()))
}
