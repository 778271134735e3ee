//! Places, as the JSON of the commands has them.

use serde::Serialize;

use crate::source::{SourceMap, Span};

/// A file with line and column, both from 1.
#[derive(Debug, Serialize)]
pub(super) struct Place {
    path: String,
    line: usize,
    column: usize,
}

impl Place {
    /// Where a span begins.
    pub(super) fn of(sources: &SourceMap, span: Span) -> Self {
        let file = sources.file(span.file);
        let at = file.line_column(span.start);
        Self {
            path: file.path().to_string(),
            line: at.line,
            column: at.column,
        }
    }
}
