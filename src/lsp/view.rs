//! A repository as a client sees it: files as URIs, places as positions.

use std::ops::Range;

use lsp_types::{Location, Uri};

use super::analysis::Analysis;
use super::client::Client;
use super::documents::Documents;
use super::position::Lines;
use super::uri;
use crate::source::{FileId, Span};

/// What an ability looks at.
#[derive(Debug, Clone, Copy)]
pub(super) struct View<'a> {
    pub(super) analysis: &'a Analysis,
    pub(super) documents: &'a Documents,
    pub(super) client: &'a Client,
}

impl<'a> View<'a> {
    /// The lines of a file, as the editor has them.
    pub(super) fn lines(&self, file: FileId) -> Lines<'a> {
        let text = self.analysis.sources.file(file).text();
        Lines::of(text.unwrap_or_default(), self.client.encoding)
    }

    /// The name of a file: that by which the client knows it, where it is open.
    pub(super) fn uri(&self, file: FileId) -> Option<Uri> {
        let path = self.analysis.path_of(file);
        match self.documents.get(&path) {
            Some(document) => Some(document.uri.clone()),
            None => uri::of_path(&path),
        }
    }

    pub(super) fn location(&self, span: Span) -> Option<Location> {
        Some(Location::new(
            self.uri(span.file)?,
            self.lines(span.file).range(range(span)),
        ))
    }
}

/// The bytes of a span.
pub(super) fn range(span: Span) -> Range<usize> {
    span.start as usize..span.end as usize
}
