//! The objects of one cluster on both sides.

use std::collections::{BTreeMap, VecDeque};

use super::stems::{Identity, Stems};
use super::{Owned, Side, Untold};
use crate::fleet::Cluster;
use crate::flux::Kustomization;

/// The objects of a cluster, paired.
#[derive(Debug, Default)]
pub(super) struct Paired<'a> {
    pub(super) both: Vec<(Owned<'a>, Owned<'a>)>,
    pub(super) added: Vec<Owned<'a>>,
    pub(super) removed: Vec<Owned<'a>>,
    pub(super) untold: Vec<Untold>,
}

/// Pairs the objects of a cluster. What one side lacks because its Kustomization cannot be applied there is told of apart.
pub(super) fn paired<'a>(before: Option<&'a Cluster>, after: Option<&'a Cluster>) -> Paired<'a> {
    let (old, new) = (by_identity(before), by_identity(after));
    let mut paired = Paired::default();
    let mut old = old;
    for (identity, objects) in new {
        let mut candidates = old.remove(&identity).unwrap_or_default();
        for object in objects {
            let owner = object.owner.full_name();
            let same = candidates.iter().position(|one| one.owner.full_name() == owner);
            match candidates.remove(same.unwrap_or(0)) {
                Some(known) => paired.both.push((known, object)),
                None => paired.added.push(object),
            }
        }
        paired.removed.extend(candidates);
    }
    paired.removed.extend(old.into_values().flatten());
    paired.removed.sort_by_key(|one| order(one));
    let mut untold = BTreeMap::new();
    paired
        .added
        .retain(|one| !is_untold(one, after, before, Side::Before, &mut untold));
    paired
        .removed
        .retain(|one| !is_untold(one, before, after, Side::After, &mut untold));
    note_the_blind(before, Side::Before, &mut untold);
    note_the_blind(after, Side::After, &mut untold);
    paired.untold = untold
        .into_iter()
        .map(|((kustomization, side), objects)| Untold {
            kustomization,
            side,
            objects,
        })
        .collect();
    paired
}

fn order<'a>(one: &Owned<'a>) -> (&'a str, &'a str, &'a str, &'a str) {
    let object = one.object;
    let namespace = object.namespace().unwrap_or_default();
    (namespace, object.kind(), object.name(), object.group())
}

fn by_identity<'a>(cluster: Option<&'a Cluster>) -> BTreeMap<Identity<'a>, VecDeque<Owned<'a>>> {
    let mut objects: BTreeMap<Identity<'a>, VecDeque<Owned<'a>>> = BTreeMap::new();
    let Some(cluster) = cluster else {
        return objects;
    };
    let stems = Stems::of(cluster);
    for (owner, object) in cluster.objects() {
        if let Some(owner) = cluster.kustomizations.get(owner) {
            let same = objects.entry(stems.identity(object)).or_default();
            same.push_back(Owned { object, owner });
        }
    }
    objects
}

type Blind = BTreeMap<(String, Side), usize>;

/// Whether the other side may hold the object as well, in what it could not show.
fn is_untold(
    one: &Owned<'_>,
    here: Option<&Cluster>,
    there: Option<&Cluster>,
    side: Side,
    untold: &mut Blind,
) -> bool {
    let (Some(here), Some(there)) = (here, there) else {
        return false;
    };
    let blind = lineage(here, one.owner)
        .find_map(|owner| there.kustomization(&owner.namespace, &owner.name))
        .filter(|found| is_blind(found));
    if let Some(blind) = blind {
        *untold.entry((blind.full_name(), side)).or_default() += 1;
    }
    blind.is_some()
}

/// A Kustomization, the one that holds it, and so on up to the entry point.
pub(super) fn lineage<'a>(
    cluster: &'a Cluster,
    first: &'a Kustomization,
) -> impl Iterator<Item = &'a Kustomization> {
    // Each parent stands before its children.
    std::iter::successors(Some(first), |one| cluster.kustomizations.get(one.parent?))
        .take(cluster.kustomizations.len())
}

/// Whether Flux could not apply it, or from where nobody sees.
pub(super) fn is_blind(kustomization: &Kustomization) -> bool {
    let is_broken = kustomization.build.as_ref().is_none_or(|build| build.failed());
    is_broken || !kustomization.problems.is_empty()
}

/// What cannot be applied on one side is said, whether or not the other has more.
fn note_the_blind(cluster: Option<&Cluster>, side: Side, untold: &mut Blind) {
    let all = cluster.map_or(&[][..], |cluster| &cluster.kustomizations);
    for one in all.iter().filter(|one| one.hub.is_none() && is_blind(one)) {
        untold.entry((one.full_name(), side)).or_default();
    }
}
