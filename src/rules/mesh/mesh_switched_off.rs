use crate::finding::{Finding, Severity};
use crate::mesh::remote_users;
use crate::mesh::{Member, PEERS, Place};
use crate::rules::gather::Gathered;
use crate::rules::places;
use crate::rules::words;
use crate::rules::{Category, Context, Rule};

/// A cluster has peers, mesh Secrets or global services, but its mesh is off.
pub(crate) static RULE: Rule = Rule {
    name: "mesh-switched-off",
    category: Category::Mesh,
    severity: Severity::Warning,
    pedantic: false,
    since: "0.1.0",
    page: include_str!("../../../rules/mesh/mesh-switched-off.md"),
    check,
};

const API_SERVER: [&str; 2] = ["clustermesh", "useAPIServer"];
const CONFIG: [&str; 3] = ["clustermesh", "config", "enabled"];

/// How many of the things that have no effect are pointed at.
const SHOWN: usize = 6;

/// What is off.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Off {
    /// Cluster Mesh as a whole.
    Mesh,
    /// Only the list of peers.
    Peers,
}

/// Something that has no effect: where it stands, and what it is.
type Idle = (Place, &'static str);

fn message(off: Off, clusters: &[String], idle: &[Idle]) -> String {
    let mut kinds: Vec<&str> = idle.iter().map(|(_, kind)| *kind).collect();
    kinds.sort_unstable();
    kinds.dedup();
    let kinds = kinds.join(" and ");
    let of = words::clusters(clusters);
    let has = if clusters.len() == 1 { "has" } else { "have" };
    match off {
        Off::Mesh => format!("{of} {has} {kinds}, but Cluster Mesh is off"),
        Off::Peers => format!("{of} {has} {kinds}, but the chart passes over them"),
    }
}

fn help(off: Off) -> &'static str {
    match off {
        Off::Mesh => "switch the mesh on, or remove what only works in one",
        Off::Peers => "set `clustermesh.config.enabled: true`, or remove the peers",
    }
}

fn check(context: &Context<'_>, findings: &mut Vec<Finding>) {
    let mut gathered = Gathered::new();
    for member in &context.mesh.members {
        // Where the API server cannot even start for the same reason, that is told in its place.
        let worse = remote_users::missing(member, context.index).is_some();
        if !worse && let Some((off, place, idle)) = switched_off(member) {
            gathered.add(place.edit_span(), off, &member.name, (place, idle));
        }
    }
    for (off, found) in gathered.into_faults() {
        let (place, idle) = &found.first;
        let finding = places::at(message(off, &found.clusters, idle), place, "off here");
        let finding = idle.iter().take(SHOWN).fold(finding, |finding, (place, kind)| {
            places::also(finding, place, format!("{kind}: without effect"))
        });
        findings.push(finding.help(help(off)).clusters(found.clusters));
    }
}

/// What is off, where, and what has no effect because of that.
fn switched_off(member: &Member) -> Option<(Off, Place, Vec<Idle>)> {
    let is_off = |fact: &crate::mesh::Fact<bool>| fact.get() == Some(&false);
    if !member.has_cilium() || !is_off(&member.mesh_config) {
        return None;
    }
    let listed = member
        .peers
        .stated()
        .filter(|peers| !peers.is_empty() && !member.peers_by_secret);
    let listed = listed.and_then(|_| Some((member.place_of(&PEERS)?, "peers")));
    if !is_off(&member.api_server) {
        // Peers may come from a Secret made beside the chart; the list in the values does nothing all the same.
        let listed = listed.filter(|_| member.api_server.is_true() && member.mesh_secrets.is_empty())?;
        return Some((Off::Peers, member.place_of(&CONFIG)?, vec![listed]));
    }
    let secrets = member.mesh_secrets.iter().map(|secret| {
        let place = Place::in_object(&secret.object, &secret.name_node, "metadata.name");
        (place, "a mesh Secret")
    });
    let services = member.global_services.iter().map(|service| {
        let place = Place::in_object(&service.object, &service.annotation, "metadata.annotations");
        (place, "a global service")
    });
    let idle: Vec<_> = listed.into_iter().chain(secrets).chain(services).collect();
    if idle.is_empty() {
        return None;
    }
    Some((Off::Mesh, member.place_of(&API_SERVER)?, idle))
}
