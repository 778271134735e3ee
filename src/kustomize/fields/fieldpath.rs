//! Field paths of transformer configurations: `spec/template/spec/containers[]/image`.
//!
//! The reference is kustomize's `api/filters/fieldspec/fieldspec.go`: `/` separates, `\/` is a slash within a key,
//! a list is always gone through item by item, and `[]` only says that a key that is missing must not be created.

use crate::yaml::{Entry, Kind, Node, Origin};

use crate::kustomize::error::PatchError;

/// What to make when the end of a path does not exist. Keys on the way become maps.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Create {
    /// Nothing: the path is passed over.
    No,
    /// A scalar, at first null.
    Scalar,
    /// An empty map.
    Mapping,
}

/// A parsed path.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct FieldPath {
    parts: Vec<Part>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
struct Part {
    key: String,
    is_list: bool,
}

impl FieldPath {
    /// Reads a path. Every text is a path; one with an empty key fails when it is followed, as in kustomize.
    pub(crate) fn parse(path: &str) -> Self {
        let parts = split_path(path, '/').into_iter().map(|part| {
            let is_list = part.ends_with("[]");
            let key = part.strip_suffix("[]").map(str::to_owned).unwrap_or(part);
            Part { key, is_list }
        });
        Self {
            parts: parts.collect(),
        }
    }

    /// How many parts it has.
    pub(crate) fn len(&self) -> usize {
        self.parts.len()
    }

    /// Whether following the path without creating anything would arrive somewhere.
    pub(crate) fn exists_in(&self, root: &Node) -> bool {
        reaches(root, &self.parts)
    }

    /// Calls `change` on every node at the end of the path. With `create`, missing map keys are made, and what is
    /// made has the given origin.
    ///
    /// # Errors
    /// When the path goes through a scalar or holds an empty key, or when `change` fails.
    pub(crate) fn visit(
        &self,
        root: &mut Node,
        create: Create,
        origin: &Origin,
        change: &mut dyn FnMut(&mut Node) -> Result<(), PatchError>,
    ) -> Result<(), PatchError> {
        Visitor {
            create,
            origin,
            change,
        }
        .follow(root, &self.parts)
    }
}

/// Splits a path at a separator that is not escaped by a backslash (kyaml `utils/pathsplitter.go`). A separator at
/// the very start is passed over.
pub(crate) fn split_path(path: &str, separator: char) -> Vec<String> {
    let mut pieces = path.split(separator).peekable();
    if path.starts_with(separator) {
        pieces.next();
    }
    let mut parts: Vec<String> = Vec::new();
    for piece in pieces {
        match parts.last_mut() {
            Some(last) if last.ends_with('\\') => {
                last.pop();
                last.push(separator);
                last.push_str(piece);
            }
            _ => parts.push(piece.to_owned()),
        }
    }
    parts
}

fn reaches(node: &Node, parts: &[Part]) -> bool {
    let Some((part, rest)) = parts.split_first() else {
        return true;
    };
    match node.kind() {
        Kind::Sequence(items) => items.iter().any(|item| reaches(item, parts)),
        Kind::Mapping(_) if part.key.is_empty() => true,
        Kind::Mapping(_) => node
            .get(&part.key)
            .is_some_and(|value| (part.is_list && value.is_null()) || reaches(value, rest)),
        // Going on from text is an error, which the visit has to report.
        Kind::Scalar(_) => !node.is_null(),
    }
}

struct Visitor<'a> {
    create: Create,
    origin: &'a Origin,
    change: &'a mut dyn FnMut(&mut Node) -> Result<(), PatchError>,
}

