//! Global Services across the clusters of a mesh.

use std::collections::BTreeMap;

use super::model::{Group, Member, Mesh};
use super::service::shares;
use super::service::{Flag, GlobalService};

/// A cluster with a global Service.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Owner<'a> {
    pub(crate) member: &'a Member,
    pub(crate) service: &'a GlobalService,
}

impl Owner<'_> {
    /// Whether the pods behind the Service may be used by other clusters.
    pub(crate) fn may_share(&self) -> bool {
        shares(&self.service.object) != Flag::Off
    }
}

/// A Service that is global in some clusters of a mesh.
#[derive(Debug)]
pub(crate) struct Global<'a> {
    pub(crate) group: &'a Group,
    pub(crate) namespace: &'a str,
    pub(crate) name: &'a str,
    /// In fleet order, each cluster once.
    pub(crate) owners: Vec<Owner<'a>>,
    /// How many of the owners may lend their pods.
    lenders: usize,
}

impl<'a> Global<'a> {
    /// Whether some other cluster may lend its pods to the Service of `owner`.
    pub(crate) fn has_lender_for(&self, owner: Owner<'_>) -> bool {
        self.lenders > usize::from(owner.may_share())
    }

    /// The owners in whose clusters other clusters' pods ought to be used.
    pub(crate) fn borrowers(&self) -> impl Iterator<Item = Owner<'a>> + '_ {
        self.owners
            .iter()
            .copied()
            .filter(|owner| self.has_lender_for(*owner))
    }

    /// `namespace/name`
    pub(crate) fn full_name(&self) -> String {
        format!("{}/{}", self.namespace, self.name)
    }
}

/// The global Services of every mesh, sorted within each.
pub(crate) fn globals<'a>(mesh: &'a Mesh<'a>) -> Vec<Global<'a>> {
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
pub(crate) fn find<'g, 'a>(
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
