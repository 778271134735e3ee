//! A repository as a client sees it: files as URIs, places as positions.

use std::collections::BTreeMap;
use std::ops::Range;

use lsp_types::{Location, Position, Uri};

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

    /// The byte at a position.
    pub(super) fn offset(&self, file: FileId, position: Position) -> usize {
        self.lines(file).offset(position)
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

    /// Many places, each file looked through once.
    pub(super) fn locations(&self, spans: impl IntoIterator<Item = Span>) -> Vec<Location> {
        let mut lines: BTreeMap<FileId, Option<(Uri, Lines<'a>)>> = BTreeMap::new();
        let mut locations = Vec::new();
        for span in spans {
            let of_file = lines
                .entry(span.file)
                .or_insert_with(|| Some((self.uri(span.file)?, self.lines(span.file))));
            if let Some((uri, lines)) = of_file {
                locations.push(Location::new(uri.clone(), lines.range(range(span))));
            }
        }
        locations
    }
}

/// The bytes of a span.
pub(super) fn range(span: Span) -> Range<usize> {
    span.start as usize..span.end as usize
}
