//! The objects of a build in order, with kustomize's rules on duplicates (api `resmap/reswrangler.go`).

use std::collections::{BTreeMap, HashMap, HashSet};
use std::hash::{DefaultHasher, Hash, Hasher};
use std::sync::Arc;

use super::nodes;
use super::resource::{Behavior, Resource};
use super::resource_id::ResourceId;
use crate::kustomize::schema::Kinds;
use crate::source::Span;
use crate::yaml::{Entry, Kind, Node};

/// An object with that identity exists already.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Duplicate {
    pub(crate) id: ResourceId,
    /// The object that is there.
    pub(crate) existing: Span,
    /// The one that is refused.
    pub(super) refused: Span,
}

/// Why a generated object cannot join.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum AbsorbError {
    /// `behavior: create` of what exists.
    Exists(Box<Duplicate>),
    /// `behavior: merge` or `replace` of what does not exist.
    Missing(Box<ResourceId>),
    /// More than one object could be meant.
    Ambiguous(Box<ResourceId>, Vec<Span>),
}

/// The objects in order.
#[derive(Debug, Clone, Default)]
pub(crate) struct ResMap {
    list: Vec<Resource>,
    /// Positions by a hash of the present identity; dropped whenever objects may have changed.
    index: Option<HashMap<u64, Vec<usize>>>,
    /// Positions by every name that an object has or had since they were gathered; dropped likewise.
    names: Option<HashMap<Box<str>, Vec<usize>>>,
    /// Objects whose data is in order and as text, because generated objects were merged into it before; dropped likewise.
    merged: HashSet<usize>,
    /// Whether it is known that no two objects are the same.
    is_told_apart: bool,
    kinds: Kinds,
}

impl ResMap {
    /// The objects.
    pub(crate) fn list(&self) -> &[Resource] {
        &self.list
    }

    /// The objects, for changing.
    pub(crate) fn list_mut(&mut self) -> &mut Vec<Resource> {
        self.index = None;
        self.names = None;
        self.merged.clear();
        self.is_told_apart = false;
        &mut self.list
    }

    /// Changes one object.
    pub(crate) fn change(&mut self, at: usize, change: impl FnOnce(&mut Resource)) {
        let Some(resource) = self.list.get_mut(at) else {
            return;
        };
        let before = resource.id();
        let watched = resource.shared.watch(&resource.node);
        change(resource);
        resource.shared.follow(watched, &mut resource.node);
        let after = resource.id();
        self.merged.remove(&at);
        if before != after {
            self.index = None;
            self.is_told_apart = false;
            if let Some(names) = &mut self.names {
                names.entry(after.name.into()).or_default().push(at);
            }
        }
    }

    /// Positions of the objects that are, or once were, called `name`, in order.
    pub(crate) fn called(&mut self, name: &str) -> Vec<usize> {
        let list = &self.list;
        let names = self.names.get_or_insert_with(|| {
            let mut names: HashMap<Box<str>, Vec<usize>> = HashMap::new();
            for (at, resource) in list.iter().enumerate() {
                add_names(&mut names, at, resource);
            }
            names
        });
        let mut positions = names.get(name).cloned().unwrap_or_default();
        positions.sort_unstable();
        positions.dedup();
        positions.retain(|at| list.get(*at).is_some_and(|resource| resource.was_called(name)));
        positions
    }

    /// What is known of their kinds.
    pub(crate) fn kinds(&self) -> &Kinds {
        &self.kinds
    }

    /// Goes on with another schema.
    pub(crate) fn know(&mut self, kinds: &Kinds) {
        let had_none = self.kinds.custom_schema().is_none();
        self.kinds = kinds.clone();
        if had_none && self.kinds.custom_schema().is_some() {
            self.index = None;
            for resource in &mut self.list {
                resource.cluster_scoped = self.kinds.makes_cluster_scoped(&resource.node);
            }
        }
    }

    /// How many there are.
    pub(crate) fn len(&self) -> usize {
        self.list.len()
    }

