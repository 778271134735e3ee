//! Which elements of two lists are the same one: by the keys that Kubernetes merges them by, by their names, or by their place.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use similar::{Algorithm, DiffOp, capture_diff_slices};

use super::path::Path;
use super::stems::Renames;
use crate::budget::{Budget, STEP};
use crate::yaml::{Node, Schema, to_go_json};

/// Where an element stands.
#[derive(Debug, Clone)]
pub(super) enum ElementPlace<'n> {
    Keyed(Vec<(&'n str, &'n str)>),
    Index(usize),
}

impl ElementPlace<'_> {
    pub(super) fn step_into(&self, path: &mut Path) -> usize {
        match self {
            Self::Keyed(keys) => path.keyed(keys),
            Self::Index(at) => path.index(*at),
        }
    }
}

/// An element of one list or of both.
#[derive(Debug)]
pub(super) enum Pair<'n> {
    Both(ElementPlace<'n>, &'n Node, &'n Node),
    Added(ElementPlace<'n>, &'n Node),
    Removed(ElementPlace<'n>, &'n Node),
}

impl Pair<'_> {
    /// Whether the element is known by keys and not by its place.
    pub(super) fn is_keyed(&self) -> bool {
        let (Self::Both(place, ..) | Self::Added(place, _) | Self::Removed(place, _)) = self;
        matches!(place, ElementPlace::Keyed(_))
    }
}

/// The key that lists of objects have where Kubernetes' schema says nothing of them.
const NAME: [&str; 1] = ["name"];

/// Pairs the elements of two lists.
pub(super) fn pairs<'n>(
    old: &'n [Node],
    new: &'n [Node],
    keys: &'static [&'static str],
    renames: &Renames<'_>,
    budget: &mut Budget,
) -> Vec<Pair<'n>> {
    let keys = if keys.is_empty() { &NAME[..] } else { keys };
    match (keyed(old, keys), keyed(new, keys)) {
        (Some(old), Some(new)) => by_keys(old, new, renames),
        _ => by_place(old, new, budget),
    }
}

type Key<'n> = Vec<(&'n str, &'n str)>;

/// The elements by their keys, unless some have none or two have the same.
fn keyed<'n>(list: &'n [Node], keys: &'static [&'static str]) -> Option<Vec<(Key<'n>, &'n Node)>> {
    let mut seen = BTreeSet::new();
    let mut keyed = Vec::with_capacity(list.len());
    for node in list {
        let key = key_of(node, keys)?;
        if !seen.insert(key.clone()) {
            return None;
        }
        keyed.push((key, node));
    }
    Some(keyed)
}

fn key_of<'n>(node: &'n Node, keys: &'static [&'static str]) -> Option<Key<'n>> {
    let (first, rest) = keys.split_first()?;
    let mut key = vec![(*first, node.get(first)?.as_text()?)];
    for name in rest {
        match node.get(name).and_then(Node::as_text) {
            Some(value) => key.push((*name, value)),
            // The API server fills it in (k8s.io/api core/v1 `ContainerPort`, `ServicePort`).
            None if *name == "protocol" => key.push((*name, "TCP")),
            None => {}
        }
    }
    Some(key)
}

fn by_keys<'n>(
    old: Vec<(Key<'n>, &'n Node)>,
    new: Vec<(Key<'n>, &'n Node)>,
    renames: &Renames<'_>,
) -> Vec<Pair<'n>> {
    let mut known: BTreeMap<Key<'n>, &Node> = old.iter().cloned().collect();
    let mut paired = Vec::with_capacity(new.len());
    for (key, node) in new {
        let same = known.remove(&key).or_else(|| {
            let was = old.iter().find(|(was, _)| is_renamed(was, &key, renames))?;
            known.remove(&was.0)
        });
        let place = ElementPlace::Keyed(key);
        paired.push(match same {
            Some(before) => Pair::Both(place, before, node),
            None => Pair::Added(place, node),
        });
    }
    let left = old.into_iter().filter(|(key, _)| known.contains_key(key));
    paired.extend(left.map(|(key, node)| Pair::Removed(ElementPlace::Keyed(key), node)));
    paired
}

fn is_renamed(was: &Key<'_>, key: &Key<'_>, renames: &Renames<'_>) -> bool {
    let (Some((_, was)), Some((_, key))) = (was.first(), key.first()) else {
        return false;
    };
    !renames.is_empty() && renames.get(was).is_some_and(|names| names.contains(key))
}

/// Lists of which more pairs would have to be looked at are compared place by place.
const MAX_PAIRS: usize = 4_000_000;

fn by_place<'n>(old: &'n [Node], new: &'n [Node], budget: &mut Budget) -> Vec<Pair<'n>> {
    let work = old.len().saturating_mul(new.len());
    let steps = old.len().saturating_add(new.len()).saturating_mul(STEP);
    if work > MAX_PAIRS || budget.spend(work.min(steps.saturating_mul(64))).is_err() {
        return beside(old, new, 0, 0);
    }
    let mut numbers = HashMap::new();
    let mut numbered = |list: &[Node]| -> Vec<usize> {
        let number = |node: &Node| {
            let next = numbers.len();
            *numbers.entry(to_go_json(node, Schema::Kustomize)).or_insert(next)
        };
        list.iter().map(number).collect()
    };
    let (a, b) = (numbered(old), numbered(new));
    let part =
        |list: &'n [Node], from: usize, length: usize| list.get(from..from + length).unwrap_or_default();
    let mut pairs = Vec::new();
    for op in capture_diff_slices(Algorithm::Myers, &a, &b) {
        let (from, to) = (op.old_range(), op.new_range());
        if !matches!(op, DiffOp::Equal { .. }) {
            let (old, new) = (part(old, from.start, from.len()), part(new, to.start, to.len()));
            pairs.extend(beside(old, new, from.start, to.start));
        }
    }
    pairs
}

/// Element by element.
fn beside<'n>(old: &'n [Node], new: &'n [Node], old_start: usize, new_start: usize) -> Vec<Pair<'n>> {
    let both = old.len().min(new.len());
    let pairs = old.iter().zip(new).enumerate();
    let pairs = pairs.map(|(at, (a, b))| Pair::Both(ElementPlace::Index(new_start + at), a, b));
    let added = new.iter().enumerate().skip(both);
    let added = added.map(|(at, node)| Pair::Added(ElementPlace::Index(new_start + at), node));
    let removed = old.iter().enumerate().skip(both);
    let removed = removed.map(|(at, node)| Pair::Removed(ElementPlace::Index(old_start + at), node));
    pairs.chain(added).chain(removed).collect()
}
