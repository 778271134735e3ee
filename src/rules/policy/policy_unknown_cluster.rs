use std::collections::{BTreeMap, BTreeSet};

use crate::cluster::policies::policies;
use crate::finding::{Finding, ObjectRef, Severity};
use crate::mesh::{Group, Known, Member, Mesh};
use crate::rules::gather::Gathered;
use crate::rules::{Category, Context, Rule, words};
use crate::source::Span;
use crate::text::suggest;
use crate::yaml::Node;

/// A network policy names a cluster that the mesh has not.
pub(crate) static RULE: Rule = Rule {
    name: "policy-unknown-cluster",
    category: Category::Policy,
    severity: Severity::Error,
    pedantic: false,
    since: "0.1.0",
    page: include_str!("../../../rules/policy/policy-unknown-cluster.md"),
    check,
};

fn message(policy: &ObjectRef, named: &str) -> String {
    format!(
        "{} `{}` means cluster `{named}`, which is not in the mesh",
        policy.kind, policy.name
    )
}

fn help(named: &str, names: &BTreeSet<&str>) -> String {
    match suggest::nearest(named, names.iter().copied()) {
        Some(nearest) => format!("write `{nearest}`"),
        None => {
            let names: Vec<&str> = names.iter().copied().collect();
            format!("name one of the clusters of the mesh: {}", words::all_of(&names))
        }
    }
}

/// A name that is no cluster's.
struct Fault {
    span: Span,
    named: String,
    policy: ObjectRef,
    help: String,
}

fn check(context: &Context<'_>, findings: &mut Vec<Finding>) {
    findings.extend(inert(context));
    let mut gathered = Gathered::new();
    for group in &context.mesh.groups {
        let Some(names) = names(context.mesh, group) else {
            continue;
        };
        for member in context.mesh.members_of(group) {
            let Some(cluster) = context.fleet.clusters.get(member.cluster) else {
                continue;
            };
            for policy in policies(cluster) {
                let parts = policy.parts();
                let selectors = parts
                    .iter()
                    .flat_map(|part| part.subject.iter().chain(&part.peers));
                for node in selectors.flat_map(|selector| selector.clusters()) {
                    let Some(named) = node.as_text().filter(|_| !node.origin().is_unknown()) else {
                        continue;
                    };
                    if names.contains(named) || named.contains("${") {
                        continue;
                    }
                    let span = node.origin().edit_span();
                    let fault = Fault {
                        span,
                        named: named.to_owned(),
                        policy: policy.object.reference(),
                        help: help(named, &names),
                    };
                    gathered.add(span, named.to_owned(), &cluster.name, fault);
                }
            }
        }
    }
    findings.extend(gathered.into_faults().map(|(_, found)| {
        let Fault {
            span,
            named,
            policy,
            help,
        } = found.first;
        Finding::new(message(&policy, &named), span, "no cluster of that name")
            .help(help)
            .object(policy)
            .route("io.cilium.k8s.policy.cluster")
            .clusters(found.clusters)
    }));
}

/// A policy that says whose pods it applies to.
struct Bound {
    span: Span,
    /// Whether it may apply to pods of some cluster that gets it.
    applies: bool,
    clusters: Vec<String>,
}

/// Policies for the pods of a cluster that none of the clusters is which get them. Clusters may have copies of their own
/// of one policy: it is enough that it applies somewhere.
fn inert(context: &Context<'_>) -> Vec<Finding> {
    let mut gathered: BTreeMap<(ObjectRef, String), Bound> = BTreeMap::new();
    for group in &context.mesh.groups {
        let members = || context.mesh.members_of(group);
        let called: BTreeSet<&str> = members().filter_map(stated_name).collect();
        for member in members() {
            let Some(cluster) = context.fleet.clusters.get(member.cluster) else {
                continue;
            };
            let own = stated_name(member);
            // A name that no cluster has is a fault of its own.
            let may_be_own = |node: &&Node| {
                let named = node.as_text().filter(|_| !node.origin().is_unknown());
                named.is_none_or(|named| !called.contains(named) || own.is_none_or(|own| own == named))
            };
            for policy in policies(cluster) {
                for subject in policy.parts().iter().filter_map(|part| part.subject) {
                    let meant = subject.only_clusters();
                    let Some(first) = meant.first() else { continue };
                    let named = first.as_text().unwrap_or_default().to_owned();
                    let bound = gathered
                        .entry((policy.object.reference(), named))
                        .or_insert(Bound {
                            span: first.origin().edit_span(),
                            applies: false,
                            clusters: Vec::new(),
                        });
                    bound.applies |= meant.iter().any(may_be_own);
                    if bound.clusters.last() != Some(&cluster.name) {
                        bound.clusters.push(cluster.name.clone());
                    }
                }
            }
        }
    }
    let idle = gathered.into_iter().filter(|(_, bound)| !bound.applies);
    idle.map(|((policy, named), bound)| inert_finding(policy, &named, bound))
        .collect()
}

fn stated_name(member: &Member) -> Option<&str> {
    member.cluster_name.stated().map(String::as_str)
}

fn inert_finding(policy: ObjectRef, named: &str, bound: Bound) -> Finding {
    let message = format!(
        "{} `{}` applies to pods of cluster `{named}`, but only {} get{} it",
        policy.kind,
        policy.name,
        words::clusters(&bound.clusters),
        words::s(&bound.clusters)
    );
    let help =
        format!("deliver the policy to `{named}`, or let it apply to pods of the cluster that gets it");
    Finding::new(message, bound.span, "no pods of that cluster here")
        .help(help)
        .severity(Severity::Warning)
        .object(policy)
        .route("io.cilium.k8s.policy.cluster")
        .clusters(bound.clusters)
}

/// The names of all clusters of a mesh; `None` while one of them cannot be known, or may be connected in a way that the
/// repository does not show.
fn names<'m>(mesh: &'m Mesh<'_>, group: &'m Group) -> Option<BTreeSet<&'m str>> {
    let mut names: BTreeSet<&str> = group.external.iter().map(String::as_str).collect();
    for member in mesh.members_of(group) {
        let peers = match &member.peers.value {
            Known::Stated(peers) if !peers.is_empty() => peers,
            _ => return None,
        };
        names.insert(member.cluster_name.get()?);
        names.extend(peers.iter().map(|peer| peer.name.as_str()));
    }
    Some(names)
}
