//! The field paths of `replacements`: `spec.containers.[name=web].env.0.value`.
//!
//! kustomize follows them in two ways that differ in small things: exactly, to read a value (`PathGetter` in kyaml
//! `yaml/fns.go`), and by patterns, to set values (`PathMatcher` in `yaml/match.go`).

use crate::yaml::{Entry, Kind, MAX_DEPTH, Node, Origin, Style, Tag, parse, to_yaml};

use super::fieldpath::split_path;
use crate::kustomize::error::{PatchError, wrong_kind};
use crate::kustomize::resources::selector::go_regex;

/// Splits a path at its dots. `\.` is a dot within a key, and so are the dots in `[a.b]`.
pub(crate) fn split(path: &str) -> Vec<String> {
    let mut parts = Vec::new();
    let mut pieces = split_path(path, '.').into_iter();
    while let Some(piece) = pieces.next() {
        if !piece.starts_with('[') || piece.ends_with(']') {
            parts.push(piece);
            continue;
        }
        let mut whole = piece;
        for next in pieces.by_ref() {
            whole.push('.');
            whole.push_str(&next);
            if next.ends_with(']') {
                break;
            }
        }
        parts.push(if whole.contains('=') {
            whole
        } else {
            whole.trim_matches(['[', ']']).to_owned()
        });
    }
    parts
}

/// Where a path leads exactly: positions among entries and items, to be given to [`at`] and [`at_mut`].
///
/// # Errors
/// When the path goes through a value of the wrong kind, or cannot be followed exactly.
pub(crate) fn locate(root: &Node, path: &[String]) -> Result<Option<Vec<usize>>, PatchError> {
    let mut node = root;
    let mut positions = Vec::new();
    for part in path
        .iter()
        .map(|part| part.trim())
        .filter(|part| !part.is_empty())
    {
        let Some(position) = position(node, part)? else {
            return Ok(None);
        };
        let Some(next) = child(node, position) else {
            return Ok(None);
        };
        positions.push(position);
        node = next;
    }
    Ok(Some(positions))
}

/// The node at positions that [`locate`] found.
pub(crate) fn at<'a>(root: &'a Node, positions: &[usize]) -> Option<&'a Node> {
    positions
        .iter()
        .try_fold(root, |node, position| child(node, *position))
}

/// The node at positions that [`locate`] found, for changing.
pub(crate) fn at_mut<'a>(root: &'a mut Node, positions: &[usize]) -> Option<&'a mut Node> {
    positions
        .iter()
        .try_fold(root, |node, position| match node.kind_mut() {
            Kind::Mapping(entries) => entries.get_mut(*position).map(|entry| &mut entry.value),
            Kind::Sequence(items) => items.get_mut(*position),
            Kind::Scalar(_) => None,
        })
}

fn child(node: &Node, position: usize) -> Option<&Node> {
    match node.kind() {
        Kind::Mapping(entries) => entries.get(position).map(|entry| &entry.value),
        Kind::Sequence(items) => items.get(position),
        Kind::Scalar(_) => None,
    }
}

fn position(node: &Node, part: &str) -> Result<Option<usize>, PatchError> {
    if let Ok(index) = part.parse::<i64>() {
        let Ok(index) = usize::try_from(index) else {
            let message = format!("array index {index} cannot be negative");
            return Err(PatchError::new(node.span(), message));
        };
        return Ok((index < list(node)?.len()).then_some(index));
    }
    match part {
        "-" => Ok(list(node)?.len().checked_sub(1)),
        "*" => Err(PatchError::new(
            node.span(),
            "wildcard is not supported in PathGetter",
        )),
        _ if is_element(part) => {
            let (key, value) = key_and_value(part).map_err(|why| PatchError::new(node.span(), why))?;
            let is_wanted = |item: &Node| {
                let found = if key.is_empty() { Some(item) } else { item.get(key) };
                found.is_some_and(|found| raw_text(found) == value)
            };
            Ok(list(node)?.iter().position(is_wanted))
        }
        _ => {
            require_mapping(node)?;
            Ok(key_position(node, part))
        }
    }
}

fn key_position(node: &Node, key: &str) -> Option<usize> {
    let is_key = |entry: &Entry| entry.key.as_scalar().is_some_and(|scalar| *scalar.text == *key);
    node.entries().iter().position(is_key)
}

fn list(node: &Node) -> Result<&[Node], PatchError> {
    if node.is_sequence() || node.is_null() {
        Ok(node.items())
    } else {
        Err(wrong_kind(node, "SequenceNode"))
    }
}

fn require_mapping(node: &Node) -> Result<(), PatchError> {
    if node.is_mapping() || node.is_null() {
        Ok(())
    } else {
        Err(wrong_kind(node, "MappingNode"))
    }
}