    /// Adds an object.
    ///
    /// # Errors
    /// When one with the same identity is there; the new one is not added.
    pub(crate) fn append(&mut self, mut resource: Resource) -> Result<(), Box<Duplicate>> {
        resource.cluster_scoped = self.kinds.makes_cluster_scoped(&resource.node);
        let id = resource.id();
        if let Some(at) = self.position(&id) {
            return Err(self.duplicate(id, at, &resource));
        }
        let at = self.list.len();
        self.index
            .get_or_insert_default()
            .entry(hash(&id))
            .or_default()
            .push(at);
        if let Some(names) = &mut self.names {
            add_names(names, at, &resource);
        }
        self.list.push(resource);
        Ok(())
    }

    fn duplicate(&self, id: ResourceId, at: usize, refused: &Resource) -> Box<Duplicate> {
        let existing = self.list.get(at).map_or(refused.entry, |there| there.node.span());
        Box::new(Duplicate {
            id,
            existing,
            refused: refused.node.span(),
        })
    }

    /// The position of the first object with that present identity.
    pub(crate) fn position(&mut self, id: &ResourceId) -> Option<usize> {
        let list = &self.list;
        let index = self.index.get_or_insert_with(|| {
            let mut index: HashMap<u64, Vec<usize>> = HashMap::new();
            for (at, resource) in list.iter().enumerate() {
                index.entry(hash(&resource.id())).or_default().push(at);
            }
            index
        });
        index
            .get(&hash(id))?
            .iter()
            .copied()
            .find(|&at| list.get(at).is_some_and(|there| there.id().is_same(id)))
    }

    /// The objects that have become the same, in groups of two and more.
    pub(crate) fn same_ids(&mut self) -> Vec<Vec<&Resource>> {
        if self.is_told_apart {
            return Vec::new();
        }
        let mut by_id: BTreeMap<_, Vec<&Resource>> = BTreeMap::new();
        for resource in self
            .list
            .iter()
            .filter(|resource| !nodes::is_nil_or_empty(&resource.node))
        {
            let id = resource.id();
            let namespace = id.effective_namespace().to_owned();
            let key = (id.group, id.version, id.kind, id.name, namespace);
            by_id.entry(key).or_default().push(resource);
        }
        let same: Vec<_> = by_id.into_values().filter(|same| same.len() > 1).collect();
        self.is_told_apart = same.is_empty();
        same
    }

    /// Positions of the objects that are, or once were, called `name` and whose identity then matches
    /// (`GetMatchingResourcesByAnyId`).
    pub(crate) fn positions_by_any_id(
        &mut self,
        name: &str,
        matches: impl Fn(&ResourceId) -> bool,
    ) -> Vec<usize> {
        let mut positions = self.called(name);
        let fits = |at: &usize| {
            let resource = self.list.get(*at);
            resource.is_some_and(|resource| resource.all_ids().iter().any(&matches))
        };
        positions.retain(fits);
        positions
    }

    /// Lets a generated object create, replace or join (`appendReplaceOrMerge`).
    pub(crate) fn absorb(&mut self, mut incoming: Resource) -> Result<(), AbsorbError> {
        let id = incoming.id();
        let found = self.positions_by_any_id(&id.name, |own| own.is_same(&id));
        let at = match (found.as_slice(), incoming.behavior) {
            ([], Behavior::Create) => return self.append(incoming).map_err(AbsorbError::Exists),
            ([], _) => return Err(AbsorbError::Missing(Box::new(id))),
            (&[at], Behavior::Create) => {
                return Err(AbsorbError::Exists(self.duplicate(id, at, &incoming)));
            }
            (&[at], _) => at,
            (many, _) => {
                let spans = many
                    .iter()
                    .filter_map(|&at| self.list.get(at))
                    .map(|r| r.node.span());
                return Err(AbsorbError::Ambiguous(Box::new(id), spans.collect()));
            }
        };
        let is_merged = self.merged.contains(&at);
        let Some(old) = self.list.get_mut(at) else {
            return Ok(());
        };
        let merges = incoming.behavior == Behavior::Merge;
        take_over_metadata(&mut incoming, old);
        if merges {
            merge_text_map(&mut incoming.node, &mut old.node, "data", is_merged);
            merge_text_map(&mut incoming.node, &mut old.node, "binaryData", is_merged);
            self.merged.insert(at);
            if old.came_from.is_some() {
                incoming.came_from.clone_from(&old.came_from);
            }
        }
        let before = old.id();
        *old = incoming;
        if old.id() != before {
            self.index = None;
        }
        Ok(())
    }

