use std::collections::BTreeSet;

use super::selectors::policies;
use crate::finding::{Finding, ObjectRef, Severity};
use crate::mesh::{Group, Known, Mesh};
use crate::rules::gather::Gathered;
use crate::rules::{Category, Context, Rule, suggest, words};
use crate::source::Span;

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
        Finding::new(
            RULE.name,
            message(&policy, &named),
            span,
            "no cluster of that name",
        )
        .help(help)
        .object(policy)
        .route("io.cilium.k8s.policy.cluster")
        .clusters(found.clusters)
    }));
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
