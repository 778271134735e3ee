//! What the grammar allows, but Go's packages or kustomize refuse.

use std::ops::Range;

use super::node::{Node, Scalar, Tag};
use super::parse_error::{ParseError, ParseErrorKind};
use crate::source::Span;

pub(super) fn tag_error(scalar: &Scalar, span: Span) -> ParseError {
    let tag = match &scalar.tag {
        Some(Tag::Int) => "!!int",
        Some(Tag::Float) => "!!float",
        Some(Tag::Bool) => "!!bool",
        Some(Tag::Null) => "!!null",
        _ => "!!binary",
    };
    ParseError::new(
        ParseErrorKind::Dialect,
        span,
        format!("the value is not what its tag `{tag}` says"),
    )
    .help("delete the tag, or correct the value")
}

/// What stands behind a `---` other than a comment. kustomize cuts files at such lines and refuses to
/// (`splitDocuments` in kyaml's `kio/byteio_reader.go`); in front of the first document it does not look.
pub(super) fn behind_separator(text: &str, separator: Range<usize>) -> Option<Range<usize>> {
    if separator.start == 0 || !text.get(separator.clone())?.ends_with("---") {
        return None;
    }
    let line = text.get(separator.end..)?.split('\n').next()?;
    let content = line.trim();
    if content.is_empty() || content.starts_with('#') || separator.end + line.len() == text.len() {
        return None;
    }
    let start = separator.end + (line.len() - line.trim_start().len());
    Some(start..start + content.len())
}

pub(super) fn behind_separator_error(span: Span) -> ParseError {
    ParseError::new(
        ParseErrorKind::Dialect,
        span,
        "kustomize allows nothing but a comment behind `---`",
    )
    .help("begin the document on the line below")
}

pub(super) fn key_error(key: &Node) -> ParseError {
    let error = |message| ParseError::new(ParseErrorKind::Dialect, key.span(), message);
    // `name: {{ x }}` is a map whose key is a map with the key `x`.
    match key.entries() {
        [only] if only.value.is_null() => error("a template expression stands here without quotes")
            .help("put the whole value in quotes: YAML reads `{{` as the begin of two maps"),
        _ => error("a list or map stands where a key is expected")
            .help("put the key in quotes if it begins with `[` or `{`"),
    }
}
