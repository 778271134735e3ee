//! Field specifications: which field of which kinds a transformer changes (api `filters/fieldspec`, `types/fieldspec.go`).

use std::borrow::Cow;

use super::fieldpath::{Create, FieldPath};
use crate::kustomize::error::PatchError;
use crate::kustomize::resources::gvk::Gvk;
use crate::kustomize::resources::nodes;
use crate::yaml::{MAX_DEPTH, Node, Origin};

type Text = Cow<'static, str>;

/// A path into objects of some group, version and kind; empty parts match everything.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct FieldSpec {
    pub(crate) group: Text,
    pub(crate) version: Text,
    pub(crate) kind: Text,
    /// Field names separated by `/`; `\/` stands for a slash inside a name, a trailing `[]` marks a list.
    pub(crate) path: Text,
    /// Whether a missing field is created.
    pub(crate) create: bool,
}

impl FieldSpec {
    /// A specification for every kind.
    pub(crate) const fn any(path: &'static str, create: bool) -> Self {
        Self::of("", "", "", path, create)
    }

    /// A specification for one kind.
    pub(crate) const fn of(
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
    pub(crate) fn gvk(&self) -> Gvk<'_> {
        Gvk {
            group: &self.group,
            version: &self.version,
            kind: &self.kind,
        }
    }

    /// Whether a map lacks the first key of the path.
    fn begins_beside(&self, object: &Node) -> bool {
        let first = self.path.split('/').next().unwrap_or_default();
        let key = first.strip_suffix("[]").unwrap_or(first);
        !key.is_empty() && !key.contains('\\') && object.is_mapping() && object.get(key).is_none()
    }

    /// Whether an object of that kind is covered.
    pub(crate) fn covers(&self, gvk: Gvk<'_>) -> bool {
        gvk.is_selected(self.gvk())
    }
}

/// Two specifications of one path disagree on whether to create the field.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct ConflictingSpecs;

/// A list of specifications.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct FieldSpecs(pub(crate) Vec<FieldSpec>);

impl FieldSpecs {
    /// Adds those that no specification covers already.
    pub(crate) fn merge(&mut self, incoming: &FieldSpecs) -> Result<(), ConflictingSpecs> {
        incoming.0.iter().try_for_each(|spec| self.merge_one(spec))
    }

    /// Adds one unless a specification covers it already (`FsSlice.MergeOne`).
    pub(crate) fn merge_one(&mut self, spec: &FieldSpec) -> Result<(), ConflictingSpecs> {
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
    pub(crate) fn sort(&mut self) {
        self.0.sort_by_cached_key(|spec| spec.gvk().order());
    }
}

/// Calls `set` on every node at the end of the specification's path; made nodes point to `origin`.
pub(crate) fn apply(
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
    if create == Create::No && spec.begins_beside(object) {
        return Ok(());
    }
    let path = FieldPath::parse(&spec.path);
    if path.len() > MAX_DEPTH {
        let message = format!("a path of a field has more than {MAX_DEPTH} parts");
        return Err(PatchError::new(origin.span, message));
    }
    path.visit(object, create, origin, set)
}
