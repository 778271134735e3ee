//! Tests that look at several parts of the module together.

mod embedded;
mod models;
mod parsing;
mod printing;
mod resolution;
mod robustness;
mod routes;

use super::{Kind, Node, Parsed, parse};
use crate::source::{FileId, SourceMap};

/// A file of its own, and its number.
fn file(text: &str) -> (SourceMap, FileId) {
    let sources = SourceMap::from_memory([("a.yaml", text)]);
    let id = sources.iter().next().unwrap().0;
    (sources, id)
}

fn read(text: &str) -> Parsed {
    parse(file(text).1, text)
}

/// The only document of a text without problems.
fn tree(text: &str) -> Node {
    let parsed = read(text);
    assert_eq!(parsed.errors, [], "{text:?}");
    assert_eq!(parsed.documents.len(), 1, "{text:?}");
    parsed.documents[0].root.clone()
}

/// One line per value, in order: route, bytes under the span, text.
fn outline(text: &str) -> Vec<String> {
    fn visit(route: &str, node: &Node, text: &str, lines: &mut Vec<String>) {
        let under = text.get(node.span().range()).unwrap_or("<outside>");
        match node.kind() {
            Kind::Scalar(scalar) => lines.push(format!("{route} {under:?} {:?}", scalar.text)),
            Kind::Sequence(items) => {
                lines.push(format!("{route}[] {under:?}"));
                for (at, item) in items.iter().enumerate() {
                    visit(&format!("{route}[{at}]"), item, text, lines);
                }
            }
            Kind::Mapping(entries) => {
                lines.push(format!("{route}{{}} {under:?}"));
                for entry in entries {
                    let key = &entry.key.as_scalar().unwrap().text;
                    assert_eq!(&text[entry.key.span().range()].trim_matches(['"', '\'']), &&**key);
                    visit(&format!("{route}.{key}"), &entry.value, text, lines);
                }
            }
        }
    }
    let mut lines = Vec::new();
    for document in read(text).documents {
        visit("", &document.root, text, &mut lines);
    }
    lines
}
