//! Values that an object has once, though they stand in several of its fields. A label that kustomize's transformers add to an
//! object is one node below all the maps that they add it to (api `filters/filtersutil/setters.go`, `SetEntry`), and what
//! writes over it later writes into that node (kyaml `FieldSetter`, `SetYNode`): an overlay that changes a label of its base in
//! `metadata` changes it in the selector and the template too.

use crate::yaml::{Entry, Kind, Node, Style};

/// The values of one object that stand in several fields. Each is the very same [`Node`] in all of them.
#[derive(Debug, Clone, Default)]
pub(crate) struct SharedValues(Vec<Node>);

impl SharedValues {
    /// A value that was put into several fields.
    pub(crate) fn add(&mut self, value: Node) {
        self.0.push(value);
    }

    /// Writes one of the values in another style.
    pub(super) fn restyle(&mut self, value: &Node, style: Style, object: &mut Node) {
        let mut restyled = value.clone();
        if let Kind::Scalar(scalar) = restyled.kind_mut() {
            scalar.style = style;
        }
        self.apply(Change::new(value, &restyled).as_slice(), object);
    }

    /// The object went through JSON, behind which every field has a value of its own.
    pub(crate) fn forget(&mut self) {
        self.0.clear();
    }

    /// The object as it is, where something will have to follow its change.
    pub(crate) fn watch(&self, object: &Node) -> Option<Node> {
        (!self.0.is_empty()).then(|| object.clone())
    }

    /// Puts what was written over one of the fields into the others.
    pub(crate) fn follow(&mut self, before: Option<Node>, after: &mut Node) {
        let Some(before) = before else { return };
        let mut written = vec![None; self.0.len()];
        self.find_written(&before, after, &mut written);
        let changes: Vec<Change> = std::iter::zip(&self.0, &written)
            .filter_map(|(old, new)| Change::new(old, new.as_ref()?))
            .collect();
        self.apply(&changes, after);
    }

    fn apply(&mut self, changes: &[Change], object: &mut Node) {
        if let Some(changed) = changed(object, changes) {
            *object = changed;
        }
        for change in changes {
            let group = self.0.iter_mut().find(|value| value.is_same(&change.old));
            if let Some(value) = group {
                *value = change.new.clone();
            }
        }
    }

    fn find_written(&self, before: &Node, after: &Node, written: &mut [Option<Node>]) {
        if before.is_same(after) {
            return;
        }
        match (before.kind(), after.kind()) {
            (Kind::Mapping(old), Kind::Mapping(new)) => {
                for (at, entry) in old.iter().enumerate() {
                    if let Some(value) = same_key(entry, at, after, new) {
                        self.find_written(&entry.value, value, written);
                    }
                }
            }
            (Kind::Sequence(old), Kind::Sequence(new)) => {
                for (old, new) in std::iter::zip(old, new) {
                    self.find_written(old, new, written);
                }
            }
            _ => {
                let group = self.0.iter().position(|value| value.is_same(before));
                if let Some(place) = group.and_then(|at| written.get_mut(at)) {
                    *place = Some(after.clone());
                }
            }
        }
    }
}

/// The value under the key of an entry that stood at that place before; entries rarely move.
fn same_key<'a>(entry: &Entry, at: usize, map: &'a Node, entries: &'a [Entry]) -> Option<&'a Node> {
    let key = &entry.key.as_scalar()?.text;
    match entries.get(at) {
        Some(there) if there.key.as_scalar().is_some_and(|other| other.text == *key) => Some(&there.value),
        _ => map.get(key),
    }
}

/// One value that became another.
struct Change {
    old: Node,
    /// What was written, where it was written.
    there: Node,
    new: Node,
}

impl Change {
    fn new(old: &Node, there: &Node) -> Option<Self> {
        (!there.is_same(old)).then(|| Self {
            old: old.clone(),
            there: there.clone(),
            new: Node::new(there.kind().clone(), there.origin().clone()),
        })
    }
}

/// The node with those changes, where it holds one of the values.
fn changed(node: &Node, changes: &[Change]) -> Option<Node> {
    if changes.is_empty() {
        return None;
    }
    let here = changes
        .iter()
        .find(|change| node.is_same(&change.old) || node.is_same(&change.there));
    if let Some(change) = here {
        return Some(change.new.clone());
    }
    match node.kind() {
        Kind::Scalar(_) => None,
        Kind::Sequence(items) => {
            let new: Vec<_> = items.iter().map(|item| changed(item, changes)).collect();
            let is_changed = new.iter().any(Option::is_some);
            let items = std::iter::zip(new, items).map(|(new, old)| new.unwrap_or_else(|| old.clone()));
            is_changed.then(|| Node::sequence(items.collect(), node.origin().clone()))
        }
        Kind::Mapping(entries) => {
            let new: Vec<_> = entries
                .iter()
                .map(|entry| changed(&entry.value, changes))
                .collect();
            let is_changed = new.iter().any(Option::is_some);
            let entries = std::iter::zip(new, entries).map(|(new, old)| Entry {
                key: old.key.clone(),
                value: new.unwrap_or_else(|| old.value.clone()),
            });
            is_changed.then(|| Node::mapping(entries.collect(), node.origin().clone()))
        }
    }
}
