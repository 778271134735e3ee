//! After every transformer each value still points at the bytes that gave it.
//!
//! Runs when `MESHLINT_CORPUS` names a directory of repositories. Every directory with a kustomization is built, and every
//! scalar of every object must be found in the bytes under its span, or these in it (a prefixed name, an image with a
//! new tag).

#![allow(clippy::unwrap_used, clippy::print_stdout)]

mod common;

use std::collections::BTreeMap;

use meshlint::kustomize::{BuildOptions, Builder, Object, Overlay};
use meshlint::source::{RepoPath, SourceMap};
use meshlint::yaml::{Kind, Node, Store};

#[test]
#[cfg_attr(not(meshlint_corpus), ignore = "MESHLINT_CORPUS is not set")]
fn values_stand_where_they_say() {
    let mut strays = BTreeMap::new();
    let mut checked = 0;
    for repository in common::corpus() {
        let sources = SourceMap::open(&repository).unwrap();
        let store = Store::new(&sources);
        let builder = Builder::new(&store);
        let options = BuildOptions::flux(RepoPath::root(), Overlay::default());
        for file in sources.files() {
            if !file.path().file_name().starts_with("kustomization.y") {
                continue;
            }
            for object in &builder.build(&file.path().parent(), &options).objects {
                let mut route = Vec::new();
                let mut walk = Walk {
                    sources: &sources,
                    object,
                    checked: &mut checked,
                    strays: &mut strays,
                };
                walk.node(&object.node, &mut route);
            }
        }
    }
    for (route, example) in strays.iter().take(200) {
        println!("{route}: {example}");
    }
    println!("{checked} scalars, {} routes with strays", strays.len());
    assert!(checked > 0 && strays.is_empty());
}

struct Walk<'a> {
    sources: &'a SourceMap,
    object: &'a Object,
    checked: &'a mut usize,
    strays: &'a mut BTreeMap<String, String>,
}

impl Walk<'_> {
    fn node(&mut self, node: &Node, route: &mut Vec<String>) {
        match node.kind() {
            Kind::Scalar(scalar) => {
                *self.checked += 1;
                let bytes = self.sources.snippet(node.span());
                if !is_found(&scalar.text, bytes) && !self.is_generated(route) {
                    let file = self.sources.file(node.span().file);
                    let line = file.line_column(node.span().start).line;
                    let shown: String = bytes.chars().take(60).collect();
                    let route = format!("{} {}", self.object.kind(), route.join("."));
                    let text: String = scalar.text.chars().take(60).collect();
                    self.strays
                        .entry(route)
                        .or_insert_with(|| format!("`{text}` but `{shown}` at {}:{line}", file.path()));
                }
            }
            Kind::Sequence(items) => {
                for item in items {
                    self.node(item, route);
                }
            }
            Kind::Mapping(entries) => {
                for entry in entries {
                    let key = entry.key.as_scalar().unwrap();
                    route.push(key.text.to_string());
                    self.node(&entry.value, route);
                    route.pop();
                }
            }
        }
    }

    /// What a generator makes of itself: kind and version, a Secret's encoded data, build metadata.
    fn is_generated(&self, route: &[String]) -> bool {
        let is_made = matches!(self.object.kind(), "ConfigMap" | "Secret");
        match route {
            [field] => is_made && matches!(field.as_str(), "apiVersion" | "kind" | "type" | "immutable"),
            [data, _] => is_made && matches!(data.as_str(), "data" | "binaryData"),
            [_, _, annotation] => annotation == "config.kubernetes.io/origin",
            _ => false,
        }
    }
}

/// Whether the text is in the bytes, or the other way round, whatever the quotes and line breaks. A text that `vars` became
/// part of points at its template.
fn is_found(text: &str, bytes: &str) -> bool {
    if bytes.contains("$(") {
        return true;
    }
    let unescaped = bytes
        .starts_with('"')
        .then(|| bytes.replace("\\n", "").replace("\\t", ""));
    let bytes = unescaped.as_deref().unwrap_or(bytes);
    let bare = |text: &str| -> String {
        text.chars()
            .filter(|c| !c.is_whitespace() && !matches!(c, '"' | '\'' | '\\' | '|' | '>' | '-' | '+'))
            .collect()
    };
    let (text, bytes) = (bare(text), bare(bytes));
    bytes.contains(&text) || text.contains(&bytes)
}
