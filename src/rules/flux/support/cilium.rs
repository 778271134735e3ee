//! Cilium's objects, and which minor of Cilium a cluster has.

use super::shape_faults::Known;
use crate::rules::Context;
use crate::tables::shapes::cilium::{CILIUM, READ};

/// What is known of the objects.
pub(crate) static KNOWN: Known = Known {
    product: "Cilium",
    table: &CILIUM,
    neighbours: &[],
    renamed: &[("matchLabel", "matchLabels")],
    substituted_elsewhere: true,
    told_elsewhere: &[],
};

/// Whether the release that a cluster has was read, and its minor where that is known. One that was not read may have fields that
/// the table does not show.
pub(crate) fn minor(context: &Context<'_>, cluster: usize) -> Option<Option<u64>> {
    let mut members = context.mesh.members.iter();
    let member = members.find(|member| member.cluster == cluster);
    match member.and_then(|member| member.version.get()) {
        None => Some(None),
        Some(version) if version.major == 1 && READ.contains(&version.minor) => Some(Some(version.minor)),
        Some(_) => None,
    }
}
