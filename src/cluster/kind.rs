//! Kinds of objects, told apart by their groups.

use crate::kustomize::Object;

/// An API group and kind; the version makes no difference to what exists.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct GroupKind<'k> {
    /// Empty for the core group.
    pub group: &'k str,
    /// For example `HelmRelease`.
    pub kind: &'k str,
}

impl<'k> GroupKind<'k> {
    /// A Flux Kustomization.
    pub const KUSTOMIZATION: GroupKind<'static> =
        GroupKind::new("kustomize.toolkit.fluxcd.io", "Kustomization");
    /// A Flux HelmRelease.
    pub const HELM_RELEASE: GroupKind<'static> = GroupKind::new("helm.toolkit.fluxcd.io", "HelmRelease");
    /// A ConfigMap.
    pub const CONFIG_MAP: GroupKind<'static> = GroupKind::new("", "ConfigMap");
    /// A Secret.
    pub const SECRET: GroupKind<'static> = GroupKind::new("", "Secret");

    /// That kind of that group.
    pub const fn new(group: &'k str, kind: &'k str) -> Self {
        Self { group, kind }
    }

    /// A kind of source.toolkit.fluxcd.io, for example `GitRepository`.
    pub const fn source(kind: &'k str) -> Self {
        Self::new("source.toolkit.fluxcd.io", kind)
    }

    /// Whether those who run a cluster write all of them, so that other people's manifests bring none that ours refer to.
    pub fn is_own_work(self) -> bool {
        let text = (self.group, self.kind);
        self.is_flux()
            || matches!(
                text,
                ("external-secrets.io", "SecretStore" | "ClusterSecretStore")
                    | ("cert-manager.io", "Issuer" | "ClusterIssuer")
                    | ("gateway.networking.k8s.io", "Gateway")
            )
    }

    /// Whether Flux's controllers act on it.
    pub fn is_flux(self) -> bool {
        self.group.ends_with(".toolkit.fluxcd.io")
    }
}

impl<'k> From<&'k Object> for GroupKind<'k> {
    fn from(object: &'k Object) -> Self {
        Self::new(object.group(), object.kind())
    }
}

/// The namespace that a namespaced object gets when it names none.
pub fn namespace_of(object: &Object) -> &str {
    object.namespace().unwrap_or("default")
}
