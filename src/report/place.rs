//! Places in words, as the formats of one line per finding write them.

use crate::finding::Label;
use crate::neutral::one_line;
use crate::source::{SourceMap, Span};

/// `path:line:column` of the first byte of a span.
pub(super) fn place(sources: &SourceMap, span: Span) -> String {
    let file = sources.file(span.file);
    let at = file.line_column(span.start);
    format!("{}:{}:{}", path(sources, span), at.line, at.column)
}

/// The path of the file that a span lies in, safe to print.
pub(super) fn path(sources: &SourceMap, span: Span) -> String {
    one_line(sources.file(span.file).path().as_str())
}

/// `path:line:column: words` of a label, or the place alone where the label says nothing.
pub(super) fn labelled(sources: &SourceMap, label: &Label) -> String {
    let place = place(sources, label.span);
    if label.text.is_empty() {
        return place;
    }
    format!("{place}: {}", one_line(&label.text))
}
