//! Text that templates wrote, which remembers where each piece of it comes from.

use std::ops::Range;
use std::sync::Arc;

use crate::source::{FileId, Span};
use crate::yaml::{self, Entry, Kind, Node, Origin, Substitution};

/// A text in pieces.
#[derive(Debug, Clone)]
pub(crate) struct Written {
    pub(crate) text: String,
    pieces: Vec<Piece>,
    /// The template.
    whole: Span,
}

#[derive(Debug, Clone)]
struct Piece {
    start: usize,
    from: From,
}

#[derive(Debug, Clone)]
enum From {
    /// Copied from a file as it stands there.
    Copied(FileId, usize),
    /// Put in for an expression.
    Filled(Span, Vec<Substitution>),
}

impl Written {
    /// Nothing yet, of the template at `whole`.
    pub(crate) fn of(whole: Span) -> Self {
        Self {
            text: String::new(),
            pieces: Vec::new(),
            whole,
        }
    }

    /// Adds text that stands in a file.
    pub(crate) fn copy(&mut self, text: &str, file: FileId, at: usize) {
        self.push(text, From::Copied(file, at));
    }

    /// Adds part of a text that stands in a file, though its lines may be indented there.
    pub(crate) fn copy_lines(
        &mut self,
        text: &str,
        range: Range<usize>,
        place: &dyn Fn(Range<usize>) -> Span,
    ) {
        let mut at = range.start;
        for line in text.get(range).unwrap_or_default().split_inclusive('\n') {
            let span = place(at..at + line.len());
            self.copy(line, span.file, span.start as usize);
            at += line.len();
        }
    }

    /// Adds what an expression gave.
    pub(crate) fn fill(&mut self, text: &str, expression: Span, substitutions: Vec<Substitution>) {
        self.push(text, From::Filled(expression, substitutions));
    }

    fn push(&mut self, text: &str, from: From) {
        if !text.is_empty() {
            self.pieces.push(Piece {
                start: self.text.len(),
                from,
            });
            self.text.push_str(text);
        }
    }

    /// The documents of the text, each value with the place that wrote it; `None` where it is no YAML.
    pub(crate) fn documents(&self) -> Option<Vec<Node>> {
        let parsed = yaml::parse(self.whole.file, &self.text);
        if !parsed.errors.is_empty() {
            return None;
        }
        let documents = parsed.documents.iter();
        Some(documents.map(|document| self.placed(&document.root)).collect())
    }

    /// The text as one scalar.
    pub(crate) fn scalar(&self, at: Span) -> Node {
        let mut origin = self.origin(0..self.text.len(), true);
        origin.span = at;
        Node::plain(self.text.as_str(), origin)
    }

    /// The text as one scalar that stays text whatever it looks like.
    pub(crate) fn text_scalar(&self, at: Span) -> Node {
        let origin = self.scalar(at).origin().clone();
        Node::string(self.text.as_str(), origin)
    }

    fn placed(&self, node: &Node) -> Node {
        let origin = self.origin(node.span().range(), node.as_scalar().is_some());
        let kind = match node.kind() {
            Kind::Scalar(scalar) => Kind::Scalar(scalar.clone()),
            Kind::Sequence(items) => Kind::Sequence(items.iter().map(|item| self.placed(item)).collect()),
            Kind::Mapping(entries) => Kind::Mapping(
                entries
                    .iter()
                    .map(|entry| Entry {
                        key: self.placed(&entry.key),
                        value: self.placed(&entry.value),
                    })
                    .collect(),
            ),
        };
        Node::new(kind, origin)
    }

    /// Where a range of the text comes from.
    fn origin(&self, range: Range<usize>, is_scalar: bool) -> Origin {
        let first = self
            .pieces
            .partition_point(|piece| piece.start <= range.start)
            .saturating_sub(1);
        let behind = self.pieces.partition_point(|piece| piece.start < range.end);
        let own = self
            .pieces
            .get(first..behind.max(first + 1))
            .or_else(|| self.pieces.get(first..))
            .unwrap_or_default();
        let Some(head) = own.first() else {
            return Origin::at(self.whole);
        };
        let span = match &head.from {
            From::Filled(expression, _) => *expression,
            From::Copied(file, at) => {
                let start = at + range.start.saturating_sub(head.start);
                let length = match own.get(1) {
                    Some(next) => next.start.saturating_sub(range.start.max(head.start)),
                    None => range.len(),
                };
                Span::new(*file, start, start + length)
            }
        };
        let taken: Vec<Substitution> = own
            .iter()
            .filter_map(|piece| match &piece.from {
                From::Filled(_, substitutions) => Some(substitutions.clone()),
                From::Copied(..) => None,
            })
            .flatten()
            .collect();
        Origin {
            span,
            substituted: (is_scalar && !taken.is_empty()).then(|| Arc::from(taken)),
        }
    }
}

/// The scalar below a node that was printed, looked for by its text and the key it stands under.
pub(super) fn printed<'n>(
    node: &'n Node,
    key: Option<&String>,
    text: &str,
    count: usize,
) -> Option<&'n Node> {
    const MAX_FOUND: usize = 512;
    let mut found = Vec::new();
    let mut todo = vec![(node, true)];
    while let Some((node, is_named)) = todo.pop() {
        if found.len() > MAX_FOUND {
            break;
        }
        match node.kind() {
            Kind::Scalar(_) if is_named && node.as_text() == Some(text) => found.push(node),
            Kind::Scalar(_) => {}
            Kind::Sequence(items) => todo.extend(items.iter().rev().map(|item| (item, is_named))),
            Kind::Mapping(entries) => todo.extend(entries.iter().rev().flat_map(|entry| {
                let name = entry.key.as_text().unwrap_or_default();
                [
                    (&entry.value, key.is_none_or(|key| key == name)),
                    (&entry.key, key.is_none()),
                ]
            })),
        }
    }
    found.get(count % found.len().max(1)).copied()
}
