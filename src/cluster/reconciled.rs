//! What Flux's controllers reconcile: Kustomizations and HelmReleases, seen as one.

use super::index::ClusterIndex;
use super::kind::GroupKind;
use crate::flux::Kustomization;
use crate::kustomize::Object;

/// A Kustomization or a HelmRelease of a cluster.
#[derive(Debug, Clone, Copy)]
pub struct Reconciled<'a> {
    /// Which of the two.
    pub kind: GroupKind<'static>,
    /// The namespace it lies in.
    pub namespace: &'a str,
    /// Its name.
    pub name: &'a str,
    /// The rendered object.
    pub object: &'a Object,
    /// Whether bootstrap applied it: it is the entry point.
    pub is_entry: bool,
}

impl Reconciled<'_> {
    /// `namespace/name`, as Flux prints it.
    pub fn full_name(&self) -> String {
        format!("{}/{}", self.namespace, self.name)
    }

    /// Whether it is a Kustomization.
    pub fn is_kustomization(&self) -> bool {
        self.kind == GroupKind::KUSTOMIZATION
    }

    /// `spec.suspend`
    pub fn is_suspended(&self) -> bool {
        self.object.node.text_at(&["spec", "suspend"]) == Some("true")
    }
}

impl<'a> ClusterIndex<'a> {
    /// Every Kustomization and HelmRelease that this cluster's controllers work on. A release with a `kubeConfig` is the
    /// matter of the hub's, which also reads the sources.
    pub fn reconciled(&self) -> impl Iterator<Item = Reconciled<'a>> {
        let kustomizations = &self.cluster.kustomizations;
        let first = kustomizations
            .iter()
            .filter(|one| self.lives_here(one))
            .map(|one| Reconciled {
                kind: GroupKind::KUSTOMIZATION,
                namespace: &one.namespace,
                name: &one.name,
                object: &one.object,
                is_entry: one.parent.is_none(),
            });
        let releases = self
            .cluster
            .objects_of(GroupKind::HELM_RELEASE.kind)
            .filter(|(owner, object)| {
                let is_ours = kustomizations.get(*owner).is_some_and(sends_objects);
                is_ours && GroupKind::from(&***object) == GroupKind::HELM_RELEASE
            })
            .map(|(owner, object)| Reconciled {
                kind: GroupKind::HELM_RELEASE,
                namespace: object
                    .namespace()
                    .or(kustomizations.get(owner).map(|owner| owner.namespace.as_str()))
                    .unwrap_or_default(),
                name: object.name(),
                object,
                is_entry: false,
            });
        first.chain(releases).filter(|one| !one.is_suspended())
    }
}

/// Whether the objects lie in this cluster: a hub whose Kustomization has no `kubeConfig` itself sends a chart only.
fn sends_objects(owner: &Kustomization) -> bool {
    owner.hub.is_none() || owner.object.node.at(&["spec", "kubeConfig"]).is_some()
}
