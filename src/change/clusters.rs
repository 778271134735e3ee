//! All clusters of two trees.

use std::collections::HashMap;
use std::sync::Arc;

use super::facts;
use super::fields::Comparison;
use super::objects::{Paired, paired};
use super::stems::{Renames, rename};
use super::{Change, ClusterChange, FieldChange, ObjectChange, Side, Tree};
use crate::budget::{Budget, CHANGE};
use crate::fleet::Cluster;
use crate::kustomize::Object;

/// What changes from one tree to the other.
pub fn compare<'a>(before: Tree<'a>, after: Tree<'a>) -> Change<'a> {
    let pairs = pairs(before, after);
    let objects: Vec<Paired<'a>> = pairs.iter().map(|(old, new)| paired(*old, *new)).collect();
    let mut renames = Renames::new();
    for (old, new) in objects.iter().flat_map(|paired| &paired.both) {
        rename(&mut renames, old.object, new.object);
    }
    let mut budget = Budget::new(CHANGE);
    let mut known = Known::default();
    let clusters = pairs
        .into_iter()
        .zip(objects)
        .map(|((old, new), objects)| {
            let mut compare = |old: &'a Arc<Object>, new: &'a Arc<Object>| {
                let fields = || {
                    Comparison::new(before, after, &renames, &mut budget)
                        .of(old, new)
                        .into()
                };
                known
                    .entry((Arc::as_ptr(old), Arc::as_ptr(new)))
                    .or_insert_with(fields)
                    .clone()
            };
            cluster(before, after, (old, new), objects, &mut compare)
        })
        .collect();
    Change {
        clusters,
        is_cut_off: budget.is_exhausted(),
    }
}

/// Objects that several clusters share are compared once.
type Known = HashMap<(*const Object, *const Object), Arc<[FieldChange]>>;

type Sides<'a> = (Option<&'a Cluster>, Option<&'a Cluster>);

fn cluster<'a>(
    before: Tree<'a>,
    after: Tree<'a>,
    (old, new): Sides<'a>,
    objects: Paired<'a>,
    compare: &mut dyn FnMut(&'a Arc<Object>, &'a Arc<Object>) -> Arc<[FieldChange]>,
) -> ClusterChange<'a> {
    let mut changed = Vec::new();
    let mut moved = Vec::new();
    for (old, new) in objects.both {
        if old.owner.full_name() != new.owner.full_name() {
            moved.push((old, new));
        }
        let fields = compare(old.object, new.object);
        if !fields.is_empty() {
            changed.push(ObjectChange {
                before: old,
                after: new,
                fields,
            });
        }
    }
    ClusterChange {
        before: old,
        after: new,
        facts: facts::changed((before, Side::Before, old), (after, Side::After, new)),
        added: objects.added,
        removed: objects.removed,
        changed,
        moved,
        untold: objects.untold,
    }
}

/// The clusters of both trees: those of the same name that begin at the same place, then those that begin at the same place, as a
/// name may come from what tells clusters apart, then those of the same name.
fn pairs<'a>(before: Tree<'a>, after: Tree<'a>) -> Vec<Sides<'a>> {
    let mut old: Vec<Option<&Cluster>> = before.fleet.clusters.iter().map(Some).collect();
    let mut found: Vec<Option<&Cluster>> = vec![None; after.fleet.clusters.len()];
    let ways: [fn(&Cluster, &Cluster) -> bool; 3] = [
        |a, b| a.name == b.name && a.entry == b.entry,
        |a, b| a.entry == b.entry && a.delivery == b.delivery,
        |a, b| a.name == b.name,
    ];
    for is_same in ways {
        for (new, slot) in after.fleet.clusters.iter().zip(&mut found) {
            if slot.is_none() {
                let mut candidates = old.iter_mut();
                let same = candidates.find(|old| old.is_some_and(|old| is_same(old, new)));
                *slot = same.and_then(Option::take);
            }
        }
    }
    let kept = after.fleet.clusters.iter().zip(found);
    let mut pairs: Vec<Sides<'a>> = kept.map(|(new, old)| (old, Some(new))).collect();
    pairs.extend(old.into_iter().flatten().map(|gone| (Some(gone), None)));
    pairs.sort_by(|a, b| name(a).cmp(name(b)));
    pairs
}

fn name<'a>((old, new): &Sides<'a>) -> &'a str {
    new.or(*old).map_or("", |cluster| &cluster.name)
}
