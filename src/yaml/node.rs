//! The tree that everything works on: YAML values in which every key and value knows the bytes it came from.

use std::ops::Range;
use std::sync::Arc;

use crate::budget::NODE;
use crate::source::Span;

/// Where a value comes from.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Origin {
    /// The bytes that state the value. For a value that was substituted: the scalar that holds the expressions.
    pub span: Span,
    /// The variables whose values became part of this one, in the order of their expressions.
    pub substituted: Option<Arc<[Substitution]>>,
}

/// One `${…}` expression that took part in making a value.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Substitution {
    /// The variable's name.
    pub variable: Box<str>,
    /// The bytes of the expression, or of the scalar that holds it where these cannot be told.
    pub expression: Span,
    /// The line that gave the variable its value; `None` when the expression's default was used.
    pub value: Option<Span>,
    /// Whether the value cannot be known from the repository (encrypted, or made by an ExternalSecret): a
    /// placeholder stands in the text.
    pub unknown: bool,
    /// The bytes of the scalar's text that the expression became, where they can be told.
    pub output: Option<Range<u32>>,
}

impl Origin {
    /// An origin without substitutions.
    pub fn at(span: Span) -> Self {
        Self {
            span,
            substituted: None,
        }
    }

    /// The place to edit in order to change this value: the variable's value where exactly one variable made it,
    /// else the value itself.
    pub fn edit_span(&self) -> Span {
        match self.substituted.as_deref() {
            Some([only]) => only.value.unwrap_or(only.expression),
            _ => self.span,
        }
    }
}

impl Origin {
    /// Whether a variable whose value cannot be known took part in making the value.
    pub fn is_unknown(&self) -> bool {
        self.substituted
            .as_deref()
            .is_some_and(|all| all.iter().any(|one| one.unknown))
    }
}

impl From<Span> for Origin {
    fn from(span: Span) -> Self {
        Self::at(span)
    }
}

/// How a scalar was written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Style {
    /// Without quotes: its type is read from its text.
    Plain,
    /// `'…'`
    SingleQuoted,
    /// `"…"`
    DoubleQuoted,
    /// `|`
    Literal,
    /// `>`
    Folded,
}

/// A tag that overrides what the text of a scalar would resolve to.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Tag {
    /// `!!str`, also put on every scalar that a transformer writes as text.
    Str,
    /// `!!int`
    Int,
    /// `!!float`
    Float,
    /// `!!bool`
    Bool,
    /// `!!null`
    Null,
    /// `!!binary`
    Binary,
    /// Any other, as written.
    Other(Box<str>),
}

/// A scalar with its text as it is after unescaping and folding, not yet resolved to a type.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Scalar {
    /// The text.
    pub text: Arc<str>,
    /// How it was written.
    pub style: Style,
    /// An explicit tag.
    pub tag: Option<Tag>,
}

/// One key with its value.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Entry {
    /// The key, nearly always a scalar.
    pub key: Node,
    /// The value.
    pub value: Node,
}

/// What a node is.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Kind {
    /// Text, number, boolean or null.
    Scalar(Scalar),
    /// A list.
    Sequence(Vec<Node>),
    /// A map in the order of the source. Duplicate keys are refused by the parser.
    Mapping(Vec<Entry>),
}

#[derive(Debug, Clone, PartialEq, Eq, Hash)]
struct Inner {
    kind: Kind,
    origin: Origin,
}

/// A shared tree node. Cloning costs a reference count; changing copies only the nodes on the way to the change. Equal are
/// nodes that are written alike in the same place; [`Node::same_value`] compares what they mean.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Node(Arc<Inner>);

impl Node {
    /// A node of that kind.
    pub fn new(kind: Kind, origin: impl Into<Origin>) -> Self {
        Self(Arc::new(Inner {
            kind,
            origin: origin.into(),
        }))
    }

    /// Text that stays text whatever it looks like, as kustomize's transformers write it.
    pub fn string(text: impl Into<Arc<str>>, origin: impl Into<Origin>) -> Self {
        let scalar = Scalar {
            text: text.into(),
            style: Style::Plain,
            tag: Some(Tag::Str),
        };
        Self::new(Kind::Scalar(scalar), origin)
    }

    /// A plain scalar whose type is read from its text.
    pub fn plain(text: impl Into<Arc<str>>, origin: impl Into<Origin>) -> Self {
        let scalar = Scalar {
            text: text.into(),
            style: Style::Plain,
            tag: None,
        };
        Self::new(Kind::Scalar(scalar), origin)
    }

    /// A map of the given entries.
    pub fn mapping(entries: Vec<Entry>, origin: impl Into<Origin>) -> Self {
        Self::new(Kind::Mapping(entries), origin)
    }

    /// A list of the given items.
    pub fn sequence(items: Vec<Node>, origin: impl Into<Origin>) -> Self {
        Self::new(Kind::Sequence(items), origin)
    }

    /// What the node is.
    pub fn kind(&self) -> &Kind {
        &self.0.kind
    }

    /// What the node is, for changing. Copies this node (not its children) when it is shared.
    pub fn kind_mut(&mut self) -> &mut Kind {
        &mut Arc::make_mut(&mut self.0).kind
    }