fn is_element(part: &str) -> bool {
    part.starts_with('[') && part.ends_with(']')
}

fn key_and_value(part: &str) -> Result<(&str, &str), String> {
    let inner = part.strip_suffix(']').unwrap_or(part);
    inner
        .strip_prefix('[')
        .unwrap_or(inner)
        .split_once('=')
        .ok_or_else(|| "list path element must contain fieldName=fieldValue for element to match".to_owned())
}

fn index(part: &str) -> Option<usize> {
    part.parse::<i64>()
        .ok()
        .and_then(|index| usize::try_from(index).ok())
}

pub(crate) fn raw_text(node: &Node) -> &str {
    node.as_scalar().map_or("", |scalar| &scalar.text)
}

/// The kind of node to make at the end of a path that does not exist.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Shape {
    /// Text, of no type yet: see [`is_new`].
    Scalar,
    /// A list.
    Sequence,
    /// A map.
    Mapping,
}

impl Shape {
    pub(crate) fn of(node: &Node) -> Self {
        match node.kind() {
            Kind::Scalar(_) => Self::Scalar,
            Kind::Sequence(_) => Self::Sequence,
            Kind::Mapping(_) => Self::Mapping,
        }
    }

    fn make(self, origin: &Origin) -> Node {
        match self {
            Self::Scalar => {
                let scalar = crate::yaml::Scalar {
                    text: "".into(),
                    style: Style::Plain,
                    tag: Some(Tag::Other("".into())),
                };
                Node::new(Kind::Scalar(scalar), origin.clone())
            }
            Self::Sequence => Node::sequence(Vec::new(), origin.clone()),
            Self::Mapping => Node::mapping(Vec::new(), origin.clone()),
        }
    }
}

/// Whether a scalar was made by [`Matcher`] just now, so that its type is still open.
pub(crate) fn is_new(node: &Node) -> bool {
    node.as_scalar()
        .is_some_and(|scalar| scalar.tag == Some(Tag::Other("".into())))
}

/// Follows a path by patterns and changes what is at its ends.
pub(crate) struct Matcher<'a> {
    /// What to make where the path does not exist.
    pub(crate) create: Option<Shape>,
    /// The origin of what is made on the way.
    pub(crate) origin: &'a Origin,
    /// Changes a node at an end.
    pub(crate) change: &'a mut dyn FnMut(&mut Node) -> Result<(), PatchError>,
    /// How many ends were found.
    pub(crate) found: usize,
}

