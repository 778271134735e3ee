use crate::cluster::beginnings;
use crate::finding::{Finding, Severity};
use crate::mesh::peering::{self, Peering, Target};
use crate::rules::gather::Gathered;
use crate::rules::places;
use crate::rules::words;
use crate::rules::{Category, Context, Rule};
use crate::source::SourceFile;

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

fn help(meant: Option<&str>) -> String {
    match meant {
        Some(name) => format!("did you mean `{name}`?"),
        None => "correct the name, or list it under `external-peers` of its `[[mesh]]` in the configuration"
            .to_owned(),
    }
}

const LABEL: &str = "no cluster of that name";

fn check(context: &Context<'_>, findings: &mut Vec<Finding>) {
    let peering = Peering::of(context.mesh);
    let unread: Vec<&SourceFile> = beginnings(context.fleet, context.store)
        .map(|(_, file)| file)
        .collect();
    let mut gathered = Gathered::new();
    // A key of a Secret that is the name of no cluster is a fault of its own.
    for member in context
        .mesh
        .members
        .iter()
        .filter(|member| !member.peers_by_secret)
    {
        for peer in peering::active(member) {
            let is_nobody = matches!(peering.target(member, &peer.name), Target::Nobody);
            let group = context.mesh.group_of(member.cluster);
            let is_elsewhere = group.is_some_and(|group| group.stated_external.contains(&peer.name));
            let is_unread = || unread.iter().any(|file| may_be(file, &peer.name));
            if !is_nobody || is_unread() || is_elsewhere || peering.has_namesakes(context.mesh, member) {
                continue;
            }
            // Without a cluster that may be meant, the peer is one of another repository, unless the configuration names
            // such peers, and not this one. A cluster with an illegal name is not to be named by it.
            let meant = peering.meant(member, &peer.name);
            let is_stated = group.is_some_and(|group| !group.stated_external.is_empty());
            match meant {
                Some(name) if peering::is_legal(name) => {
                    gathered.add(peer.place.edit_span(), Some(name), &member.name, peer);
                }
                None if is_stated => gathered.add(peer.place.edit_span(), None, &member.name, peer),
                _ => {}
            }
        }
    }
    for (meant, found) in gathered.into_faults() {
        let message = message(&found.first.name, &found.clusters);
        findings.push(
            places::at(message, &found.first.place, LABEL)
                .help(help(meant))
                .guess(&found.first.name, meant)
                .clusters(found.clusters),
        );
    }
}

/// Whether a cluster of that name may begin in a file that does not parse.
fn may_be(file: &SourceFile, name: &str) -> bool {
    file.path().components().any(|part| part.contains(name))
        || file.text().is_ok_and(|text| text.contains(name))
}
