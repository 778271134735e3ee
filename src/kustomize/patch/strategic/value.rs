//! The pieces a merge is made of: two sides, a directive, an outcome.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::kustomize::error::{PatchError, wrong_kind};
use crate::yaml::{Entry, Kind, Node, Resolved, Scalar, Schema, Style, Tag};

/// One place in the object and in the patch.
#[derive(Debug, Clone, Copy)]
pub(super) struct Sides<'a> {
    /// What the object has.
    pub(super) dest: Option<&'a Node>,
    /// What the patch has.
    pub(super) patch: Option<&'a Node>,
    /// Whether both are one node: kyaml merges a value that it has taken over from the patch with itself.
    pub(super) same: bool,
}

impl<'a> Sides<'a> {
    pub(super) fn of(dest: Option<&'a Node>, patch: Option<&'a Node>) -> Self {
        Self {
            dest,
            patch,
            same: false,
        }
    }

    pub(super) fn both(dest: &'a Node, patch: &'a Node) -> Self {
        Self::of(Some(dest), Some(patch))
    }

    pub(super) fn itself(node: Option<&'a Node>) -> Self {
        Self {
            dest: node,
            patch: node,
            same: true,
        }
    }

    /// The sides that are neither absent nor null, the object's first.
    pub(super) fn present(self) -> impl Iterator<Item = &'a Node> {
        [self.dest, self.patch]
            .into_iter()
            .flatten()
            .filter(|node| !node.is_null())
    }

    pub(super) fn expect(self, is: impl Fn(&Node) -> bool, kind: &str) -> Result<(), PatchError> {
        // The patch is what can be edited to agree, and the side that kyaml finds wrong, as the object decides the kind.
        match self.present().find(|node| !is(node)) {
            Some(node) => Err(wrong_kind(node, kind)),
            None => Ok(()),
        }
    }

    pub(super) fn patch_wins(self) -> Outcome {
        match self.patch.or(self.dest) {
            Some(node) if !node.is_null() => Outcome::Set(node.clone()),
            _ => Outcome::Clear,
        }
    }
}

/// What a merge says about a place.
#[derive(Debug, Clone)]
pub(super) enum Outcome {
    /// Nothing is to be there.
    Clear,
    /// A value that is not null.
    Set(Node),
    /// A null of the object that nothing touched and that stays.
    Null(Node),
}

impl Outcome {
    /// The value to store where nothing was before.
    pub(super) fn into_entry(self) -> Option<Node> {
        self.into_set().map(|node| in_plain_quotes(&node).unwrap_or(node))
    }

    /// The value itself.
    pub(super) fn into_set(self) -> Option<Node> {
        match self {
            Self::Set(node) | Self::Null(node) => Some(node),
            Self::Clear => None,
        }
    }

    /// Puts the outcome in the place of an existing entry. Says whether that changes anything.
    pub(super) fn store_in(self, slot: &mut Option<Entry>) -> bool {
        let (Some(node), Some(entry)) = (self.into_set(), slot.as_mut()) else {
            return slot.take().is_some();
        };
        if node.is_same(&entry.value) {
            let quoted = in_plain_quotes(&node);
            let changes = quoted.is_some();
            entry.value = quoted.unwrap_or(node);
            return changes;
        }
        entry.value = with_style_of(node, &entry.value);
        true
    }
}

/// kyaml writes a new scalar in the style of the one it replaces (`yaml/fns.go`, `FieldSetter`). The tag goes along,
/// so that text stays text in a plain style, but a number or boolean that comes to stand in quotes becomes text.
fn with_style_of(new: Node, old: &Node) -> Node {
    let Some(scalar) = new.as_scalar() else {
        return new;
    };
    let style = old.as_scalar().map_or(Style::Plain, style_of);
    if scalar.style == style {
        return new;
    }
    let tag = match &scalar.tag {
        None if scalar.style != Style::Plain => Some(Tag::Str),
        Some(Tag::Int | Tag::Float | Tag::Bool | Tag::Null) if style != Style::Plain => None,
        tag => tag.clone(),
    };
    let text = Arc::clone(&scalar.text);
    Node::new(Kind::Scalar(Scalar { text, style, tag }), new.origin().clone())
}

