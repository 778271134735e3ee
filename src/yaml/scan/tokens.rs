//! The tokens of YAML.

use std::borrow::Cow;
use std::ops::Range;

use super::super::events::SyntaxError;
use super::super::node::Style;

#[derive(Debug)]
pub(super) struct Token<'a> {
    pub(super) kind: TokenKind<'a>,
    pub(super) at: Range<usize>,
}

#[derive(Debug)]
pub(super) enum TokenKind<'a> {
    StreamEnd,
    Version {
        supported: bool,
    },
    TagDirective {
        handle: &'a str,
        prefix: String,
    },
    DocumentStart,
    DocumentEnd,
    BlockSequenceStart,
    BlockMappingStart,
    BlockEnd,
    FlowSequenceStart,
    FlowSequenceEnd,
    FlowMappingStart,
    FlowMappingEnd,
    BlockEntry,
    FlowEntry,
    Key,
    Value,
    Alias(&'a str),
    Anchor(&'a str),
    /// The handle is empty for tags written out.
    Tag {
        handle: &'a str,
        suffix: String,
    },
    Scalar {
        text: Cow<'a, str>,
        style: Style,
    },
}

pub(super) type Scanned<T> = Result<T, SyntaxError>;
