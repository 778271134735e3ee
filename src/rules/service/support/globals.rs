//! Global Services across the clusters of a mesh.

use std::collections::BTreeMap;

use crate::mesh::{Flag, GlobalService, Group, Member, shares};
use crate::rules::Context;

/// A cluster with a global Service.
#[derive(Debug, Clone, Copy)]
pub(in crate::rules::service) struct Owner<'a> {
    pub(in crate::rules::service) member: &'a Member,
    pub(in crate::rules::service) service: &'a GlobalService,
}

impl Owner<'_> {
    /// Whether the pods behind the Service may be used by other clusters.
    pub(in crate::rules::service) fn may_share(&self) -> bool {
        shares(&self.service.object) != Flag::Off
    }
}

/// A Service that is global in some clusters of a mesh.
#[derive(Debug)]
pub(in crate::rules::service) struct Global<'a> {
    pub(in crate::rules::service) group: &'a Group,
    pub(in crate::rules::service) namespace: &'a str,
    pub(in crate::rules::service) name: &'a str,
    /// In fleet order, each cluster once.
    pub(in crate::rules::service) owners: Vec<Owner<'a>>,
    /// How many of the owners may lend their pods.
    lenders: usize,
}

impl<'a> Global<'a> {
    /// Whether some other cluster may lend its pods to the Service of `owner`.
    pub(in crate::rules::service) fn has_lender_for(&self, owner: Owner<'_>) -> bool {
        self.lenders > usize::from(owner.may_share())
    }

    /// The owners in whose clusters other clusters' pods ought to be used.
    pub(in crate::rules::service) fn borrowers(&self) -> impl Iterator<Item = Owner<'a>> + '_ {
        self.owners
            .iter()
            .copied()
            .filter(|owner| self.has_lender_for(*owner))
    }

    /// `namespace/name`
    pub(in crate::rules::service) fn full_name(&self) -> String {
        format!("{}/{}", self.namespace, self.name)
    }
}

/// The global Services of every mesh, sorted within each.
pub(in crate::rules::service) fn globals<'a>(context: &Context<'a>) -> Vec<Global<'a>> {
    let mesh = context.mesh;
    let mut all = Vec::new();
    for group in &mesh.groups {
        let mut by_name: BTreeMap<(&str, &str), Vec<Owner<'a>>> = BTreeMap::new();
        for member in mesh.members_of(group) {
            for service in &member.global_services {
                let owners = by_name
                    .entry((service.namespace.as_str(), service.name.as_str()))
                    .or_default();
                if owners
                    .last()
                    .is_none_or(|last| last.member.cluster != member.cluster)
                {
                    owners.push(Owner { member, service });
                }
            }
        }
        all.extend(by_name.into_iter().map(|((namespace, name), owners)| Global {
            group,
            namespace,
            name,
            lenders: owners.iter().filter(|owner| owner.may_share()).count(),
            owners,
        }));
    }
    all
}

/// The global Service of that cluster with that name, if it is one.
pub(in crate::rules::service) fn find<'g, 'a>(
    globals: &'g [Global<'a>],
    cluster: usize,
    namespace: &str,
    name: &str,
) -> Option<(&'g Global<'a>, Owner<'a>)> {
    globals
        .iter()
        .filter(|global| global.namespace == namespace && global.name == name)
        .find_map(|global| {
            let mut owners = global.owners.iter();
            let owner = owners.find(|owner| owner.member.cluster == cluster)?;
            Some((global, *owner))
        })
}