/// Plain text that only a YAML 1.1 reader takes for something else (`yes`) in the quotes that kyaml puts round it when
/// it sets a field, `None` for all other nodes.
fn in_plain_quotes(node: &Node) -> Option<Node> {
    let scalar = node.as_scalar()?;
    if scalar.style != Style::Plain || scalar.tag.is_some() {
        return None;
    }
    let is_text = |schema| matches!(scalar.resolve(schema), Resolved::Str(_));
    (is_text(Schema::Kustomize) && !is_text(Schema::Kubernetes)).then(|| {
        let quoted = Scalar {
            style: Style::DoubleQuoted,
            ..scalar.clone()
        };
        Node::new(Kind::Scalar(quoted), node.origin().clone())
    })
}

/// Text that kustomize itself has set is in quotes where a YAML 1.1 reader would take it for something else.
fn style_of(scalar: &Scalar) -> Style {
    if scalar.style != Style::Plain || scalar.tag != Some(Tag::Str) {
        return scalar.style;
    }
    let plain = Scalar {
        tag: None,
        ..scalar.clone()
    };
    match plain.resolve(Schema::Kubernetes) {
        Resolved::Str(_) => Style::Plain,
        Resolved::Null if scalar.text.is_empty() => Style::Plain,
        _ => Style::DoubleQuoted,
    }
}

/// The text that kyaml compares a node by: what a scalar holds, nothing for a map or a list.
pub(super) fn raw_text(node: &Node) -> &str {
    node.as_scalar().map_or("", |scalar| &scalar.text)
}

/// A key of the object or the patch.
pub(super) struct Key<'a> {
    text: &'a str,
    at: Option<usize>,
}

impl<'a> Key<'a> {
    pub(super) fn text(&self) -> &'a str {
        self.text
    }

    /// Where it is among the entries of the object.
    pub(super) fn at(&self) -> Option<usize> {
        self.at
    }

    pub(super) fn is_empty(&self) -> bool {
        self.text.is_empty()
    }
}

/// The keys of both maps in byte order, which is the order that new keys are appended in.
pub(super) fn keys_of<'a>(dest: &'a Node, patch: Option<&'a Node>) -> Vec<Key<'a>> {
    let mut keys: BTreeMap<&str, Option<usize>> = BTreeMap::new();
    for (at, entry) in dest.entries().iter().enumerate() {
        if let Some(key) = entry.key.as_scalar() {
            keys.entry(&key.text).or_insert(Some(at));
        }
    }
    for entry in patch.map(Node::entries).unwrap_or_default() {
        if let Some(key) = entry.key.as_scalar() {
            keys.entry(&key.text).or_insert(None);
        }
    }
    keys.into_iter().map(|(text, at)| Key { text, at }).collect()
}

/// What `$patch` asks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Directive {
    Delete,
    Replace,
    Merge,
}

impl Directive {
    pub(super) const KEY: &'static str = "$patch";

    fn read(value: &Node) -> Result<Self, PatchError> {
        match raw_text(value) {
            "delete" => Ok(Self::Delete),
            "replace" => Ok(Self::Replace),
            "merge" => Ok(Self::Merge),
            other => Err(PatchError::new(
                value.span(),
                format!("unknown patch strategy '{other}'"),
            )),
        }
    }

    /// The directive of a map and the map without it.
    pub(super) fn take_from_map(patch: &Node) -> Result<(Self, Node), PatchError> {
        let Some(value) = patch.get(Self::KEY) else {
            return Ok((Self::Merge, patch.clone()));
        };
        let directive = Self::read(value)?;
        let mut rest = patch.clone();
        rest.remove(Self::KEY);
        Ok((directive, rest))
    }

    /// The directive of a list, which is the only key of one of its elements, and the list's elements.
    pub(super) fn find_in_list(patch: &Node) -> Result<Option<(Self, &str)>, PatchError> {
        let holder = patch.items().iter().find(|item| item.get(Self::KEY).is_some());
        match holder.map(Node::entries) {
            Some([only]) => Self::read(&only.value).map(|found| Some((found, raw_text(&only.value)))),
            _ => Ok(None),
        }
    }
}
