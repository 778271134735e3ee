//! Clusters that are there before and after, with what they say of themselves.

use crate::mesh::{Known, Member, Mesh};
use crate::rules::Context;

/// A cluster on both sides.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Living<'a> {
    pub(crate) before: &'a Member,
    pub(crate) after: &'a Member,
    /// Whether it is connected with others on both sides.
    pub(crate) is_connected: bool,
}

/// The clusters that the change neither makes nor takes away.
pub(crate) fn living<'a>(context: &Context<'a>) -> Vec<Living<'a>> {
    let Some(past) = context.past else {
        return Vec::new();
    };
    let (old, new) = (past.tree.mesh, context.mesh);
    let clusters = past.change.clusters.iter();
    let pairs = clusters.filter_map(|cluster| Some((cluster.before?, cluster.after?)));
    pairs
        .filter_map(|(before, after)| {
            let (old_at, before) = member(old, before)?;
            let (new_at, after) = member(new, after)?;
            let is_connected = is_connected(old, old_at) && is_connected(new, new_at);
            Some(Living {
                before,
                after,
                is_connected,
            })
        })
        .collect()
}

fn member<'a>(mesh: &'a Mesh<'a>, cluster: &crate::fleet::Cluster) -> Option<(usize, &'a Member)> {
    let members = mesh.members.iter().enumerate();
    members.into_iter().find(|(_, member)| {
        let found = mesh.fleet.clusters.get(member.cluster);
        found.is_some_and(|found| std::ptr::eq(found, cluster))
    })
}

/// Whether a cluster is joined with another now, be that in the repository or outside.
fn is_connected(mesh: &Mesh<'_>, member: usize) -> bool {
    mesh.group_of(member).is_some_and(|group| {
        let others = group.connected.len() > 1 || !group.external.is_empty();
        group.connected.contains(&member) && others
    })
}

/// What changes where the repository states both.
pub(crate) fn stated_change<'a, T: PartialEq>(
    before: &'a Known<T>,
    after: &'a Known<T>,
) -> Option<(&'a T, &'a T)> {
    let (before, after) = (before.stated()?, after.stated()?);
    (before != after).then_some((before, after))
}
