//! Text to trees: the result types and the checks on a whole text; [`super::tree`] builds the nodes.

use std::borrow::Cow;

use super::events::EventSource;
use super::locate::Locator;
use super::node::Node;
use super::scan::Grammar;
use super::tree::TreeBuilder;
use crate::source::{FileId, Span};

/// Levels of lists and maps within each other, also through aliases. Code that walks a tree may recurse.
pub const MAX_DEPTH: usize = 500;
/// Values in one file. The largest files of real repositories, bundles of CRDs, stay below 300,000.
pub(super) const MAX_NODES: usize = 4_000_000;
/// Values that aliases may add to one file. They cost no memory, but time to everything that walks the tree.
pub(super) const MAX_ALIASED_NODES: usize = 1_000_000;
/// Problems of one kind kept for one file.
pub(super) const MAX_ERRORS: usize = 100;

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

/// What kind of problem a [`ParseError`] is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ParseErrorKind {
    /// The file cannot be read as text.
    Unreadable,
    /// The text is not YAML; nothing behind this place was read.
    Syntax,
    /// The text is YAML, but Go's reader takes it otherwise or refuses it.
    Dialect,
    /// A key stands twice in one map. The tree has the last value.
    DuplicateKey,
    /// An alias without its anchor, or within it, or a merge of something that is no map.
    Alias,
    /// Too deep, too many values.
    Limit,
}

/// Why a text, or a part of it, cannot be used as written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ParseError {
    /// What kind of problem it is.
    pub kind: ParseErrorKind,
    /// The place.
    pub span: Span,
    /// States the fact.
    pub message: Cow<'static, str>,
    /// Says what to do, where that is known.
    pub help: Option<Cow<'static, str>>,
    /// What Go's packages say of it (yaml.v2, yaml.v3, kyaml), without their position: the words of Flux' and
    /// kustomize's errors, where these are known.
    pub upstream: Option<Cow<'static, str>>,
    /// Another place that has to do with it, with a few words on what it contributes.
    pub related: Option<(Span, &'static str)>,
}

impl ParseError {
    pub(super) fn new(kind: ParseErrorKind, span: Span, message: impl Into<Cow<'static, str>>) -> Self {
        Self {
            kind,
            span,
            message: message.into(),
            help: None,
            upstream: None,
            related: None,
        }
    }

    pub(super) fn help(mut self, help: impl Into<Cow<'static, str>>) -> Self {
        self.help = Some(help.into());
        self
    }

    pub(super) fn upstream(mut self, words: impl Into<Cow<'static, str>>) -> Self {
        self.upstream = Some(words.into());
        self
    }

    pub(super) fn related(mut self, span: Span, text: &'static str) -> Self {
        self.related = Some((span, text));
        self
    }
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
    /// The root of the only, or first, document.
    pub fn root(&self) -> Option<&Node> {
        self.documents.first().map(|document| &document.root)
    }
}

/// Reads a file's text. Never fails: what cannot be read is in [`Parsed::errors`].
pub fn parse(file: FileId, text: &str) -> Parsed {
    parse_at(&Locator::File { file }, text)
}

pub(super) fn parse_at(locator: &Locator, text: &str) -> Parsed {
    let mut source = Grammar::new(text, MAX_DEPTH);
    build(locator, text, &mut source)
}

fn build<'a>(locator: &'a Locator, text: &'a str, source: &mut dyn EventSource<'a>) -> Parsed {
    let mut builder = TreeBuilder::new(locator, text);
    while let Some(event) = source.next_event() {
        match event {
            Ok(event) => builder.take(event),
            Err(error) => builder.fail(error),
        }
        if builder.gave_up() {
            break;
        }
    }
    builder.finish()
}
