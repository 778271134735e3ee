//! Two versions of an object, field by field.

use std::collections::{BTreeSet, HashMap};

use super::lists::{self, Pair};
use super::path::Path;
use super::secrecy::{Judge, Secrecy};
use super::stems::Renames;
use super::{FieldChange, Side, Spot, Tree, Value};
use crate::budget::{Budget, STEP};
use crate::kustomize::{ListShape, Object, shape_of};
use crate::yaml::{Kind, Node, Origin};

/// What a field is compared under.
#[derive(Debug, Clone, Copy)]
struct Field {
    shape: Option<ListShape>,
    secrecy: Secrecy,
}

/// A comparison of two objects.
pub(super) struct Comparison<'c, 'a> {
    trees: [Tree<'a>; 2],
    before: Judge<'a>,
    after: Judge<'a>,
    renames: &'c Renames<'a>,
    budget: &'c mut Budget,
    path: Path,
    changes: Vec<FieldChange>,
}

impl<'c, 'a> Comparison<'c, 'a> {
    pub(super) fn new(
        before: Tree<'a>,
        after: Tree<'a>,
        renames: &'c Renames<'a>,
        budget: &'c mut Budget,
    ) -> Self {
        Self {
            trees: [before, after],
            before: Judge { store: before.store },
            after: Judge { store: after.store },
            renames,
            budget,
            path: Path::default(),
            changes: Vec::new(),
        }
    }

    /// What changes from one to the other.
    pub(super) fn of(mut self, before: &Object, after: &Object) -> Vec<FieldChange> {
        let shape = shape_of(after.api_version(), after.kind());
        self.maps(&before.node, &after.node, &|key| Field {
            shape: shape.and_then(|shape| shape.field(key)),
            secrecy: Secrecy::of_part(after, key),
        });
        // What SOPS needs to decrypt the rest is gone before Flux applies it.
        self.changes
            .retain(|change| change.path != "sops" && !change.path.starts_with("sops."));
        self.changes
    }

    fn maps(&mut self, before: &Node, after: &Node, below: &dyn Fn(&str) -> Field) {
        let known: HashMap<&str, &Node> = by_key(before).collect();
        let mut kept: BTreeSet<&str> = BTreeSet::new();
        for (key, value) in by_key(after) {
            let length = self.path.key(key);
            match known.get(key) {
                Some(old) => {
                    kept.insert(key);
                    self.values(old, value, below(key));
                }
                None => self.added(value, below(key).secrecy),
            }
            self.path.back(length);
        }
        for (key, value) in by_key(before).filter(|(key, _)| !kept.contains(key)) {
            let length = self.path.key(key);
            self.removed(value, below(key).secrecy);
            self.path.back(length);
        }
    }

    fn values(&mut self, before: &Node, after: &Node, field: Field) {
        if before.is_same(after) || self.budget.spend(STEP).is_err() {
            return;
        }
        match (before.kind(), after.kind()) {
            (Kind::Mapping(_), Kind::Mapping(_)) => self.maps(before, after, &|key| Field {
                shape: field.shape.and_then(|shape| shape.field(key)),
                secrecy: field.secrecy.of_field(after, key),
            }),
            (Kind::Sequence(old), Kind::Sequence(new)) => self.lists(old, new, field),
            _ if before.same_value(after) || self.is_renamed(before, after) => {}
            _ => self.changed(before, after, field.secrecy),
        }
    }

    fn lists(&mut self, old: &[Node], new: &[Node], field: Field) {
        let keys = field.shape.map_or(&[][..], ListShape::keys);
        let element = Field {
            shape: field.shape.and_then(ListShape::element),
            ..field
        };
        for pair in lists::pairs(old, new, keys, self.renames, self.budget) {
            let length = match &pair {
                Pair::Both(place, ..) | Pair::Added(place, _) | Pair::Removed(place, _) => {
                    place.step_into(&mut self.path)
                }
            };
            match pair {
                Pair::Both(_, before, after) => self.values(before, after, element),
                Pair::Added(_, node) => self.added(node, element.secrecy),
                Pair::Removed(_, node) => self.removed(node, element.secrecy),
            }
            self.path.back(length);
        }
    }

    /// Whether a generated object is called by the name that it has now.
    fn is_renamed(&self, before: &Node, after: &Node) -> bool {
        let names = before.as_text().zip(after.as_text());
        names.is_some_and(|(before, after)| {
            let names = self.renames.get(before);
            names.is_some_and(|names| names.contains(after))
        })
    }

    fn added(&mut self, node: &Node, secrecy: Secrecy) {
        let cause = Spot {
            side: Side::After,
            span: first_line(node).edit_span(),
        };
        let after = self.after.shown(node, secrecy);
        self.push(Value::Absent, after, cause, node.weight());
    }

    fn removed(&mut self, node: &Node, secrecy: Secrecy) {
        let cause = Spot {
            side: Side::Before,
            span: first_line(node).edit_span(),
        };
        let before = self.before.shown(node, secrecy);
        self.push(before, Value::Absent, cause, node.weight());
    }

    fn changed(&mut self, before: &Node, after: &Node, secrecy: Secrecy) {
        let cause = self.cause(before.origin(), after.origin());
        let weight = before.weight().saturating_add(after.weight());
        let before = self.before.shown(before, secrecy);
        let after = self.after.shown(after, secrecy);
        self.push(before, after, cause, weight);
    }

    fn push(&mut self, before: Value, after: Value, cause: Spot, weight: usize) {
        if self.budget.spend(weight).is_ok() {
            self.changes.push(FieldChange {
                path: self.path.text().to_owned(),
                before,
                after,
                cause,
            });
        }
    }

    /// The line that makes the difference: of several variables in a value the one that has another value.
    fn cause(&self, before: &Origin, after: &Origin) -> Spot {
        let side = Side::After;
        let [old_tree, new_tree] = self.trees;
        let same_text = old_tree.text_at(before.span) == new_tree.text_at(after.span);
        let variables = after.substituted.as_deref().filter(|_| same_text);
        let was = before.substituted.as_deref().unwrap_or_default();
        let other = variables.into_iter().flatten().find_map(|one| {
            let span = one.value?;
            let old = was.iter().find(|old| old.variable == one.variable)?;
            let old = old.value.and_then(|span| old_tree.text_at(span));
            (old != new_tree.text_at(span)).then_some(span)
        });
        Spot {
            side,
            span: other.unwrap_or_else(|| after.edit_span()),
        }
    }
}

/// Where a value begins: that of a map or a list is the place of its first scalar, as both may be put together from several files.
fn first_line(node: &Node) -> &Origin {
    let first = match node.kind() {
        Kind::Scalar(_) => None,
        Kind::Sequence(items) => items.first(),
        Kind::Mapping(entries) => entries.first().map(|entry| &entry.value),
    };
    first.map_or_else(|| node.origin(), first_line)
}

fn by_key(map: &Node) -> impl Iterator<Item = (&str, &Node)> {
    let entries = map.entries().iter();
    entries.map(|entry| (entry.key.as_scalar().map_or("", |key| &*key.text), &entry.value))
}
