//! Which clusters belong to one mesh.

use std::collections::{BTreeMap, BTreeSet};

use super::fact::Known;
use super::model::{Group, Member};
use super::options::StatedMesh;
use super::peers::Peer;
use crate::fleet::Fleet;

/// Sorts the members into groups, each a mesh of its own: peers that name each other, directly or through others.
/// Clusters that show no peers, but whose mesh is on, or who carry its configuration, join the one mesh there is. Where there are
/// several meshes nothing tells which they would join: they make a group of their own. Whoever is stated to be in a mesh is
/// in no other.
pub(super) fn groups(members: &[Member], fleet: &Fleet, stated: &[StatedMesh]) -> Vec<Group> {
    let mut links = Links::of(members, fleet);
    let mut all = links.stated(members, stated);
    let mut meshes = links.meshes();
    for loose in [
        links.take(members, |member| member.mesh_on()),
        links.take(members, |member| !member.mesh_signs.is_empty()),
    ] {
        match meshes.as_mut_slice() {
            _ if loose.is_empty() => {}
            [only] => only.members.extend(loose),
            _ => meshes.push(Group {
                members: loose,
                ..Group::default()
            }),
        }
    }
    all.append(&mut meshes);
    for mesh in &mut all {
        mesh.members.sort_unstable();
        mesh.connected = connected(members, mesh, &links);
    }
    all.retain(|mesh| mesh.members.len() > 1 || !mesh.external.is_empty());
    all
}

/// Members whose mesh is on, and members that one of those names.
fn connected(members: &[Member], mesh: &Group, links: &Links) -> Vec<usize> {
    let is_on = |at: &usize| members.get(*at).is_some_and(Member::mesh_on);
    let named_by_one_that_is_on = |at: &usize| {
        links
            .named_by
            .get(*at)
            .is_some_and(|sources| sources.iter().any(is_on))
    };
    mesh.members
        .iter()
        .copied()
        .filter(|at| is_on(at) || named_by_one_that_is_on(at))
        .collect()
}

/// Members joined by the peers they name (union-find: near linear in the number of peer entries).
struct Links {
    parent: Vec<usize>,
    /// Members that a peer entry of theirs, or of another, links with somebody.
    linked: Vec<bool>,
    taken: Vec<bool>,
    named_by: Vec<Vec<usize>>,
    /// Peers that are no member: their place behind the members, and their name.
    external: Vec<String>,
}

impl Links {
    fn of(members: &[Member], fleet: &Fleet) -> Self {
        let mut links = Self {
            parent: (0..members.len()).collect(),
            linked: vec![false; members.len()],
            taken: vec![false; members.len()],
            named_by: vec![Vec::new(); members.len()],
            external: Vec::new(),
        };
        let by_name = names(members);
        let mut externals: BTreeMap<&str, usize> = BTreeMap::new();
        for (at, member) in members.iter().enumerate() {
            for peer in member.peers.get().into_iter().flatten() {
                match by_name.get(peer.name.as_str()) {
                    Some(targets) => {
                        for target in meant(members, fleet, (at, peer), targets) {
                            if let Some(sources) = links.named_by.get_mut(target) {
                                sources.push(at);
                            }
                            links.join(at, target);
                        }
                    }
                    // A key of a Secret that is the name of no cluster may be another file.
                    None if member.peers_by_secret => {}
                    None => {
                        let next = links.parent.len();
                        let target = *externals.entry(&peer.name).or_insert(next);
                        if target == next {
                            links.parent.push(next);
                            links.linked.push(true);
                            links.taken.push(true);
                            links.external.push(peer.name.clone());
                        }
                        links.join(at, target);
                    }
                }
            }
        }
        links
    }

    fn root(&mut self, mut at: usize) -> usize {
        while let Some(&parent) = self.parent.get(at)
            && parent != at
        {
            let above = self.parent.get(parent).copied().unwrap_or(parent);
            if let Some(own) = self.parent.get_mut(at) {
                *own = above;
            }
            at = above;
        }
        at
    }

    fn join(&mut self, a: usize, b: usize) {
        for at in [a, b] {
            if let Some(linked) = self.linked.get_mut(at) {
                *linked = true;
            }
        }
        let (a, b) = (self.root(a), self.root(b));
        // The smaller number stays the root, so that meshes keep the order of their first members.
        let (low, high) = (a.min(b), a.max(b));
        if let Some(parent) = self.parent.get_mut(high) {
            *parent = low;
        }
    }

