use std::collections::{BTreeMap, BTreeSet};

use crate::finding::{Finding, Severity};
use crate::mesh::peering::{self, Link, Peering, Target};
use crate::mesh::{Member, Place};
use crate::rules::places;
use crate::rules::words;
use crate::rules::{Category, Context, Rule};
use crate::source::Span;

/// A cluster does not name a cluster as its peer that names it.
pub(crate) static RULE: Rule = Rule {
    name: "one-way-peering",
    category: Category::Mesh,
    severity: Severity::Error,
    pedantic: false,
    since: "0.1.0",
    page: include_str!("../../../rules/mesh/one-way-peering.md"),
    check,
};

/// How many of the entries that nobody answers are pointed at.
const SHOWN: usize = 6;

/// Lists, or places for lists, that lack names.
struct Lack<'m> {
    place: Place,
    lacking: BTreeSet<&'m str>,
    missing: BTreeSet<&'m str>,
    links: Vec<Link<'m>>,
}

fn message(lacking: &[&str], missing: &[&str]) -> String {
    let (does, them) = (if lacking.len() == 1 { "does" } else { "do" }, words::s(missing));
    format!(
        "{} {does} not name {} as a peer, which name{them} {}",
        words::clusters(lacking),
        words::all_of(missing),
        if lacking.len() == 1 { "it" } else { "them" },
    )
}

fn help(missing: &[&str]) -> String {
    let names = words::all_of(missing);
    format!(
        "add {names} to `clustermesh.config.clusters` here, or remove the entries there: peering only works in both directions"
    )
}

fn check(context: &Context<'_>, findings: &mut Vec<Finding>) {
    let peering = Peering::of(context.mesh);
    let named: Vec<BTreeSet<&str>> = context.mesh.members.iter().map(names).collect();
    let mut lacks: BTreeMap<Span, Lack<'_>> = BTreeMap::new();
    for link in peering.links() {
        let Some(caller) = peering::own_name(link.from) else {
            continue;
        };
        let answered = named
            .get(link.to.cluster)
            .is_none_or(|names| names.contains(caller));
        if answered || !is_open_book(link.to) || misspells(&peering, link.to, caller) {
            continue;
        }
        let Some(place) = peering::list_of(link.to) else {
            continue;
        };
        let lack = lacks.entry(place.edit_span()).or_insert_with(|| Lack {
            place,
            lacking: BTreeSet::new(),
            missing: BTreeSet::new(),
            links: Vec::new(),
        });
        lack.lacking.insert(&link.to.name);
        lack.missing.insert(caller);
        lack.links.push(link);
    }
    findings.extend(lacks.into_values().map(finding));
}

fn finding(lack: Lack<'_>) -> Finding {
    let lacking: Vec<&str> = lack.lacking.into_iter().collect();
    let missing: Vec<&str> = lack.missing.into_iter().collect();
    let label = format!(
        "{} {} missing here",
        words::all_of(&missing),
        if missing.len() == 1 { "is" } else { "are" }
    );
    let finding = places::at(message(&lacking, &missing), &lack.place, label);
    let callers = lack.links.iter().map(|link| link.from.name.as_str());
    let finding = finding.clusters(lacking.iter().copied().chain(callers));
    let shown = lack.links.iter().take(SHOWN);
    shown
        .fold(finding, |finding, link| {
            let label = format!("`{}` names `{}` here", link.from.name, link.peer.name);
            places::also(finding, &link.peer.place, label)
        })
        .help(help(&missing))
}

/// The names that take effect.
fn names(member: &Member) -> BTreeSet<&str> {
    peering::active(member)
        .iter()
        .map(|peer| peer.name.as_str())
        .collect()
}

/// Whether the repository tells all peers of a cluster. Without an API server nobody can dial it, which is a fault of its
/// own; so are peers that are listed while they are switched off.
fn is_open_book(member: &Member) -> bool {
    let lists = member.peers.get().is_some_and(|peers| !peers.is_empty());
    let switched_off = member.mesh_config.get() == Some(&false) && lists && !member.dials();
    member.has_cilium()
        && member.peers.get().is_some()
        && !member.peers_hidden
        && (member.mesh_config.get().is_some() || member.dials())
        && !switched_off
        && member.api_server.get() != Some(&false)
        && (member.dials() || member.mesh_secrets.is_empty())
}

/// Whether an entry for nobody was meant for that cluster. A key of a Secret for nobody is a fault of its own.
fn misspells(peering: &Peering<'_>, member: &Member, caller: &str) -> bool {
    let is_told = member.peers_by_secret && member.mesh_config.get() == Some(&false);
    peering::active(member).iter().any(|peer| {
        matches!(peering.target(member, &peer.name), Target::Nobody)
            && (is_told || peering.meant(member, &peer.name) == Some(caller))
    })
}
