//! Where an expression stands in the sources.

use crate::source::{SourceMap, Span};

/// An expression in the sources.
pub(crate) struct FoundExpression {
    pub(crate) span: Span,
    /// Whether it is written exactly as printed.
    pub(crate) exact: bool,
    /// Bytes of the scalar up to its end, where the search for the next one goes on.
    pub(crate) skip: usize,
}

/// Looks for a printed expression in the bytes of a scalar, `skip` bytes from its start. The source may write it
/// otherwise: with escapes, or over several lines.
pub(crate) fn find_expression(
    sources: &SourceMap,
    scalar: Span,
    skip: usize,
    printed: &str,
) -> Option<FoundExpression> {
    let written = sources.snippet(scalar);
    let rest = written.get(skip..)?;
    let found = |start: usize, length: usize, exact: bool| FoundExpression {
        span: Span::new(
            scalar.file,
            scalar.start as usize + skip + start,
            scalar.start as usize + skip + start + length,
        ),
        exact,
        skip: skip + start + length,
    };
    if let Some(start) = rest.find(printed) {
        return Some(found(start, printed.len(), true));
    }
    let name_end = printed
        .char_indices()
        .skip(3)
        .find(|(_, c)| !c.is_alphanumeric() && *c != '_')
        .map_or(printed.len(), |(at, _)| at);
    let head = printed.get(..name_end)?;
    let start = rest.find(head)?;
    let length = rest.get(start..)?.find('}').map_or(head.len(), |brace| brace + 1);
    Some(found(start, length, false))
}