    /// Where the node comes from.
    pub fn origin(&self) -> &Origin {
        &self.0.origin
    }

    /// The bytes the node comes from.
    pub fn span(&self) -> Span {
        self.0.origin.span
    }

    /// Gives the node another origin.
    pub fn set_origin(&mut self, origin: impl Into<Origin>) {
        Arc::make_mut(&mut self.0).origin = origin.into();
    }

    /// Whether both are the same shared node, not merely equal ones.
    pub fn is_same(&self, other: &Node) -> bool {
        Arc::ptr_eq(&self.0, &other.0)
    }

    /// The scalar, if it is one.
    pub fn as_scalar(&self) -> Option<&Scalar> {
        match self.kind() {
            Kind::Scalar(scalar) => Some(scalar),
            _ => None,
        }
    }

    /// The text of a scalar that is neither null nor of another kind, whatever type it would resolve to.
    pub fn as_text(&self) -> Option<&str> {
        self.as_scalar()
            .filter(|_| !self.is_null())
            .map(|scalar| &*scalar.text)
    }

    /// The entries of a map; empty for anything else.
    pub fn entries(&self) -> &[Entry] {
        match self.kind() {
            Kind::Mapping(entries) => entries,
            _ => &[],
        }
    }

    /// The items of a list; empty for anything else.
    pub fn items(&self) -> &[Node] {
        match self.kind() {
            Kind::Sequence(items) => items,
            _ => &[],
        }
    }

    /// Whether this is a map.
    pub fn is_mapping(&self) -> bool {
        matches!(self.kind(), Kind::Mapping(_))
    }

    /// Whether this is a list.
    pub fn is_sequence(&self) -> bool {
        matches!(self.kind(), Kind::Sequence(_))
    }

    /// The entry of a map under that key.
    pub fn entry(&self, key: &str) -> Option<&Entry> {
        self.entries()
            .iter()
            .find(|entry| entry.key.as_scalar().is_some_and(|k| &*k.text == key))
    }

    /// The value of a map under that key.
    pub fn get(&self, key: &str) -> Option<&Node> {
        self.entry(key).map(|entry| &entry.value)
    }

    /// The value at the end of a chain of map keys, for example `at(&["spec", "values", "cluster", "id"])`.
    pub fn at(&self, keys: &[&str]) -> Option<&Node> {
        keys.iter().try_fold(self, |node, key| node.get(key))
    }

    /// The text at the end of a chain of map keys; `None` for null, maps and lists.
    pub fn text_at(&self, keys: &[&str]) -> Option<&str> {
        self.at(keys).and_then(Node::as_text)
    }

    /// Sets `key` of a map, keeping its place when it exists and appending it otherwise. Does nothing to other kinds.
    pub fn set(&mut self, key: Node, value: Node) {
        let Some(name) = key.as_scalar().map(|scalar| Arc::clone(&scalar.text)) else {
            return;
        };
        let Kind::Mapping(entries) = self.kind_mut() else {
            return;
        };
        match entries
            .iter_mut()
            .find(|entry| entry.key.as_scalar().is_some_and(|k| k.text == name))
        {
            Some(entry) => entry.value = value,
            None => entries.push(Entry { key, value }),
        }
    }

    /// The value of a map under that key, for changing.
    pub fn get_mut(&mut self, key: &str) -> Option<&mut Node> {
        match self.kind_mut() {
            Kind::Mapping(entries) => entries
                .iter_mut()
                .find(|entry| entry.key.as_scalar().is_some_and(|k| &*k.text == key))
                .map(|entry| &mut entry.value),
            _ => None,
        }
    }

    /// What going through all of it would cost, counted as in [`crate::budget`]; what is shared counts each time that it is met.
    pub(crate) fn weight(&self) -> usize {
        let below = match self.kind() {
            Kind::Scalar(scalar) => scalar.text.len(),
            Kind::Sequence(items) => items.iter().map(Self::weight).fold(0, usize::saturating_add),
            Kind::Mapping(entries) => entries
                .iter()
                .map(|entry| entry.key.weight().saturating_add(entry.value.weight()))
                .fold(0, usize::saturating_add),
        };
        below.saturating_add(NODE)
    }

    /// Removes `key` from a map and gives the entry back.
    pub fn remove(&mut self, key: &str) -> Option<Entry> {
        let at = self
            .entries()
            .iter()
            .position(|entry| entry.key.as_scalar().is_some_and(|k| &*k.text == key))?;
        match self.kind_mut() {
            Kind::Mapping(entries) => Some(entries.remove(at)),
            _ => None,
        }
    }

    /// Whether this is null: an empty plain scalar, `~`, `null`, or tagged `!!null`.
    pub fn is_null(&self) -> bool {
        self.as_scalar().is_some_and(|scalar| match &scalar.tag {
            Some(Tag::Other(tag)) if &**tag != "!" => false,
            Some(Tag::Str | Tag::Int | Tag::Float | Tag::Bool | Tag::Binary) => false,
            Some(Tag::Null) => true,
            Some(Tag::Other(_)) | None => {
                scalar.style == Style::Plain && matches!(&*scalar.text, "" | "~" | "null" | "Null" | "NULL")
            }
        })
    }
}
