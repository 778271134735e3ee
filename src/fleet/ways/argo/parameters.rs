//! Parameters of an ApplicationSet, and filling them into its template.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use regex::Regex;

use crate::source::{RepoPath, SourceMap, Span};
use crate::template::go;
use crate::template::written::Written;
use crate::yaml::{Entry, Kind, Node, Substitution, embedded_places};

/// Texts by dotted name, each with the node that states it, and all of them as the tree that Go templates see.
#[derive(Debug, Clone, Default)]
pub(super) struct Parameters {
    texts: BTreeMap<String, Node>,
    tree: Option<Node>,
}

impl Parameters {
    /// Those of a map.
    pub(super) fn of_map(map: &Node) -> Self {
        let mut parameters = Self {
            texts: BTreeMap::new(),
            tree: Some(map.clone()),
        };
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

    /// With those that a file or directory in Git gives of its path.
    pub(super) fn with_path(mut self, path: &RepoPath, file: Option<&str>, at: Span) -> Self {
        let text = |text: &str| Node::string(text, at);
        let normalized = path.file_name().replace(['_', '.'], "-");
        let mut set = |name: &str, value: &str| {
            self.texts.insert(name.to_owned(), text(value));
        };
        set("path", path.as_str());
        set("path.path", path.as_str());
        set("path.basename", path.file_name());
        set("path.basenameNormalized", &normalized);
        for (at, part) in path.components().enumerate() {
            set(&format!("path[{at}]"), part);
        }
        let entry = |key: &str, value: Node| Entry {
            key: text(key),
            value,
        };
        let mut about = vec![
            entry("path", text(path.as_str())),
            entry("basename", text(path.file_name())),
            entry("basenameNormalized", text(&normalized)),
            entry(
                "segments",
                Node::sequence(path.components().map(text).collect(), at),
            ),
        ];
        about.extend(file.map(|file| entry("filename", text(file))));
        self.put("path", Node::mapping(about, at), at);
        self
    }

    fn put(&mut self, key: &str, value: Node, at: Span) {
        let tree = self.tree.get_or_insert_with(|| Node::mapping(Vec::new(), at));
        tree.set(Node::string(key, at), value);
    }

    /// With a parameter more.
    pub(super) fn with(mut self, name: &str, value: Node) -> Self {
        let at = value.span();
        self.texts.insert(name.to_owned(), value.clone());
        self.put(name, value, at);
        self
    }

    /// With those of another generator, which win.
    pub(super) fn and(&self, other: &Self) -> Self {
        let mut both = self.clone();
        both.texts.extend(other.texts.clone());
        for entry in other.tree.iter().flat_map(Node::entries) {
            let key = entry.key.as_text().unwrap_or_default().to_owned();
            both.put(&key, entry.value.clone(), entry.key.span());
        }
        both
    }

    /// A text by its dotted name.
    pub(super) fn text(&self, name: &str) -> Option<&str> {
        self.texts.get(name).and_then(Node::as_text)
    }

    /// Whether both say the same under these names.
    pub(super) fn agrees(&self, other: &Self, names: &[&str]) -> bool {
        names
            .iter()
            .all(|name| self.text(name).is_some() && self.text(name) == other.text(name))
    }

    /// The name of the cluster that these are about, as far as their own names tell.
    pub(super) fn cluster(&self) -> Option<&str> {
        const NAMES: [&str; 8] = [
            "cluster",
            "clusterName",
            "cluster_name",
            "cluster.name",
            "name",
            "env",
            "environment",
            "path.basename",
        ];
        NAMES.iter().find_map(|name| self.text(name))
    }

    /// The template with its expressions filled in. Text stays text, as it does in Argo CD, but for `values` of `helm`, which are
    /// read as YAML afterwards.
    pub(super) fn fill(&self, sources: &SourceMap, template: &Node) -> Node {
        self.fill_below(sources, template, "")
    }

    /// The first document of a text, filled in; `None` where that is not possible.
    pub(super) fn document(&self, sources: &SourceMap, text: &Node) -> Option<Node> {
        let written = self.written(sources, text, text.as_text()?);
        written.documents()?.into_iter().next()
    }

    fn fill_below(&self, sources: &SourceMap, template: &Node, key: &str) -> Node {
        match template.kind() {
            Kind::Scalar(scalar) if scalar.text.contains("{{") => {
                let written = self.written(sources, template, &scalar.text);
                let values = (key == "values" && scalar.text.contains('\n')).then(|| written.documents());
                match values.flatten().map(|documents| documents.into_iter().next()) {
                    Some(Some(values)) if values.is_mapping() => values,
                    _ => written.text_scalar(template.span()),
                }
            }
            Kind::Scalar(_) => template.clone(),
            Kind::Sequence(items) => Node::sequence(
                items
                    .iter()
                    .map(|item| self.fill_below(sources, item, ""))
                    .collect(),
                template.origin().clone(),
            ),
            Kind::Mapping(entries) => {
                let filled = entries.iter().map(|one| {
                    let key = one.key.as_text().unwrap_or_default();
                    let filled = match key.contains("{{") {
                        true => self.written(sources, &one.key, key).text_scalar(one.key.span()),
                        false => one.key.clone(),
                    };
                    Entry {
                        value: self.fill_below(sources, &one.value, key),
                        key: filled,
                    }
                });
                Node::mapping(filled.collect(), template.origin().clone())
            }
        }
    }

    fn written(&self, sources: &SourceMap, node: &Node, text: &str) -> Written {
        static ACTION: LazyLock<Option<Regex>> = LazyLock::new(|| Regex::new(r"(?s)\{\{.*?\}\}").ok());
        let places = embedded_places(node, sources);
        let place = |range: std::ops::Range<usize>| places(range).span;
        let dot = self
            .tree
            .clone()
            .unwrap_or_else(|| Node::mapping(Vec::new(), node.span()));
        if is_control(text)
            && let Some(written) = go::fill(text, &dot, None, &place)
        {
            return written;
        }
        let mut written = Written::of(node.span());
        let mut at = 0;
        for found in ACTION.iter().flat_map(|regex| regex.find_iter(text)) {
            written.copy_lines(text, at..found.start(), &place);
            self.action(&mut written, found.as_str(), place(found.range()), &dot);
            at = found.end();
        }
        written.copy_lines(text, at..text.len(), &place);
        written
    }

    /// One expression: a name, or what Go makes of it.
    fn action(&self, written: &mut Written, action: &str, expression: Span, dot: &Node) {
        let name = action.trim_matches(['{', '}', '-', ' ']).trim_start_matches('.');
        let value = self
            .texts
            .get(name)
            .or_else(|| self.texts.get(name.trim_start_matches("values.")));
        if let Some(value) = value {
            let taken = Substitution {
                variable: name.into(),
                expression,
                value: Some(value.origin().edit_span()),
                unknown: value.origin().is_unknown(),
                output: None,
            };
            return written.fill(value.as_text().unwrap_or_default(), expression, vec![taken]);
        }
        let filled = go::fill(action, dot, None, &|_| expression);
        match filled.filter(|filled| !filled.text.is_empty()) {
            Some(filled) => {
                let origin = filled.scalar(expression).origin().clone();
                let taken = origin.substituted.map(|taken| taken.to_vec()).unwrap_or_default();
                written.fill(&filled.text, expression, taken);
            }
            None => {
                let taken = Substitution {
                    variable: name.into(),
                    expression,
                    value: None,
                    unknown: true,
                    output: None,
                };
                written.fill("unknown", expression, vec![taken]);
            }
        }
    }
}

/// Whether the expressions of a text only make sense together, or print more than a text.
fn is_control(text: &str) -> bool {
    static CONTROL: LazyLock<Option<Regex>> =
        LazyLock::new(|| Regex::new(r"\{\{-?\s*(?:if|range|with|end|else|\$\w*\s*:?=)|\btoYaml\b").ok());
    CONTROL.as_ref().is_some_and(|regex| regex.is_match(text))
}