impl Matcher<'_> {
    /// Goes on from a node.
    ///
    /// # Errors
    /// When the path goes through a value of the wrong kind, or a change fails.
    pub(crate) fn follow(&mut self, node: &mut Node, path: &[String]) -> Result<(), PatchError> {
        if path.len() > MAX_DEPTH {
            return Err(PatchError::new(self.origin.span, "the field path is too long"));
        }
        let Some((part, rest)) = path.split_first() else {
            self.found += 1;
            return (self.change)(node);
        };
        if let Some(index) = index(part) {
            self.follow_index(node, index, rest)
        } else if is_element(part) {
            self.follow_elements(node, part, rest)
        } else if part == "*" {
            list(node)?;
            self.follow_all(node, rest, |_| true)
        } else {
            self.follow_key(node, part, rest)
        }
    }

    fn follow_all(
        &mut self,
        node: &mut Node,
        rest: &[String],
        wanted: impl Fn(&Node) -> bool,
    ) -> Result<(), PatchError> {
        if !node.items().iter().any(&wanted) {
            return Ok(());
        }
        if let Kind::Sequence(items) = node.kind_mut() {
            for item in items.iter_mut().filter(|item| wanted(item)) {
                self.follow(item, rest)?;
            }
        }
        Ok(())
    }

    fn follow_index(&mut self, node: &mut Node, index: usize, rest: &[String]) -> Result<(), PatchError> {
        let length = list(node)?.len();
        if index == length && self.create.is_some() {
            let made = self.made_before(rest);
            if let Kind::Sequence(items) = node.kind_mut() {
                items.push(made);
            }
        }
        let span = node.span();
        let missing = || {
            let message = format!("index {index} specified but only {length} elements found");
            PatchError::new(span, message)
        };
        match node.kind_mut() {
            Kind::Sequence(items) => self.follow(items.get_mut(index).ok_or_else(missing)?, rest),
            _ => Err(missing()),
        }
    }

    /// `[name=web]`: the value is an expression that may match anywhere, so `web` finds `web-2` too.
    fn follow_elements(&mut self, node: &mut Node, part: &str, rest: &[String]) -> Result<(), PatchError> {
        let (key, value) = key_and_value(part).map_err(|why| PatchError::new(node.span(), why))?;
        list(node)?;
        let pattern = go_regex(value)
            .map_err(|why| PatchError::new(node.span(), format!("error parsing regexp: {why}: `{value}`")))?;
        let is_wanted = |item: &Node| {
            let found = if key.is_empty() { Some(item) } else { item.get(key) };
            found.is_some_and(|found| pattern.is_match(&written(found)))
        };
        // What follows an element of a list of scalars is not looked at.
        let rest = if key.is_empty() { &[] } else { rest };
        let before = self.found;
        self.follow_all(node, rest, is_wanted)?;
        if self.found > before || self.create.is_none() {
            return Ok(());
        }
        let element = self.new_element(key, value);
        if !is_wanted(&element) {
            let message = format!("an element made for `{part}` would not be found by it");
            return Err(PatchError::new(node.span(), message));
        }
        if let Kind::Sequence(items) = node.kind_mut() {
            items.push(element);
        }
        self.follow_all(node, rest, is_wanted)
    }

    fn new_element(&self, key: &str, value: &str) -> Node {
        let value = Node::plain(value, self.origin.clone());
        if key.is_empty() {
            return value;
        }
        let key = Node::string(key, self.origin.clone());
        Node::mapping(vec![Entry { key, value }], self.origin.clone())
    }

    fn follow_key(&mut self, node: &mut Node, key: &str, rest: &[String]) -> Result<(), PatchError> {
        require_mapping(node)?;
        let at = match key_position(node, key) {
            Some(at) => at,
            None if self.create.is_none() => return Ok(()),
            None => {
                let made = self.made_before(rest);
                let Kind::Mapping(entries) = node.kind_mut() else {
                    return Ok(());
                };
                entries.push(Entry {
                    key: Node::string(key, self.origin.clone()),
                    value: made,
                });
                entries.len() - 1
            }
        };
        let Kind::Mapping(entries) = node.kind_mut() else {
            return Ok(());
        };
        let Some(value) = entries.get_mut(at).map(|entry| &mut entry.value) else {
            return Ok(());
        };
        if value.as_scalar().is_some() && !rest.is_empty() {
            return self.follow_into_text(value, rest);
        }
        self.follow(value, rest)
    }

    /// Text that holds YAML is followed, but what is changed in it is lost (`handleStructuredDataInScalar`). The
    /// changes that stay are made before anybody comes here.
    fn follow_into_text(&mut self, scalar: &Node, rest: &[String]) -> Result<(), PatchError> {
        if scalar.is_null() && !raw_text(scalar).is_empty() {
            // What is made below a null that is written out is lost as well, and not missed.
            self.found += usize::from(self.create.is_some());
            return Ok(());
        }
        let mut inner = parsed_text(scalar).ok_or_else(|| wrong_kind(scalar, "MappingNode"))?;
        let mut lost = Matcher {
            create: self.create,
            origin: self.origin,
            change: &mut |_| Ok(()),
            found: 0,
        };
        lost.follow(&mut inner, rest)?;
        self.found += lost.found;
        Ok(())
    }

    fn made_before(&self, rest: &[String]) -> Node {
        let shape = match rest.first() {
            None => self.create.unwrap_or(Shape::Scalar),
            Some(next) if is_element(next) || index(next).is_some() => Shape::Sequence,
            Some(_) => Shape::Mapping,
        };
        shape.make(self.origin)
    }
}

/// A scalar as YAML writes it, quotes included: that is what patterns are held against.
fn written(node: &Node) -> String {
    match node.as_scalar() {
        Some(scalar) => match scalar.style {
            Style::DoubleQuoted => format!("\"{}\"", scalar.text),
            Style::SingleQuoted => format!("'{}'", scalar.text),
            _ => scalar.text.trim().to_owned(),
        },
        None => to_yaml(node).trim().to_owned(),
    }
}

/// The text of a scalar read as YAML, everything in it pointing at the scalar; `None` when it holds nothing.
pub(crate) fn parsed_text(scalar: &Node) -> Option<Node> {
    let parsed = parse(scalar.span().file, raw_text(scalar));
    if !parsed.errors.is_empty() {
        return None;
    }
    let root = parsed.root()?;
    Some(with_origin(root, scalar.origin()))
}

fn with_origin(node: &Node, origin: &Origin) -> Node {
    let kind = match node.kind() {
        Kind::Scalar(scalar) => Kind::Scalar(scalar.clone()),
        Kind::Sequence(items) => Kind::Sequence(items.iter().map(|item| with_origin(item, origin)).collect()),
        Kind::Mapping(entries) => Kind::Mapping(
            entries
                .iter()
                .map(|entry| Entry {
                    key: with_origin(&entry.key, origin),
                    value: with_origin(&entry.value, origin),
                })
                .collect(),
        ),
    };
    Node::new(kind, origin.clone())
}

#[cfg(test)]
mod tests;
