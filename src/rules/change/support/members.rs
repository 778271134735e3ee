//! Clusters that are there before and after, with what they say of themselves.

use crate::finding::Finding;
use crate::mesh::{Known, Member, Mesh, Place};
use crate::rules::Context;

/// A cluster on both sides.
#[derive(Debug, Clone, Copy)]
pub(in crate::rules::change) struct Living<'a> {
    pub(in crate::rules::change) before: &'a Member,
    pub(in crate::rules::change) after: &'a Member,
    /// Whether it is connected with others on both sides.
    pub(in crate::rules::change) is_connected: bool,
}

/// The clusters that the change neither makes nor takes away.
pub(in crate::rules::change) fn living<'a>(context: &Context<'a>) -> Vec<Living<'a>> {
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
pub(in crate::rules::change) fn stated_change<'a, T: PartialEq>(
    before: &'a Known<T>,
    after: &'a Known<T>,
) -> Option<(&'a T, &'a T)> {
    let (before, after) = (before.stated()?, after.stated()?);
    (before != after).then_some((before, after))
}

/// A finding at the line to edit.
pub(in crate::rules::change) fn at(message: String, place: &Place, label: String) -> Finding {
    let finding = Finding::new(message, place.edit_span(), label).route(&*place.route);
    let finding = match &place.object {
        Some(object) => finding.object(object.clone()),
        None => finding,
    };
    match place.effect_span() {
        Some(span) => {
            let field = place.route.strip_prefix("spec.values.").unwrap_or(&place.route);
            finding.label(span, format!("takes effect here as `{field}`"))
        }
        None => finding,
    }
}
