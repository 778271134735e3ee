//! Who asks for which load balancer address.

use std::collections::BTreeMap;

use super::{AddressRequest, Member, Mesh, Wanted};

/// Who asks for one address.
pub(crate) type Askers<'m> = Vec<(&'m Member, &'m AddressRequest)>;

/// Addresses that several clusters of one mesh ask for. What an expression stands for is each cluster's own.
pub(crate) fn between_clusters<'m>(mesh: &'m Mesh<'_>) -> Vec<(&'m Wanted, Askers<'m>)> {
    let mut found: Vec<_> = mesh
        .groups
        .iter()
        .flat_map(|group| asked(mesh.members_of(group)))
        .collect();
    found.retain(|(wanted, askers)| {
        let mut pairs = askers.windows(2);
        wanted.address().is_some()
            && pairs.any(|pair| matches!(pair, [(a, _), (b, _)] if a.cluster != b.cluster))
    });
    found
}

/// Addresses that several objects ask for. An object may name its address twice.
pub(crate) fn asked<'m>(members: impl Iterator<Item = &'m Member>) -> Vec<(&'m Wanted, Askers<'m>)> {
    let mut by_address: BTreeMap<&'m Wanted, Askers<'m>> = BTreeMap::new();
    for member in members {
        for request in &member.requests {
            by_address
                .entry(&request.wanted)
                .or_default()
                .push((member, request));
        }
    }
    let mut found: Vec<_> = by_address.into_iter().collect();
    for (_, askers) in &mut found {
        askers.sort_by_key(|(member, request)| (member.cluster, &request.object, &request.place.route));
        askers.dedup_by_key(|(member, request)| (member.cluster, request.object.clone()));
    }
    found.retain(|(_, askers)| askers.len() > 1);
    found
}
