//! Field specifications: which field of which kinds a transformer changes (api `filters/fieldspec`, `types/fieldspec.go`).

use std::borrow::Cow;

use super::error::{PatchError, wrong_kind};
use super::fieldpath::{Create, FieldPath};
use super::gvk::Gvk;
use super::nodes;
use crate::yaml::{Kind, Node, Origin, Tag};

type Text = Cow<'static, str>;

/// A path into objects of some group, version and kind; empty parts match everything.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct FieldSpec {
    pub(super) group: Text,
    pub(super) version: Text,
    pub(super) kind: Text,
    /// Field names separated by `/`; `\/` stands for a slash inside a name, a trailing `[]` marks a list.
    pub(super) path: Text,
    /// Whether a missing field is created.
    pub(super) create: bool,
}

impl FieldSpec {
    /// A specification for every kind.
    pub(super) const fn any(path: &'static str, create: bool) -> Self {
        Self::of("", "", "", path, create)
    }

    /// A specification for one kind.
    pub(super) const fn of(
        group: &'static str,
        version: &'static str,
        kind: &'static str,
        path: &'static str,
        create: bool,
    ) -> Self {
        Self {
            group: Cow::Borrowed(group),
            version: Cow::Borrowed(version),
            kind: Cow::Borrowed(kind),
            path: Cow::Borrowed(path),
            create,
        }
    }

    /// The kinds it is for.
    pub(super) fn gvk(&self) -> Gvk<'_> {
        Gvk {
            group: &self.group,
            version: &self.version,
            kind: &self.kind,
        }
    }

    /// Whether an object of that kind is covered.
    pub(super) fn covers(&self, gvk: Gvk<'_>) -> bool {
        gvk.is_selected(self.gvk())
    }
}

/// Two specifications of one path disagree on whether to create the field.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct ConflictingSpecs;

/// A list of specifications.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct FieldSpecs(pub(super) Vec<FieldSpec>);

impl FieldSpecs {
    /// Adds those that no specification covers already.
    pub(super) fn merge(&mut self, incoming: &FieldSpecs) -> Result<(), ConflictingSpecs> {
        incoming.0.iter().try_for_each(|spec| self.merge_one(spec))
    }

    /// Adds one unless a specification covers it already (`FsSlice.MergeOne`).
    pub(super) fn merge_one(&mut self, spec: &FieldSpec) -> Result<(), ConflictingSpecs> {
        let same = |own: &&FieldSpec| own.path == spec.path && own.gvk().is_selected(spec.gvk());
        match self.0.iter().find(same) {
            Some(own) if own.create != spec.create => Err(ConflictingSpecs),
            Some(_) => Ok(()),
            None => {
                self.0.push(spec.clone());
                Ok(())
            }
        }
    }

    /// Puts them in the order in which kustomize applies them.
    pub(super) fn sort(&mut self) {
        self.0.sort_by_cached_key(|spec| spec.gvk().order());
    }
}

/// Calls `set` on every node at the end of the specification's path; made nodes point to `origin`.
pub(super) fn apply(
    object: &mut Node,
    spec: &FieldSpec,
    create: Create,
    origin: &Origin,
    set: &mut dyn FnMut(&mut Node) -> Result<(), PatchError>,
) -> Result<(), PatchError> {
    if !spec.covers(nodes::gvk(object)) {
        return Ok(());
    }
    let create = if spec.create { create } else { Create::No };
    FieldPath::parse(&spec.path).visit(object, create, origin, set)
}

/// Replaces a scalar's text and origin; its style stays (kyaml `FieldSetter` without a name).
pub(super) fn set_scalar(
    node: &mut Node,
    text: &str,
    tag: Option<Tag>,
    origin: &Origin,
) -> Result<(), PatchError> {
    if node.as_scalar().is_none() {
        return Err(wrong_kind(node, "ScalarNode"));
    }
    if let Kind::Scalar(scalar) = node.kind_mut() {
        scalar.text = text.into();
        scalar.tag = tag;
    }
    node.set_origin(origin.clone());
    Ok(())
}

/// Sets one entry of a map to text (kyaml `FieldSetter` with a name): an existing entry keeps its place and style.
pub(super) fn set_entry(node: &mut Node, key: &Node, value: &str, origin: &Origin) -> Result<(), PatchError> {
    if !node.is_mapping() {
        return Err(wrong_kind(node, "MappingNode"));
    }
    let name = key
        .as_scalar()
        .map(|scalar| scalar.text.clone())
        .unwrap_or_default();
    match node.get_mut(&name) {
        Some(existing) if existing.as_scalar().is_some() => {
            set_scalar(existing, value, Some(Tag::Str), origin)
        }
        _ => {
            node.set(key.clone(), Node::string(value, origin.clone()));
            Ok(())
        }
    }
}
