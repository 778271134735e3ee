use std::collections::{BTreeMap, BTreeSet};

use crate::finding::{Finding, Severity};
use crate::mesh::peering::{self, Peering, Target};
use crate::mesh::{Group, Member, Mesh};
use crate::rules::places;
use crate::rules::words;
use crate::rules::{Category, Context, Rule};

/// Clusters of one mesh are peers of the same cluster, but not of each other.
pub(crate) static RULE: Rule = Rule {
    name: "incomplete-mesh",
    category: Category::Mesh,
    severity: Severity::Warning,
    pedantic: false,
    since: "0.1.0",
    page: include_str!("../../../rules/mesh/incomplete-mesh.md"),
    check,
};

/// Of how many clusters the missing peers are written out.
const SHOWN: usize = 6;

type Neighbours<'m> = BTreeMap<usize, BTreeSet<usize>>;

fn message(member: &Member, missing: &[&str]) -> String {
    format!(
        "cluster `{}` is no peer of {}, though they share peers",
        member.name,
        words::clusters(missing)
    )
}

const LABEL: &str = "peers are not handed on: who is not listed is not connected";

const HELP: &str =
    "list every cluster of the mesh in every cluster, or divide the mesh where no traffic is meant to pass";

fn check(context: &Context<'_>, findings: &mut Vec<Finding>) {
    let mesh = context.mesh;
    let mut neighbours = Neighbours::new();
    let peering = Peering::of(mesh);
    for link in peering.links() {
        neighbours
            .entry(link.from.cluster)
            .or_default()
            .insert(link.to.cluster);
        neighbours
            .entry(link.to.cluster)
            .or_default()
            .insert(link.from.cluster);
    }
    for group in &mesh.groups {
        let mut members = mesh.members_of(group);
        // Names that lead nowhere, or to several, are faults of their own.
        let first = members.clone().next();
        let namesakes = first.is_some_and(|first| peering.has_namesakes(mesh, first));
        if !namesakes && !members.any(|member| misspells(&peering, member)) {
            findings.extend(check_group(mesh, group, &neighbours));
        }
    }
}

fn misspells(peering: &Peering<'_>, member: &Member) -> bool {
    let is_told = member.peers_by_secret && member.mesh_config.get() == Some(&false);
    peering::active(member).iter().any(|peer| {
        matches!(peering.target(member, &peer.name), Target::Nobody)
            && (is_told || peering.meant(member, &peer.name).is_some())
    })
}

/// Counting the peers of each cluster tells which lack some; only of the first few of those the names are looked for.
fn check_group(mesh: &Mesh<'_>, group: &Group, neighbours: &Neighbours<'_>) -> Option<Finding> {
    let joined: Vec<usize> = group
        .members
        .iter()
        .copied()
        .filter(|at| neighbours.contains_key(at))
        .collect();
    let hides = |at: &usize| {
        mesh.members
            .get(*at)
            .is_none_or(|member| member.peers_hidden || member.peers.get().is_none())
    };
    if joined.iter().any(hides) {
        return None;
    }
    let lacking = joined.iter().filter(|at| {
        neighbours
            .get(at)
            .is_some_and(|peers| peers.len() + 1 < joined.len())
    });
    let mut finding: Option<Finding> = None;
    for at in lacking.take(SHOWN) {
        let (Some(member), Some(peers)) = (mesh.members.get(*at), neighbours.get(at)) else {
            continue;
        };
        let Some(place) = peering::list_of(member) else {
            continue;
        };
        let missing = joined
            .iter()
            .filter(|other| *other != at && !peers.contains(other));
        let missing: Vec<&str> = missing
            .filter_map(|other| Some(mesh.members.get(*other)?.name.as_str()))
            .collect();
        finding = Some(match finding {
            None => places::at(message(member, &missing), &place, LABEL)
                .help(HELP)
                .clusters(missing)
                .clusters([member.name.as_str()]),
            Some(finding) => places::also(
                finding,
                &place,
                format!("`{}` lists no {}", member.name, words::all_of(&missing)),
            )
            .clusters([member.name.as_str()]),
        });
    }
    finding
}
