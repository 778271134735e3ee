//! The parameters that a generator of an ApplicationSet gives, and filling them into its template.

use std::collections::BTreeMap;
use std::sync::{Arc, LazyLock};

use regex::Regex;

use super::entry;
use crate::fleet::inventory::Inventory;
use crate::source::{Lookup, RepoPath};
use crate::yaml::{Entry, Kind, Node, Origin, Substitution};

/// Texts by dotted name, each with the node that states it.
#[derive(Debug, Clone, Default)]
pub(crate) struct Parameters {
    texts: BTreeMap<String, Node>,
}

/// What one generator gives: one set of parameters for each Application. Generators that ask a cluster or a service
/// give nothing.
pub(crate) fn of_generator(inventory: &Inventory, generator: &Node) -> Vec<Parameters> {
    let mut all = Vec::new();
    for element in generator
        .at(&["list", "elements"])
        .map(Node::items)
        .unwrap_or_default()
    {
        all.push(Parameters::of_map(element));
    }
    for file in generator
        .at(&["git", "files"])
        .map(Node::items)
        .unwrap_or_default()
    {
        let pattern = file.text_at(&["path"]).unwrap_or_default();
        for path in matching_files(inventory, pattern) {
            let document = inventory
                .sources
                .file_at(&path)
                .and_then(|file| inventory.documents(file).next());
            if let Some(node) = document {
                all.push(Parameters::of_map(node).with_path(&path.parent(), node));
            }
        }
    }
    for directory in generator
        .at(&["git", "directories"])
        .map(Node::items)
        .unwrap_or_default()
    {
        let is_left_out = directory.text_at(&["exclude"]) == Some("true");
        let pattern = directory.text_at(&["path"]).unwrap_or_default();
        for path in matching_directories(inventory, pattern)
            .into_iter()
            .filter(|_| !is_left_out)
        {
            all.push(Parameters::default().with_path(&path, directory));
        }
    }
    all
}

impl Parameters {
    fn of_map(map: &Node) -> Self {
        let mut parameters = Self::default();
        parameters.flatten("", map, 0);
        parameters
    }

    fn flatten(&mut self, prefix: &str, node: &Node, depth: usize) {
        for Entry { key, value } in node.entries() {
            let key = key.as_text().unwrap_or_default();
            let name = if prefix.is_empty() {
                key.to_owned()
            } else {
                format!("{prefix}.{key}")
            };
            if value.is_mapping() && depth < 16 {
                self.flatten(&name, value, depth + 1);
            } else if value.as_text().is_some() {
                self.texts.insert(name, value.clone());
            }
        }
    }

    fn with_path(mut self, path: &RepoPath, at: &Node) -> Self {
        let mut set = |name: &str, text: &str| {
            self.texts.insert(name.to_owned(), Node::string(text, at.span()));
        };
        set("path", path.as_str());
        set("path.path", path.as_str());
        set("path.basename", path.file_name());
        set(
            "path.basenameNormalized",
            &path.file_name().replace(['_', '.'], "-"),
        );
        for (at, part) in path.components().enumerate() {
            set(&format!("path[{at}]"), part);
        }
        self
    }

    /// The template with `{{name}}` and `{{ .name }}` filled in.
    pub(crate) fn fill(&self, template: &Node) -> Node {
        match template.kind() {
            Kind::Scalar(scalar) if scalar.text.contains("{{") => self.fill_text(template, &scalar.text),
            Kind::Scalar(_) => template.clone(),
            Kind::Sequence(items) => Node::sequence(
                items.iter().map(|item| self.fill(item)).collect(),
                template.origin().clone(),
            ),
            Kind::Mapping(entries) => {
                let filled = entries.iter().map(|one| match one.key.as_text() {
                    Some(text) if text.contains("{{") => {
                        let key = self.fill_text(&one.key, text);
                        entry(
                            key.as_text().unwrap_or(text),
                            self.fill(&one.value),
                            one.key.span(),
                        )
                    }
                    _ => Entry {
                        key: one.key.clone(),
                        value: self.fill(&one.value),
                    },
                });
                Node::mapping(filled.collect(), template.origin().clone())
            }
        }
    }

    fn fill_text(&self, node: &Node, text: &str) -> Node {
        static EXPRESSION: LazyLock<Option<Regex>> =
            LazyLock::new(|| Regex::new(r"\{\{-?\s*\.?([A-Za-z0-9_.\[\]-]+?)\s*-?\}\}").ok());
        let Some(expression) = EXPRESSION.as_ref() else {
            return node.clone();
        };
        let mut taken = Vec::new();
        let filled = expression.replace_all(text, |found: &regex::Captures| {
            let name = found[1].trim_start_matches("values.");
            let value = self.texts.get(name).or_else(|| self.texts.get(&found[1]));
            let unknown = value.is_none();
            taken.push(Substitution {
                variable: found[1].into(),
                expression: node.span(),
                value: value.map(Node::span),
                unknown,
                output: None,
            });
            value
                .and_then(Node::as_text)
                .map_or_else(|| found[0].to_owned(), str::to_owned)
        });
        let origin = Origin {
            span: node.span(),
            substituted: Some(Arc::from(taken)),
        };
        // The template is filled in as text, so that what was quoted loses its quotes.
        Node::plain(&*filled, origin)
    }
}

fn matching_files(inventory: &Inventory, pattern: &str) -> Vec<RepoPath> {
    let pattern: Vec<&str> = pattern.split('/').filter(|part| !part.is_empty()).collect();
    let files = inventory.live.iter().map(|file| inventory.path_of(*file));
    files
        .filter(|path| fits(&pattern, &path.components().collect::<Vec<_>>()))
        .cloned()
        .collect()
}

fn matching_directories(inventory: &Inventory, pattern: &str) -> Vec<RepoPath> {
    let mut found = vec![RepoPath::root()];
    for part in pattern.split('/').filter(|part| !part.is_empty()) {
        found = found
            .iter()
            .flat_map(|directory| {
                let names = inventory.sources.list(directory).into_iter();
                let fits = names
                    .filter(|(name, what)| matches!(what, Lookup::Directory(_)) && fits_name(part, name));
                fits.map(|(name, _)| directory.child(name)).collect::<Vec<_>>()
            })
            .collect();
    }
    found.retain(|path| !path.is_root());
    found
}

/// `**` stands for any number of directories.
fn fits(pattern: &[&str], path: &[&str]) -> bool {
    match pattern.split_first() {
        None => path.is_empty(),
        Some((&"**", rest)) => (0..=path.len()).any(|skip| fits(rest, path.get(skip..).unwrap_or_default())),
        Some((part, rest)) => path
            .split_first()
            .is_some_and(|(name, below)| fits_name(part, name) && fits(rest, below)),
    }
}

/// `*` stands for any characters of a name.
fn fits_name(pattern: &str, name: &str) -> bool {
    let mut parts = pattern.split('*');
    let Some(mut rest) = parts.next().and_then(|first| name.strip_prefix(first)) else {
        return false;
    };
    if !pattern.contains('*') {
        return rest.is_empty();
    }
    let mut last = "";
    for part in parts {
        let Some(at) = rest.find(part) else { return false };
        rest = rest.get(at + part.len()..).unwrap_or_default();
        last = part;
    }
    last.is_empty() || name.ends_with(last)
}
