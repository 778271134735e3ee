//! ConfigMaps and Secrets that kustomize generates under a name that ends in a hash.

use std::collections::BTreeMap;

use crate::flux::{ClusterIndex, Existence, GroupKind, UnknownReason};
use crate::kustomize::{Object, name_before_hash};

/// A generated object.
#[derive(Debug, Clone, Copy)]
pub(super) struct Generated<'a> {
    pub(super) object: &'a Object,
    /// Position of the Kustomization that applies it.
    pub(super) owner: usize,
}

/// The generated objects of one cluster, by kind, namespace and the name that their generators state.
#[derive(Debug)]
pub(super) struct HashedNames<'a> {
    by_name: BTreeMap<(&'a str, &'a str, &'a str), Generated<'a>>,
}

impl<'a> HashedNames<'a> {
    pub(super) fn of(index: &ClusterIndex<'a>) -> Self {
        let mut by_name = BTreeMap::new();
        for (owner, kustomization) in index.cluster.kustomizations.iter().enumerate() {
            if kustomization.suspended || !index.delivers_here(owner) {
                continue;
            }
            // Substitution may change the content afterwards, so that the build tells.
            let built = kustomization.build.iter().flat_map(|build| &build.objects);
            for object in built {
                if let (Some(name), Some(namespace)) = (name_before_hash(object), object.namespace()) {
                    let generated = Generated { object, owner };
                    by_name
                        .entry((object.kind(), namespace, name))
                        .or_insert(generated);
                }
            }
        }
        Self { by_name }
    }

    /// The generated object that a plain name means, where no object has that name.
    pub(super) fn meant(
        &self,
        index: &ClusterIndex<'_>,
        kind: GroupKind<'_>,
        namespace: &str,
        name: &str,
    ) -> Option<Generated<'a>> {
        let generated = self.by_name.get(&(kind.kind, namespace, name)).copied()?;
        match index.find(kind, Some(namespace), name) {
            Existence::Missing | Existence::Unknown(UnknownReason::Chart) => Some(generated),
            Existence::Exists(_) | Existence::Unknown(_) => None,
        }
    }
}
