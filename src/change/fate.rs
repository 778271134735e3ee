//! What becomes of an object in the cluster when the repository does not have it any more.

use super::objects::{is_blind, lineage};
use super::{ClusterChange, Owned};
use crate::flux::Kustomization;
use crate::kustomize::Object;

/// What becomes of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Fate {
    /// Flux deletes it.
    Deleted,
    /// It stays in the cluster, and nobody looks after it.
    Kept,
    /// The repository does not tell.
    Unknown,
}

/// Who deletes it: the Kustomization that is there still and prunes.
#[derive(Debug, Clone, Copy)]
pub struct Pruner<'a> {
    /// The Kustomization, as it becomes.
    pub kustomization: &'a Kustomization,
    /// Whether it prunes the object itself, and not a Kustomization that had it.
    pub is_direct: bool,
}

impl<'a> ClusterChange<'a> {
    /// What becomes of an object that is removed.
    pub fn fate(&self, removed: &Owned<'a>) -> Fate {
        self.end_of(removed).0
    }

    /// What becomes of an object that its Kustomization gives up, and who sees to that.
    pub fn end_of(&self, given_up: &Owned<'a>) -> (Fate, Option<Pruner<'a>>) {
        let (Some(before), Some(after)) = (self.before, self.after) else {
            return (Fate::Unknown, None);
        };
        if is_protected(given_up.object) {
            return (Fate::Kept, None);
        }
        let mut owner = given_up.owner;
        let mut is_direct = true;
        for above in lineage(before, given_up.owner).skip(1).map(Some).chain([None]) {
            if let Some(kept) = after.kustomization(&owner.namespace, &owner.name) {
                return prunes(kept, is_direct);
            }
            // What a hub applies is not looked after here.
            if owner.hub.is_some() || above.is_none() {
                return (Fate::Unknown, None);
            }
            if !deletes_what_it_has(owner) || is_protected(&owner.object) {
                return (Fate::Kept, None);
            }
            is_direct = false;
            owner = above.unwrap_or(owner);
        }
        (Fate::Unknown, None)
    }
}

fn prunes(kept: &Kustomization, is_direct: bool) -> (Fate, Option<Pruner<'_>>) {
    if is_blind(kept) {
        return (Fate::Unknown, None);
    }
    if kept.suspended || !says(kept, "prune", "true") {
        return (Fate::Kept, None);
    }
    let pruner = Pruner {
        kustomization: kept,
        is_direct,
    };
    (Fate::Deleted, Some(pruner))
}

/// What happens to the objects of a Kustomization that is deleted (kustomize-controller
/// `internal/controller/kustomization_controller.go`, `finalize`).
fn deletes_what_it_has(owner: &Kustomization) -> bool {
    let policy = owner.spec().and_then(|spec| spec.text_at(&["deletionPolicy"]));
    let deletes = match policy {
        None | Some("MirrorPrune") => says(owner, "prune", "true"),
        Some(policy) => matches!(policy, "Delete" | "WaitForTermination"),
    };
    deletes && !owner.suspended
}

fn says(owner: &Kustomization, field: &str, value: &str) -> bool {
    owner.spec().and_then(|spec| spec.text_at(&[field])) == Some(value)
}

/// Whether the object says that it is not to be pruned.
fn is_protected(object: &Object) -> bool {
    const KEY: &str = "kustomize.toolkit.fluxcd.io/prune";
    let says = [object.label(KEY), object.annotation(KEY)];
    says.into_iter().flatten().any(|value| {
        value
            .as_text()
            .is_some_and(|text| text.eq_ignore_ascii_case("disabled"))
    })
}
