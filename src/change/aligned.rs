//! Objects as text, so that a comparison of lines shows what changes and nothing else.

use std::collections::{HashMap, HashSet};

use super::lists::{Pair, pairs};
use super::secrecy::Judge;
use super::{ObjectChange, Owned, Tree};
use crate::budget::{ALIGNED, Budget};
use crate::kustomize::{ListShape, shape_of};
use crate::yaml::{Entry, Kind, Node, to_shown_yaml};

/// An object as it was and as it becomes, as text without what is secret.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Document {
    /// As it was.
    pub before: String,
    /// As it becomes.
    pub after: String,
}

/// The two versions of an object that changes. The one of before has its keys and elements in the order of the other.
pub fn documents(before: Tree<'_>, after: Tree<'_>, change: &ObjectChange<'_>) -> Document {
    let old = Judge { store: before.store }.masked_object(change.before.object);
    let new = Judge { store: after.store }.masked_object(change.after.object);
    let shape = shape_of(change.after.object.api_version(), change.after.object.kind());
    let mut budget = Budget::new(ALIGNED);
    let old = marked(&old, change);
    Document {
        before: to_shown_yaml(&aligned(&old, &new, shape, &mut budget)),
        after: to_shown_yaml(&new),
    }
}

impl Owned<'_> {
    /// The object as text without what is secret.
    pub fn document(&self, tree: Tree<'_>) -> String {
        to_shown_yaml(&Judge { store: tree.store }.masked_object(self.object))
    }
}

/// A secret that changes has to show as one.
fn marked(old: &Node, change: &ObjectChange<'_>) -> Node {
    let hidden: HashSet<&str> = change
        .fields
        .iter()
        .filter(|field| field.hidden().is_some())
        .map(|field| field.path.as_str())
        .collect();
    if hidden.is_empty() {
        return old.clone();
    }
    let mut path = super::path::Path::default();
    mark(old, &mut path, &hidden)
}

fn mark(node: &Node, path: &mut super::path::Path, hidden: &HashSet<&str>) -> Node {
    match node.kind() {
        Kind::Scalar(scalar) if hidden.contains(path.text()) => {
            Node::string(format!("{} (before)", scalar.text), node.origin().clone())
        }
        Kind::Mapping(entries) => {
            let marked = |entry: &Entry| {
                let length = path.key(entry.key.as_scalar().map_or("", |key| &key.text));
                let value = mark(&entry.value, path, hidden);
                path.back(length);
                Entry {
                    key: entry.key.clone(),
                    value,
                }
            };
            Node::mapping(entries.iter().map(marked).collect(), node.origin().clone())
        }
        Kind::Sequence(items) => {
            let marked = |(at, item): (usize, &Node)| {
                let length = match item.text_at(&["name"]) {
                    Some(name) => path.keyed(&[("name", name)]),
                    None => path.index(at),
                };
                let item = mark(item, path, hidden);
                path.back(length);
                item
            };
            Node::sequence(
                items.iter().enumerate().map(marked).collect(),
                node.origin().clone(),
            )
        }
        Kind::Scalar(_) => node.clone(),
    }
}

/// The value with its parts in the order of another, and written like it where both mean the same.
fn aligned(old: &Node, new: &Node, shape: Option<ListShape>, budget: &mut Budget) -> Node {
    match (old.kind(), new.kind()) {
        (Kind::Mapping(entries), Kind::Mapping(_)) => {
            let others: HashMap<&str, &Node> = new.entries().iter().map(by_key).collect();
            let align = |entry: &Entry| {
                let (key, value) = by_key(entry);
                let shape = shape.and_then(|shape| shape.field(key));
                let other = others.get(key);
                Entry {
                    key: entry.key.clone(),
                    value: other.map_or_else(|| value.clone(), |other| aligned(value, other, shape, budget)),
                }
            };
            Node::mapping(entries.iter().map(align).collect(), old.origin().clone())
        }
        (Kind::Sequence(a), Kind::Sequence(b)) if !old.same_value(new) => {
            let keys = shape.map_or(&[][..], ListShape::keys);
            let element = shape.and_then(ListShape::element);
            let paired = pairs(a, b, keys, &HashMap::new(), budget);
            let is_keyed = paired.iter().all(|pair| pair.is_keyed());
            if !is_keyed {
                return old.clone();
            }
            let items = paired.into_iter().filter_map(|pair| match pair {
                Pair::Both(_, old, new) => Some(aligned(old, new, element, budget)),
                Pair::Removed(_, old) => Some(old.clone()),
                Pair::Added(..) => None,
            });
            Node::sequence(items.collect(), old.origin().clone())
        }
        _ if old.same_value(new) => new.clone(),
        _ => old.clone(),
    }
}

fn by_key(entry: &Entry) -> (&str, &Node) {
    (entry.key.as_scalar().map_or("", |key| &key.text), &entry.value)
}