    /// Drops objects without content.
    pub(crate) fn drop_empties(&mut self) {
        if self
            .list
            .iter()
            .any(|resource| nodes::is_nil_or_empty(&resource.node))
        {
            self.list_mut()
                .retain(|resource| !nodes::is_nil_or_empty(&resource.node));
        }
    }
}

fn hash(id: &ResourceId) -> u64 {
    // The keys of `DefaultHasher::new` are fixed, and nothing is iterated in hash order.
    let mut hasher = DefaultHasher::new();
    (
        &id.group,
        &id.version,
        &id.kind,
        &id.name,
        id.effective_namespace(),
    )
        .hash(&mut hasher);
    hasher.finish()
}

/// Labels and annotations of both, the new ones winning; name, namespace and history of the old
/// (`CopyMergeMetaDataFieldsFrom`).
fn take_over_metadata(incoming: &mut Resource, old: &Resource) {
    for field in ["labels", "annotations"] {
        let merged = merged_entries(
            old.node.at(&["metadata", field]),
            incoming.node.at(&["metadata", field]),
        );
        let origin = incoming.node.origin().clone();
        if let Some(metadata) = incoming.node.get_mut("metadata") {
            metadata.remove(field);
            if !merged.is_empty() {
                metadata.set(Node::string(field, origin.clone()), Node::mapping(merged, origin));
            }
        }
    }
    for field in ["name", "namespace"] {
        let value = old.node.at(&["metadata", field]).cloned();
        if let Some(metadata) = incoming.node.get_mut("metadata") {
            match value {
                Some(value) => {
                    let key = Node::string(field, value.origin().clone());
                    metadata.set(key, value);
                }
                None => {
                    metadata.remove(field);
                }
            }
        }
    }
    incoming.needs_hash &= old.needs_hash;
    incoming.previous.clone_from(&old.previous);
    incoming.prefixes.clone_from(&old.prefixes);
    incoming.suffixes.clone_from(&old.suffixes);
    incoming.behavior = old.behavior;
    incoming.var_names.clone_from(&old.var_names);
    incoming.changed_by.clone_from(&old.changed_by);
}

/// Sets `field` to the entries of both as text, the new ones winning. `is_merged` tells that the old ones are text and in order.
fn merge_text_map(incoming: &mut Node, old: &mut Node, field: &str, is_merged: bool) {
    let origin = incoming
        .get(field)
        .or_else(|| old.get(field))
        .map_or_else(|| incoming.origin().clone(), |node| node.origin().clone());
    let new = merged_entries(None, incoming.get(field));
    let mut merged = match old.get_mut(field).map(Node::kind_mut) {
        Some(Kind::Mapping(entries)) if is_merged => std::mem::take(entries),
        _ => merged_entries(old.get(field), None),
    };
    for entry in new {
        let name = name_of(&entry);
        match merged.binary_search_by(|there| name_of(there).cmp(&name)) {
            Ok(at) => {
                if let Some(there) = merged.get_mut(at) {
                    *there = entry;
                }
            }
            Err(at) => merged.insert(at, entry),
        }
    }
    incoming.remove(field);
    if !merged.is_empty() {
        incoming.set(Node::string(field, origin.clone()), Node::mapping(merged, origin));
    }
}

fn name_of(entry: &Entry) -> Option<Arc<str>> {
    entry.key.as_scalar().map(|scalar| Arc::clone(&scalar.text))
}

fn add_names(names: &mut HashMap<Box<str>, Vec<usize>>, at: usize, resource: &Resource) {
    let former = resource.previous.iter().map(|former| &*former.name);
    for name in former.chain([resource.name()]) {
        names.entry(name.into()).or_default().push(at);
    }
}

/// The entries of two maps of text, sorted by key.
fn merged_entries(old: Option<&Node>, new: Option<&Node>) -> Vec<Entry> {
    let mut merged: BTreeMap<Option<Arc<str>>, Entry> = BTreeMap::new();
    for entry in [old, new].into_iter().flatten().flat_map(Node::entries) {
        let text = match entry.value.kind() {
            Kind::Scalar(scalar) if !entry.value.is_null() => scalar.text.clone(),
            _ => "".into(),
        };
        let entry = Entry {
            key: entry.key.clone(),
            value: Node::string(text, entry.value.origin().clone()),
        };
        merged.insert(name_of(&entry), entry);
    }
    merged.into_values().collect()
}
