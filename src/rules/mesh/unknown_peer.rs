use super::peering::{self, Peering, Target};
use super::places;
use crate::finding::{Finding, Severity};
use crate::mesh::{Member, Mesh, Peer};
use crate::rules::gather::Gathered;
use crate::rules::words;
use crate::rules::{Category, Context, Rule};

/// A peer has a name that no cluster of the repository has.
pub(crate) static RULE: Rule = Rule {
    name: "unknown-peer",
    category: Category::Mesh,
    severity: Severity::Error,
    pedantic: false,
    since: "0.1.0",
    page: include_str!("../../../rules/mesh/unknown-peer.md"),
    check,
};

fn message(name: &str, clusters: &[String]) -> String {
    let s = words::s(clusters);
    format!(
        "{} name{s} the peer `{name}`, which no cluster is called",
        words::clusters(clusters)
    )
}

const LABEL: &str = "no cluster of that name";

const HELP: &str =
    "write the peer's `cluster.name`; the name of a cluster outside of this repository cannot be checked";

fn check(context: &Context<'_>, findings: &mut Vec<Finding>) {
    let peering = Peering::of(context.mesh);
    let mut gathered = Gathered::new();
    for member in &context.mesh.members {
        for peer in peering::active(member) {
            if !matches!(peering.target(member, &peer.name), Target::Nobody) {
                continue;
            }
            let meant = peering.meant(member, &peer.name);
            // A repository of one cluster shows none of its peers.
            if meant.is_some() || all_are_here(context.mesh, member) {
                gathered.add(peer.place.edit_span(), meant, &member.name, peer);
            }
        }
    }
    for (meant, found) in gathered.into_faults() {
        findings.push(finding(found.first, meant, &found.clusters));
    }
}

fn finding(peer: &Peer, meant: Option<&str>, clusters: &[String]) -> Finding {
    let finding = places::at(RULE.name, message(&peer.name, clusters), &peer.place, LABEL)
        .clusters(clusters.iter().map(String::as_str));
    match meant {
        Some(name) => finding.help(format!("did you mean `{name}`?")),
        // It may be a cluster of another repository.
        None => finding.help(HELP).severity(Severity::Warning),
    }
}

/// Whether the repository seems to hold the whole mesh: the cluster has a companion here, and every cluster with
/// Cilium shows its name.
fn all_are_here(mesh: &Mesh<'_>, member: &Member) -> bool {
    let mut others = mesh
        .members
        .iter()
        .filter(|other| other.cluster != member.cluster && other.has_cilium());
    let companions = mesh
        .group_of(member.cluster)
        .is_some_and(|group| group.members.len() > 1);
    companions && others.all(|other| peering::own_name(other).is_some())
}
