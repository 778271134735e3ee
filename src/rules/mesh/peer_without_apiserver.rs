use crate::finding::{Finding, Severity};
use crate::mesh::peering::{Link, Peering};
use crate::mesh::{Member, Place};
use crate::rules::gather::Gathered;
use crate::rules::places;
use crate::rules::words;
use crate::rules::{Category, Context, Rule};

/// A cluster that is named as a peer runs no API server that could be dialled.
pub(crate) static RULE: Rule = Rule {
    name: "peer-without-apiserver",
    category: Category::Mesh,
    severity: Severity::Error,
    pedantic: false,
    since: "0.1.0",
    page: include_str!("../../../rules/mesh/peer-without-apiserver.md"),
    check,
};

const PATH: [&str; 2] = ["clustermesh", "useAPIServer"];

fn message(clusters: &[String], callers: &[&str]) -> String {
    let (run, are) = match clusters.len() {
        1 => ("runs", "is named as a peer"),
        _ => ("run", "are named as peers"),
    };
    format!(
        "{} {run} no clustermesh-apiserver, but {are} by {}",
        words::clusters(clusters),
        words::all_of(callers)
    )
}

const HELP: &str = "set `clustermesh.useAPIServer: true`, or remove the entries that name this cluster";

fn check(context: &Context<'_>, findings: &mut Vec<Finding>) {
    let mut links: Vec<Link<'_>> = Peering::of(context.mesh).links().collect();
    links.sort_by_key(|link| link.to.cluster);
    let mut gathered = Gathered::new();
    for calls in links.chunk_by(|a, b| a.to.cluster == b.to.cluster) {
        let Some(called) = calls.first().map(|link| link.to) else {
            continue;
        };
        if let Some(place) = missing(called) {
            gathered.add(place.edit_span(), (), &called.name, (place, calls));
        }
    }
    for ((), found) in gathered.into_faults() {
        let (place, calls) = &found.first;
        let callers: Vec<&str> = calls.iter().map(|link| link.from.name.as_str()).collect();
        let label = "no API server to dial";
        let mut finding = places::at(message(&found.clusters, &callers), place, label);
        if let Some(link) = calls.first() {
            let label = format!("`{}` names `{}` here", link.from.name, link.peer.name);
            finding = places::also(finding, &link.peer.place, label);
        }
        findings.push(
            finding
                .help(HELP)
                .clusters(found.clusters.iter().map(String::as_str).chain(callers)),
        );
    }
}

/// Where the API server is switched off. With identities in an etcd of one's own, peers dial that.
fn missing(member: &Member) -> Option<Place> {
    let values = &member.cilium.as_ref()?.values;
    let etcd = match values.lookup(&["identityAllocationMode"]) {
        crate::helm::Lookup::Value(node) => node.as_text() != Some("crd"),
        crate::helm::Lookup::Unknown(_) => true,
        crate::helm::Lookup::Absent => false,
    };
    let off = member.api_server.get() == Some(&false) && !etcd;
    if off { member.place_of(&PATH) } else { None }
}
