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
    let mut strangers = Vec::new();
    for member in &context.mesh.members {
        for peer in peering::active(member) {
            let is_nobody = matches!(peering.target(member, &peer.name), Target::Nobody);
            if !is_nobody || peering.has_namesakes(context.mesh, member) {
                continue;
            }
            let meant = peering.meant(member, &peer.name);
            // A cluster with an illegal name is not to be named by it.
            if meant.is_some_and(|name| !peering::is_legal(name)) {
                continue;
            }
            // A repository of one cluster shows none of its peers.
            if meant.is_some() || all_are_here(context.mesh, member) {
                strangers.push((member, peer, meant));
            }
        }
    }
    // In a list for all, the cluster that is meant itself is the one that cannot tell.
    strangers.sort_by_key(|(_, _, meant)| meant.is_none());
    let mut gathered = Gathered::new();
    for (member, peer, meant) in strangers {
        gathered.add(peer.place.edit_span(), (), &member.name, (peer, meant));
    }
    for ((), found) in gathered.into_faults() {
        let (peer, meant) = found.first;
        findings.push(finding(peer, meant, &found.clusters));
    }
}

fn finding(peer: &Peer, meant: Option<&str>, clusters: &[String]) -> Finding {
    let mut clusters = clusters.to_vec();
    clusters.sort();
    let finding = places::at(RULE.name, message(&peer.name, &clusters), &peer.place, LABEL)
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
