//! ConfigMaps and Secrets that kustomize generates under a name that ends in a hash.

use std::collections::BTreeMap;

use crate::cluster::{ClusterIndex, Existence, GroupKind};
use crate::kustomize::{Object, name_before_hash};
use crate::unknown::UnknownReason;

/// A generated object.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Generated<'a> {
    pub(crate) object: &'a Object,
    /// Position of the Kustomization that applies it.
    pub(crate) owner: usize,
}

/// What may be the generated objects of one cluster, by kind, namespace and name without the last part. Whether that is a
/// hash is only looked into when the name is asked for.
#[derive(Debug)]
pub(crate) struct HashedNames<'a> {
    by_name: BTreeMap<(&'a str, &'a str, &'a str), Vec<Generated<'a>>>,
}

impl<'a> HashedNames<'a> {
    pub(crate) fn of(index: &ClusterIndex<'a>) -> Self {
        let mut by_name = BTreeMap::new();
        for (owner, kustomization) in index.cluster.kustomizations.iter().enumerate() {
            if !index.is_live(owner) {
                continue;
            }
            // Substitution may change the content afterwards, so that the build tells.
            let built = kustomization.build.iter().flat_map(|build| &build.objects);
            for object in built.filter(|object| ["ConfigMap", "Secret"].contains(&object.kind())) {
                if let (Some((name, _)), Some(namespace)) =
                    (object.name().rsplit_once('-'), object.namespace())
                {
                    let candidates: &mut Vec<_> =
                        by_name.entry((object.kind(), namespace, name)).or_default();
                    candidates.push(Generated { object, owner });
                }
            }
        }
        Self { by_name }
    }

    /// The generated object that a plain name means, where no object has that name.
    pub(crate) fn meant(
        &self,
        index: &ClusterIndex<'_>,
        kind: GroupKind<'_>,
        namespace: &str,
        name: &str,
    ) -> Option<Generated<'a>> {
        let mut candidates = self.by_name.get(&(kind.kind, namespace, name))?.iter();
        let generated = candidates
            .find(|one| name_before_hash(one.object) == Some(name))
            .copied()?;
        match index.find(kind, Some(namespace), name) {
            Existence::Missing | Existence::Unknown(UnknownReason::Chart) => Some(generated),
            Existence::Exists(_) | Existence::Unknown(_) => None,
        }
    }
}