impl Visitor<'_> {
    fn follow(&mut self, node: &mut Node, parts: &[Part]) -> Result<(), PatchError> {
        let Some((part, rest)) = parts.split_first() else {
            return (self.change)(node);
        };
        // Looking before touching: touching copies every shared node on the way.
        if node.is_null() || (self.create == Create::No && !reaches(node, parts)) {
            return Ok(());
        }
        match node.kind() {
            Kind::Scalar(_) => Err(PatchError::new(node.span(), "expected sequence or mapping node")),
            Kind::Sequence(_) => self.follow_items(node, parts),
            Kind::Mapping(_) => self.follow_key(node, part, rest),
        }
    }

    fn follow_items(&mut self, node: &mut Node, parts: &[Part]) -> Result<(), PatchError> {
        if let Kind::Sequence(items) = node.kind_mut() {
            for item in items {
                self.follow(item, parts)?;
            }
        }
        Ok(())
    }

    fn follow_key(&mut self, node: &mut Node, part: &Part, rest: &[Part]) -> Result<(), PatchError> {
        if part.key.is_empty() {
            return Err(PatchError::new(
                node.span(),
                "cannot set or create an empty field name",
            ));
        }
        if node.get(&part.key).is_none() {
            if self.create == Create::No || part.is_list {
                return Ok(());
            }
            let value = self.made(rest.is_empty());
            append(node, &part.key, value, self.origin);
        }
        let Some(value) = node.get_mut(&part.key) else {
            return Ok(());
        };
        if value.is_null()
            && let Some(filled) = self.in_place_of_null(part, rest.is_empty())
        {
            *value = filled;
        }
        self.follow(value, rest)
    }

    fn made(&self, is_last: bool) -> Node {
        match self.create {
            Create::Scalar if is_last => Node::plain("", self.origin.clone()),
            _ => Node::mapping(Vec::new(), self.origin.clone()),
        }
    }

    /// A key that exists with the value null is taken for the kind that the path expects there.
    fn in_place_of_null(&self, part: &Part, is_last: bool) -> Option<Node> {
        if part.is_list {
            return Some(Node::sequence(Vec::new(), self.origin.clone()));
        }
        (self.create != Create::No).then(|| self.made(is_last))
    }
}

fn append(node: &mut Node, key: &str, value: Node, origin: &Origin) {
    if let Kind::Mapping(entries) = node.kind_mut() {
        entries.push(Entry {
            key: Node::string(key, origin.clone()),
            value,
        });
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::source::{SourceMap, Span};

    fn origin() -> Origin {
        let map = SourceMap::from_memory([("a.yaml", "a")]);
        let (file, _) = map.iter().next().unwrap();
        Origin::at(Span::at_start(file))
    }

    fn map(entries: &[(&str, Node)]) -> Node {
        let entries = entries.iter().map(|(key, value)| Entry {
            key: Node::string(*key, origin()),
            value: value.clone(),
        });
        Node::mapping(entries.collect(), origin())
    }

    fn text(value: &str) -> Node {
        Node::plain(value, origin())
    }

    fn set(root: &mut Node, path: &str, create: Create) -> Result<usize, PatchError> {
        let mut seen = 0;
        FieldPath::parse(path).visit(root, create, &origin(), &mut |node| {
            seen += 1;
            *node = text("new");
            Ok(())
        })?;
        Ok(seen)
    }

    #[test]
    fn escaped_slashes_belong_to_the_key() {
        assert_eq!(
            split_path(r"metadata/labels/a.b\/c", '/'),
            ["metadata", "labels", "a.b/c"]
        );
        assert_eq!(split_path("/a/b", '/'), ["a", "b"]);
        assert_eq!(split_path("a//b", '/'), ["a", "", "b"]);
        assert_eq!(split_path("", '/'), [""]);
    }

    #[test]
    fn lists_are_gone_through_with_and_without_brackets() {
        for path in ["items[]/image", "items/image"] {
            let item = || map(&[("image", text("old"))]);
            let mut root = map(&[("items", Node::sequence(vec![item(), item()], origin()))]);
            assert_eq!(set(&mut root, path, Create::No), Ok(2), "{path}");
            assert!(
                root.get("items")
                    .unwrap()
                    .items()
                    .iter()
                    .all(|i| i.text_at(&["image"]) == Some("new"))
            );
        }
    }

    #[test]
    fn missing_keys_are_made_except_lists() {
        let mut root = map(&[]);
        assert_eq!(set(&mut root, "a/b", Create::No), Ok(0));
        assert_eq!(set(&mut root, "a/list[]/b", Create::Scalar), Ok(0));
        assert_eq!(set(&mut root, "a/b", Create::Scalar), Ok(1));
        assert_eq!(root.text_at(&["a", "b"]), Some("new"));
    }

    #[test]
    fn a_path_through_text_is_an_error_and_through_null_is_not() {
        let mut root = map(&[("text", text("x")), ("none", text("null"))]);
        let error = set(&mut root, "text/a", Create::No).unwrap_err();
        assert_eq!(error.message, "expected sequence or mapping node");
        assert_eq!(set(&mut root, "none/a", Create::No), Ok(0));
        assert_eq!(set(&mut root, "none/a", Create::Scalar), Ok(1));
        assert!(set(&mut root, "a//b", Create::Scalar).is_err());
    }

    #[test]
    fn a_path_that_leads_nowhere_copies_nothing() {
        let child = map(&[("b", text("x"))]);
        let mut root = map(&[("a", child.clone())]);
        assert_eq!(set(&mut root, "a/c", Create::No), Ok(0));
        assert!(root.get("a").unwrap().is_same(&child));
    }
}
