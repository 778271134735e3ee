//! What the tree builder needs from a YAML parser, and nothing else: the parser can be replaced behind this.

use std::borrow::Cow;
use std::ops::Range;

use super::node::{Style, Tag};

/// One step of the parse. Ranges are bytes of the parsed text.
#[derive(Debug)]
pub(super) enum Event<'a> {
    DocumentStart {
        at: Range<usize>,
    },
    DocumentEnd,
    /// A scalar; its range covers quotes and, for block scalars, everything from the `|` or `>`.
    Scalar {
        text: Cow<'a, str>,
        style: Style,
        props: Properties<'a>,
        at: Range<usize>,
    },
    SequenceStart {
        props: Properties<'a>,
        at: usize,
    },
    MappingStart {
        props: Properties<'a>,
        at: usize,
    },
    /// The end of the innermost open list or map. `Some` is the offset behind the closing bracket of a flow collection.
    CollectionEnd {
        end: Option<usize>,
    },
    /// `*name`.
    Alias {
        name: &'a str,
        at: Range<usize>,
    },
    Comment {
        at: Range<usize>,
    },
}

/// What may stand before any node.
#[derive(Debug, Default)]
pub(super) struct Properties<'a> {
    /// The name of the anchor that the node defines.
    pub(super) anchor: Option<&'a str>,
    pub(super) tag: Option<Tag>,
}

/// Why the text is not YAML, in our words.
#[derive(Debug)]
pub(super) struct SyntaxError {
    pub(super) at: usize,
    pub(super) message: Cow<'static, str>,
    pub(super) help: Option<&'static str>,
    /// In the words of Go's package.
    pub(super) upstream: &'static str,
    pub(super) too_deep: bool,
}

/// A parser that gives events one by one. After an error it gives nothing more.
pub(super) trait EventSource<'a> {
    fn next_event(&mut self) -> Option<Result<Event<'a>, SyntaxError>>;
}