    /// The meshes that the caller states. Their members are taken.
    fn stated(&mut self, members: &[Member], stated: &[StatedMesh]) -> Vec<Group> {
        let mut meshes = Vec::new();
        for mesh in stated {
            let mut group = Group {
                stated_external: mesh.external_peers.clone(),
                ..Group::default()
            };
            let mut named = BTreeSet::new();
            for (at, (member, taken)) in members.iter().zip(&mut self.taken).enumerate() {
                if !*taken && mesh.clusters.contains(&member.name) {
                    *taken = true;
                    group.members.push(at);
                    named.extend(
                        member
                            .peers
                            .get()
                            .into_iter()
                            .flatten()
                            .map(|peer| peer.name.as_str()),
                    );
                }
            }
            let by_name = names(members);
            named.retain(|name| !by_name.contains_key(name));
            named.extend(mesh.external_peers.iter().map(String::as_str));
            group.external = named.into_iter().map(str::to_owned).collect();
            meshes.push(group);
        }
        meshes
    }

    /// The meshes that peers make, in the order of their first members.
    fn meshes(&mut self) -> Vec<Group> {
        let members = self.named_by.len();
        let mut by_root: BTreeMap<usize, Group> = BTreeMap::new();
        for at in 0..self.parent.len() {
            if self.linked.get(at) != Some(&true) {
                continue;
            }
            let root = self.root(at);
            let group = by_root.entry(root).or_default();
            match at.checked_sub(members).and_then(|at| self.external.get(at)) {
                Some(name) => group.external.push(name.clone()),
                None => {
                    if let Some(taken) = self.taken.get_mut(at).filter(|taken| !**taken) {
                        *taken = true;
                        group.members.push(at);
                    }
                }
            }
        }
        by_root
            .into_values()
            .filter(|group| !group.members.is_empty())
            .collect()
    }

    /// Members in no group yet for which `wanted` holds; they count as grouped from then on.
    fn take(&mut self, members: &[Member], wanted: impl Fn(&Member) -> bool) -> Vec<usize> {
        let mut found = Vec::new();
        for (at, (member, taken)) in members.iter().zip(&mut self.taken).enumerate() {
            if !*taken && wanted(member) {
                *taken = true;
                found.push(at);
            }
        }
        found
    }
}

/// Which of several clusters of one name a peer is: the one whose API server has the address and, of those that are left, the one that
/// is nearest in the repository. Two meshes of one repository may well call their clusters alike.
fn meant(members: &[Member], fleet: &Fleet, (from, peer): (usize, &Peer), targets: &[usize]) -> Vec<usize> {
    let others: Vec<usize> = targets.iter().copied().filter(|target| *target != from).collect();
    if others.len() < 2 {
        return others;
    }
    let is_dialled = |at: &usize| {
        members
            .get(*at)
            .is_some_and(|one| one.offer.has(peer) || one.tls.names(peer))
    };
    let dialled: Vec<usize> = others.iter().copied().filter(is_dialled).collect();
    let left = if dialled.is_empty() { others } else { dialled };
    let entry = |at: usize| fleet.clusters.get(at).map(|cluster| &cluster.entry);
    let nearness = |at: usize| match (entry(from), entry(at)) {
        (Some(own), Some(other)) => own
            .components()
            .zip(other.components())
            .take_while(|(a, b)| a == b)
            .count(),
        _ => 0,
    };
    let most = left.iter().map(|at| nearness(*at)).max();
    left.into_iter()
        .filter(|at| Some(nearness(*at)) == most)
        .collect()
}

/// Members by the name that peers call them.
fn names(members: &[Member]) -> BTreeMap<&str, Vec<usize>> {
    let mut names: BTreeMap<&str, Vec<usize>> = BTreeMap::new();
    for (at, member) in members.iter().enumerate() {
        let name = match &member.cluster_name.value {
            Known::Stated(name) => name,
            Known::Unknown(_) | Known::Absent => &member.name,
            Known::Default(_) | Known::Malformed => continue,
        };
        names.entry(name).or_default().push(at);
    }
    names
}
