//! Which clusters are shown.

use crate::fleet::Cluster;
use crate::mesh::{Group, Member, Mesh};
use crate::neutral::one_line;
use crate::report::in_words;
use crate::sink::count_unknown;

/// A cluster with what is known of it.
pub(super) struct Described<'a> {
    pub(super) member: &'a Member,
    pub(super) cluster: &'a Cluster,
}

impl Described<'_> {
    /// What of it the repository does not tell, counted by reason.
    pub(super) fn not_known(&self) -> Vec<String> {
        count_unknown(&[self.cluster])
            .into_iter()
            .map(|(reason, count)| in_words(reason, count))
            .collect()
    }
}

/// The clusters of these names; all where none is given.
pub(super) fn described<'a>(mesh: &'a Mesh<'_>, names: &[String]) -> Vec<Described<'a>> {
    mesh.members
        .iter()
        .filter(|member| names.is_empty() || names.contains(&member.name))
        .filter_map(|member| {
            let cluster = mesh.fleet.clusters.get(member.cluster)?;
            Some(Described { member, cluster })
        })
        .collect()
}

/// Who belongs to a mesh, in words.
pub(super) fn relation(mesh: &Mesh<'_>, group: &Group) -> String {
    let names = |positions: &[usize]| {
        let members = positions.iter().filter_map(|at| mesh.members.get(*at));
        members
            .map(|member| one_line(&member.name))
            .collect::<Vec<_>>()
            .join(", ")
    };
    let mut text = format!("mesh: {}", names(&group.members));
    if group.connected.len() < 2 {
        text.push_str(" (configured, switched off)");
    } else if group.connected.len() < group.members.len() {
        text.push_str(&format!(" (connected: {})", names(&group.connected)));
    }
    if !group.external.is_empty() {
        text.push_str(&format!(
            "; peers outside of the repository: {}",
            one_line(&group.external.join(", "))
        ));
    }
    text
}
