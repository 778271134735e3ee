//! The two trees that are compared, and places in them.

use crate::fleet::Fleet;
use crate::mesh::Mesh;
use crate::source::{FileId, SourceMap, Span};
use crate::yaml::{Document, Store};

/// A tree of files with all that becomes of it.
#[derive(Debug, Clone, Copy)]
pub struct Tree<'a> {
    /// The files.
    pub store: &'a Store<'a>,
    /// The rendered clusters.
    pub fleet: &'a Fleet,
    /// What they say of themselves as members of a mesh.
    pub mesh: &'a Mesh<'a>,
}

impl<'a> Tree<'a> {
    /// The files.
    pub fn sources(&self) -> &'a SourceMap {
        self.store.sources()
    }

    /// The text at a place.
    pub(super) fn text_at(&self, span: Span) -> Option<&'a str> {
        let text = self.sources().file(span.file).text().ok()?;
        text.get(span.start as usize..span.end as usize)
    }
}

/// The document of a file that holds those bytes.
pub(crate) fn document_at<'a>(store: &'a Store<'_>, span: Span) -> Option<&'a Document> {
    let documents = &store.parsed(span.file).documents;
    let later = documents.partition_point(|document| document.span.end < span.end);
    let mut near = documents.iter().skip(later).take(2);
    near.find(|document| document.span.start <= span.start && span.end <= document.span.end)
}

/// One of the two trees.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Side {
    /// What the change began from.
    Before,
    /// What it leads to.
    After,
}

/// A place in one of the trees.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Spot {
    /// Which tree.
    pub side: Side,
    /// The bytes.
    pub span: Span,
}

impl Spot {
    /// The file.
    pub fn file(&self) -> FileId {
        self.span.file
    }
}
