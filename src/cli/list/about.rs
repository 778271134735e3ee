//! What is said of a Kustomization in every format.

use crate::flux::{Kustomization, Source, dependencies};

/// Where the files of a Kustomization come from, as a word and an address.
pub(super) fn source(owner: &Kustomization) -> (&'static str, Option<&str>) {
    match &owner.source {
        Source::Here(_) => ("here", None),
        Source::Elsewhere(address) => ("elsewhere", Some(address)),
        Source::Missing => ("missing", None),
        Source::Unknown(reason) => ("unknown", Some(reason.as_str())),
    }
}

/// The Kustomizations that it waits for.
pub(super) fn waits_for(owner: &Kustomization) -> Vec<String> {
    dependencies(&owner.object, &owner.namespace)
        .map(|one| one.full_name())
        .collect()
}

/// Whether Flux can apply all of it, as far as that is known.
pub(super) fn is_broken(owner: &Kustomization) -> bool {
    owner.build.as_ref().is_some_and(|build| build.failed()) || !owner.problems.is_empty()
}
