//! Strategic merge patches, as kyaml's `yaml/walk` and `yaml/merge2` carry them out for kustomize: new elements come
//! first in a list, and lists merge only where the Kubernetes schema says so.

mod keyed_list;
#[cfg(test)]
mod tests;
mod value;

pub(crate) use crate::kustomize::patch::metadata::Allowed;
use crate::yaml::{Entry, Kind, Node};

use super::metadata;
use crate::kustomize::error::{PatchError, wrong_kind};
use crate::kustomize::schema::{Kinds, SchemaPlace};
use value::{Directive, Outcome, Sides};

/// What became of the patched object.
#[derive(Debug, Clone)]
pub(crate) enum Merged {
    /// The object, changed.
    Node(Node),
    /// `$patch: delete` removed the object as a whole.
    Deleted,
}

/// Applies a strategic merge patch to an object; one that was selected by a `target` goes through [`metadata::for_selected`]
/// first. What the patch sets keeps the origin it has in the patch.
///
/// # Errors
/// When both state a field with different kinds of values, or a `$patch` names no known directive.
pub(super) fn apply_strategic(
    target: &Node,
    patch: &Node,
    allowed: Allowed,
    kinds: &Kinds,
) -> Result<Merged, PatchError> {
    let patch = &if allowed == Allowed::default() {
        patch.clone()
    } else {
        metadata::with_texts(patch, "annotations")
    };
    let kept = match walk(Sides::both(target, patch), Known { kinds, place: None })? {
        Outcome::Clear => return Ok(Merged::Deleted),
        // kustomize goes on with the object it had: a replacement of the whole is lost
        // (api/resource/resource.go, `ApplyFilter` drops what the filter returns).
        Outcome::Set(_) | Outcome::Null(_) if directive_of(patch) == Some("replace") => target.clone(),
        Outcome::Set(node) | Outcome::Null(node) => node,
    };
    Ok(Merged::Node(metadata::restore_identity(kept, target, allowed)))
}

fn directive_of(patch: &Node) -> Option<&str> {
    patch.text_at(&[Directive::KEY])
}

/// What is known of one place, and of kinds in general.
#[derive(Debug, Clone, Copy)]
struct Known<'k> {
    kinds: &'k Kinds,
    place: Option<SchemaPlace<'k>>,
}

impl<'k> Known<'k> {
    fn field(self, name: &str) -> Self {
        self.at(self.place.and_then(|place| self.kinds.field(place, name)))
    }

    fn at(self, place: Option<SchemaPlace<'k>>) -> Self {
        Self { place, ..self }
    }
}

/// Merges the two sides of one place.
fn walk(sides: Sides<'_>, known: Known<'_>) -> Result<Outcome, PatchError> {
    let own = || sides.present().find_map(|node| own_type(node, known.kinds));
    let known = known.at(known.place.or_else(own));
    match sides.present().next().map(Node::kind) {
        None => walk_map(sides, known),
        Some(Kind::Mapping(_)) => {
            sides.expect(Node::is_mapping, "MappingNode")?;
            walk_map(sides, known)
        }
        Some(Kind::Sequence(_)) => {
            sides.expect(Node::is_sequence, "SequenceNode")?;
            match known.place.and_then(|place| known.kinds.merging(place)) {
                Some(merging) => {
                    let element = known.at(merging.element);
                    keyed_list::walk(sides, &merging.keys, &|sides| walk(sides, element))
                }
                None => Ok(sides.patch_wins()),
            }
        }
        Some(Kind::Scalar(_)) => {
            sides.expect(|node| node.as_scalar().is_some(), "ScalarNode")?;
            Ok(sides.patch_wins())
        }
    }
}

/// The type of a map that says itself what it is: the root, and any object within a place of unknown type.
fn own_type<'k>(node: &Node, kinds: &'k Kinds) -> Option<SchemaPlace<'k>> {
    kinds.type_of(node.text_at(&["apiVersion"])?, node.text_at(&["kind"])?)
}

fn walk_map(sides: Sides<'_>, known: Known<'_>) -> Result<Outcome, PatchError> {
    let Some(dest) = sides.dest.filter(|node| !node.is_null()) else {
        return add_map(sides, known);
    };
    let Some(patch) = sides.patch else {
        return merge_entries(dest, None, known);
    };
    if patch.is_null() {
        return Ok(Outcome::Clear);
    }
    let (directive, rest) = Directive::take_from_map(patch)?;
    match directive {
        Directive::Delete => Ok(Outcome::Clear),
        Directive::Replace => merge_entries(&rest, Some(Patch::Itself), known),
        Directive::Merge if sides.same => merge_entries(&rest, Some(Patch::Itself), known),
        Directive::Merge => merge_entries(dest, Some(Patch::Other(&rest)), known),
    }
}

/// A map that the object does not have yet. It is merged with itself, which carries out what directives it holds.
fn add_map(sides: Sides<'_>, known: Known<'_>) -> Result<Outcome, PatchError> {
    let Some(patch) = sides.patch else {
        // `key: null` stays and `key:` goes: kyaml looks at the text (yaml/merge2/merge2.go, `VisitMap`).
        return Ok(match sides.dest {
            Some(null) if null.as_scalar().is_some_and(|s| !s.text.is_empty()) => Outcome::Null(null.clone()),
            _ => Outcome::Clear,
        });
    };
    if patch.is_null() {
        return Ok(Outcome::Clear);
    }
    match Directive::take_from_map(patch) {
        Ok((Directive::Delete, _)) => Ok(Outcome::Clear),
        Ok((_, rest)) => merge_entries(&rest, Some(Patch::Itself), known),
        // An unknown directive goes unnoticed here and stays as data.
        Err(_) => merge_entries(patch, Some(Patch::Itself), known),
    }
}

/// What a map is merged with.
#[derive(Clone, Copy)]
enum Patch<'a> {
    Other(&'a Node),
    Itself,
}

fn merge_entries(dest: &Node, patch: Option<Patch<'_>>, known: Known<'_>) -> Result<Outcome, PatchError> {
    let other = match patch {
        Some(Patch::Other(node)) => Some(node),
        _ => None,
    };
    let mut slots: Vec<Option<Entry>> = dest.entries().iter().cloned().map(Some).collect();
    let mut changed = false;
    for key in value::keys_of(dest, other) {
        if key.is_empty() {
            return Err(wrong_kind(dest, "ScalarNode"));
        }
        let (at, in_patch) = (key.at(), other.and_then(|node| node.entry(key.text())));
        let value = at.and_then(|at| dest.entries().get(at)).map(|entry| &entry.value);
        let sides = match patch {
            Some(Patch::Itself) => Sides::itself(value),
            _ => Sides::of(value, in_patch.map(|entry| &entry.value)),
        };
        let outcome = walk(sides, known.field(key.text()))?;
        match at.and_then(|at| slots.get_mut(at)) {
            Some(slot) => changed |= outcome.store_in(slot),
            None => {
                if let (Some(value), Some(entry)) = (outcome.into_entry(), in_patch) {
                    slots.push(Some(Entry {
                        key: entry.key.clone(),
                        value,
                    }));
                    changed = true;
                }
            }
        }
    }
    Ok(Outcome::Set(if changed {
        Node::mapping(slots.into_iter().flatten().collect(), dest.origin().clone())
    } else {
        dest.clone()
    }))
}
