//! What was read from one text.

use super::node::Node;
use super::parse_error::{ParseError, ParseErrorKind};
use crate::source::Span;

/// Levels of lists and maps within each other, also through aliases. Code that walks a tree may recurse.
pub const MAX_DEPTH: usize = 500;

/// Values in one file. The largest files of real repositories, bundles of CRDs, stay below 300,000.
pub(crate) const MAX_NODES: usize = 4_000_000;

/// Values that aliases may add to one file. They cost no memory, but time to everything that walks the tree.
pub(crate) const MAX_ALIASED_NODES: usize = 1_000_000;

/// Problems of one kind kept for one file.
pub(crate) const MAX_ERRORS: usize = 100;

/// One YAML document that holds something.
#[derive(Debug, Clone)]
pub struct Document {
    /// The outermost value, never null.
    pub root: Node,
    /// From the `---`, or the first value where there is none, to the end of the last value.
    pub span: Span,
}

/// A comment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Comment {
    /// From the `#` to the end of the line.
    pub span: Span,
    /// Whether nothing else stands on the line.
    pub own_line: bool,
}

/// What a comment holds that is kept: files may be full of others, which nobody asks for.
pub const COMMENT_MARK: &str = "meshlint";

/// What was read from one text.
#[derive(Debug, Clone, Default)]
pub struct Parsed {
    /// Documents that hold something. As in kustomize, empty ones and those that are `null` are left out.
    /// After a syntax error these are the documents before it.
    pub documents: Vec<Document>,
    /// Problems by position.
    pub errors: Vec<ParseError>,
    /// Comments with [`COMMENT_MARK`] in them, by position.
    pub comments: Vec<Comment>,
}

impl Parsed {
    /// Whether something of the text is not among the documents. Keys that stand twice are.
    pub fn is_cut(&self) -> bool {
        let mut errors = self.errors.iter();
        errors.any(|error| error.kind != ParseErrorKind::DuplicateKey)
    }

    /// The root of the only, or first, document.
    pub fn root(&self) -> Option<&Node> {
        self.documents.first().map(|document| &document.root)
    }
}
