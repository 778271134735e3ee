//! The objects of a file and of a repository.

use lsp_types::{DocumentSymbol, SymbolInformation, SymbolKind};

use super::view::{View, range};
use crate::neutral::one_line;
use crate::source::{FileId, Span};
use crate::yaml::{Document, Node};

/// Symbols of one answer.
const MOST: usize = 1000;

/// What a file holds.
pub(super) fn of_file(view: &View<'_>, file: FileId) -> Vec<DocumentSymbol> {
    let store = view.analysis.store();
    let lines = view.lines(file);
    let documents = store.parsed(file).documents.iter();
    let named = documents.filter_map(|document| Some((document, name(document)?)));
    let symbols = named.take(MOST).map(|(document, (name, detail, place))| {
        let whole = document.span.cover(document.root.span());
        let place = if place.file == file {
            place
        } else {
            Span::at_start(file)
        };
        #[expect(deprecated, reason = "the protocol's own field")]
        DocumentSymbol {
            name,
            detail,
            kind: SymbolKind::OBJECT,
            tags: None,
            deprecated: None,
            range: lines.range(range(whole.cover(place))),
            selection_range: lines.range(range(place)),
            children: None,
        }
    });
    symbols.collect()
}

/// The objects and variables of all files whose names hold a text.
pub(super) fn of_repository(view: &View<'_>, query: &str) -> Vec<SymbolInformation> {
    let query = query.to_lowercase();
    let store = view.analysis.store();
    let files = view.analysis.sources.iter();
    let files = files.filter(|(_, file)| !file.is_ignored() && file.path().is_manifest());
    let mut symbols = Vec::new();
    for (file, _) in files {
        for document in &store.parsed(file).documents {
            let Some((name, detail, place)) = name(document) else {
                continue;
            };
            if symbols.len() < MOST && name.to_lowercase().contains(&query) {
                symbols.extend(symbol(view, name, detail, place));
            }
        }
    }
    symbols
}

fn symbol(
    view: &View<'_>,
    name: String,
    container: Option<String>,
    place: Span,
) -> Option<SymbolInformation> {
    #[expect(deprecated, reason = "the protocol's own field")]
    Some(SymbolInformation {
        name,
        kind: SymbolKind::OBJECT,
        tags: None,
        deprecated: None,
        location: view.location(place)?,
        container_name: container,
    })
}

/// Kind and name of an object, its namespace, and where its name stands.
fn name(document: &Document) -> Option<(String, Option<String>, Span)> {
    let root = &document.root;
    let kind = root.text_at(&["kind"])?;
    let metadata = root.get("metadata");
    let name = metadata.and_then(|metadata| metadata.get("name"));
    let text = match name.and_then(Node::as_text) {
        Some(name) => format!("{kind}/{name}"),
        None => kind.to_owned(),
    };
    let place = name.or_else(|| root.get("kind")).unwrap_or(root).span();
    let namespace = metadata.and_then(|metadata| metadata.text_at(&["namespace"]));
    Some((one_line(&text), namespace.map(one_line), place))
}
