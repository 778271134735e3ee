//! Where Go's YAML reader (libyaml's descendants, YAML 1.1) differs from the parser's YAML 1.2.

use memchr::memmem;

use super::locate::Locator;
use super::node::{Scalar, Tag};
use super::parse::{ParseError, ParseErrorKind};
use crate::source::Span;

/// Offsets of the characters that end a line in YAML 1.1 only, in order.
pub(super) fn line_separators(text: &str) -> Vec<usize> {
    let bytes = text.as_bytes();
    let mut found: Vec<usize> = ["\u{85}", "\u{2028}", "\u{2029}"]
        .iter()
        .flat_map(|separator| memmem::find_iter(bytes, separator.as_bytes()))
        .collect();
    found.sort_unstable();
    found
}

pub(super) fn line_separator(text: &str, locator: &Locator, at: usize) -> ParseError {
    let separator = text
        .get(at..)
        .and_then(|rest| rest.chars().next())
        .unwrap_or('\u{2028}');
    ParseError::new(
        ParseErrorKind::Dialect,
        locator.span(at..at + separator.len_utf8()),
        format!(
            "the character U+{:04X} ends a line for Kubernetes' YAML reader",
            u32::from(separator)
        ),
    )
    .help("Delete it, or write it as an escape in double quotes.")
}

/// The offset of `\/` in a double-quoted scalar: an escape of YAML 1.2 and JSON that Go's reader does not know.
pub(super) fn escaped_slash(written: &str) -> Option<usize> {
    let bytes = written.as_bytes();
    let mut at = 0;
    while let Some(found) = memchr::memchr(b'\\', bytes.get(at..)?) {
        if bytes.get(at + found + 1) == Some(&b'/') {
            return Some(at + found);
        }
        at += found + 2;
    }
    None
}

pub(super) fn escaped_slash_error(span: Span) -> ParseError {
    ParseError::new(
        ParseErrorKind::Dialect,
        span,
        "Kubernetes' YAML reader does not know the escape `\\/`",
    )
    .help("Write `/` without a backslash.")
}

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
    .help("Delete the tag, or correct the value.")
}
