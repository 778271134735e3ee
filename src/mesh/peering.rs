//! Who dials whom: the peers that clusters name, brought together with the clusters that are meant.

use std::collections::BTreeMap;

use super::{Group, Known, Member, Mesh, PEERS, Peer, Place};
use crate::text::suggest;

/// The clusters of the repository by the name they have in the mesh.
pub(crate) struct Peering<'m> {
    members: &'m [Member],
    groups: &'m [Group],
    by_name: BTreeMap<&'m str, Vec<usize>>,
}

/// A cluster dials another.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Link<'m> {
    pub(crate) from: &'m Member,
    /// The entry in `from` that says so.
    pub(crate) peer: &'m Peer,
    pub(crate) to: &'m Member,
}

/// Whom a name means.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Target<'m> {
    /// The cluster that dials: Cilium passes over such entries, so that one list can serve all.
    Itself,
    One(&'m Member),
    /// Several clusters have that name, which is a fault of its own.
    Several,
    /// No cluster has that name, or one might whose name is not known.
    Nobody,
}

impl<'m> Peering<'m> {
    pub(crate) fn of(mesh: &'m Mesh<'_>) -> Self {
        let mut by_name: BTreeMap<&str, Vec<usize>> = BTreeMap::new();
        for (at, member) in mesh.members.iter().enumerate() {
            if let Some(name) = called(member) {
                by_name.entry(name).or_default().push(at);
            }
        }
        Self {
            members: &mesh.members,
            groups: &mesh.groups,
            by_name,
        }
    }

    /// Whom `from` means by a name.
    pub(crate) fn target(&self, from: &Member, name: &str) -> Target<'m> {
        if own_name(from) == Some(name) {
            return Target::Itself;
        }
        match self.by_name.get(name).map(Vec::as_slice) {
            None => Target::Nobody,
            Some([only]) => match self.members.get(*only) {
                Some(member) if member.cluster == from.cluster => Target::Itself,
                Some(member) => Target::One(member),
                None => Target::Nobody,
            },
            Some(several) => self.among_own(from, several),
        }
    }

    /// Of several clusters of one name the one in the own mesh.
    fn among_own(&self, from: &Member, several: &[usize]) -> Target<'m> {
        let group = self
            .groups
            .iter()
            .find(|group| group.members.contains(&from.cluster));
        let is_own = |at: &&usize| group.is_some_and(|group| group.members.contains(at));
        let mut own = several.iter().filter(is_own);
        match (own.next().and_then(|at| self.members.get(*at)), own.next()) {
            (Some(only), None) => Target::One(only),
            _ => Target::Several,
        }
    }

    /// The peers that take effect, with the clusters that are meant: one step for every entry.
    pub(crate) fn links(&self) -> impl Iterator<Item = Link<'m>> {
        self.members.iter().flat_map(move |from| {
            active(from)
                .iter()
                .filter_map(move |peer| match self.target(from, &peer.name) {
                    Target::One(to) => Some(Link { from, peer, to }),
                    _ => None,
                })
        })
    }

    /// Whether two clusters of the mesh that `member` belongs to have one name. That is a fault of its own, and peers that
    /// mean one of them are not to be blamed.
    pub(crate) fn has_namesakes(&self, mesh: &Mesh<'_>, member: &Member) -> bool {
        let Some(group) = mesh.group_of(member.cluster) else {
            return false;
        };
        let here = |at: &&usize| group.members.binary_search(at).is_ok();
        self.by_name
            .values()
            .any(|all| all.iter().filter(here).count() > 1)
    }

    /// The cluster that a name that nobody has was probably meant for: by its spelling, or because the repository
    /// calls a cluster so that has another name in the mesh.
    pub(crate) fn meant(&self, from: &Member, name: &str) -> Option<&'m str> {
        let directory = self.members.iter().find(|member| member.name == name);
        directory.and_then(own_name).or_else(|| {
            let others = self
                .by_name
                .keys()
                .copied()
                .filter(|other| own_name(from) != Some(other));
            suggest::nearest(name, others)
        })
    }
}

/// The peers of a cluster that take effect.
pub(crate) fn active(member: &Member) -> &[Peer] {
    match member.dials() {
        true => member.peers.get().map_or(&[], Vec::as_slice),
        false => &[],
    }
}

/// What a cluster is called in the mesh, as far as that is known for sure.
pub(crate) fn own_name(member: &Member) -> Option<&str> {
    member.cluster_name.stated().map(String::as_str)
}

fn called(member: &Member) -> Option<&str> {
    match member.cluster_name.value {
        Known::Stated(_) => own_name(member),
        Known::Unknown(_) | Known::Absent => Some(&member.name),
        Known::Default(_) | Known::Malformed => None,
    }
}

/// Whether Cilium takes a name: 1 to 32 lower-case letters, digits and `-`, which does not stand at an end.
pub(crate) fn is_legal(name: &str) -> bool {
    let legal = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
    (1..=32).contains(&name.len())
        && name.bytes().all(legal)
        && !name.starts_with('-')
        && !name.ends_with('-')
}

/// Where the peers of a cluster stand, or could.
pub(crate) fn list_of(member: &Member) -> Option<Place> {
    let secret = member.mesh_secrets.first().filter(|_| member.peers_by_secret);
    match secret {
        Some(secret) => Some(match &secret.empty {
            Some(empty) => Place::in_object(&secret.object, empty, "data"),
            None => Place::in_object(&secret.object, &secret.name_node, "metadata.name"),
        }),
        None => member.place_of(&PEERS),
    }
}

/// The place of a field of a peer's entry; where it is not set, of the peer's name.
pub(crate) fn field(peer: &Peer, key: &str) -> Place {
    let mut place = peer.place.clone();
    if let Some(node) = peer.entry.get(key) {
        place.node = node.clone();
        place.route = format!("{}.{}.{key}", place.route, peer.name);
    } else {
        place.route = format!("{}.{}", place.route, peer.name);
    }
    place
}
