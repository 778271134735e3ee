//! Which releases of Kubernetes, Flux, Cilium and external-secrets each cluster runs.

use std::sync::OnceLock;

use super::model::Mesh;
use crate::cluster::Index;
use crate::cluster::releases::{Releases, releases};
use crate::yaml::Store;

/// The releases of every cluster, found out when first asked for.
#[derive(Debug)]
pub struct Running<'a> {
    store: &'a Store<'a>,
    index: &'a Index<'a>,
    mesh: &'a Mesh<'a>,
    all: OnceLock<Vec<Releases>>,
}

impl<'a> Running<'a> {
    /// Of these clusters.
    pub(crate) fn new(store: &'a Store<'a>, index: &'a Index<'a>, mesh: &'a Mesh<'a>) -> Self {
        Self {
            store,
            index,
            mesh,
            all: OnceLock::new(),
        }
    }

    /// In the order of the clusters.
    pub(crate) fn all(&self) -> &[Releases] {
        self.all.get_or_init(|| {
            let cilium = |at: usize| {
                let member = self.mesh.members.iter().find(|member| member.cluster == at)?;
                let version = member.version.get()?;
                Some((version.major, version.minor))
            };
            releases(self.store, self.index, &cilium)
        })
    }
}
