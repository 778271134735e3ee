//! The file that `openapi.path` names: definitions of custom kinds, as kyaml's `openapi/openapi.go` reads them.

use std::collections::BTreeMap;

use crate::kustomize::files::loader::errors_of_settings;
use crate::source::Span;

use crate::yaml::{Kind, Node, Parsed, Resolved, Schema};

/// A schema deeper than this was not written by anybody.
const MAX_DEPTH: usize = 256;

/// What kustomize cannot read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Flaw {
    pub(crate) span: Span,
    pub(crate) message: String,
}

/// The definitions of one file.
#[derive(Debug, Default)]
pub(crate) struct CustomSchema {
    definitions: BTreeMap<String, Node>,
    /// Names of definitions by `apiVersion` and kind.
    kinds: BTreeMap<(String, String), String>,
    /// Whether kinds are cluster-scoped, by `apiVersion` and kind.
    scopes: BTreeMap<(String, String), bool>,
    /// Why the file cannot be used. kustomize notices when it first needs it.
    pub(crate) flaw: Option<Flaw>,
}

/// A place within a definition.
#[derive(Debug, Clone, Copy)]
pub(crate) struct CustomPlace<'s>(&'s Node);

impl CustomSchema {
    /// Reads a file; `start` is its beginning.
    pub(crate) fn read(parsed: &Parsed, text: &str, start: Span) -> Self {
        match Self::indexed(parsed, text, start) {
            Ok(schema) => schema,
            Err(flaw) => Self {
                flaw: Some(flaw),
                ..Self::default()
            },
        }
    }

    fn indexed(parsed: &Parsed, text: &str, start: Span) -> Result<Self, Flaw> {
        let flaw = |span: Span, message: &str| {
            Err(Flaw {
                span,
                message: message.to_owned(),
            })
        };
        // What begins as JSON is decoded as JSON, which is stricter in its form and takes no key twice.
        let is_json = text.starts_with('{');
        let error = match is_json {
            true => parsed.errors.first(),
            false => errors_of_settings(parsed).next(),
        };
        if let Some(error) = error {
            return flaw(error.span, &error.message);
        }
        if is_json && serde_json::from_str::<serde::de::IgnoredAny>(text).is_err() {
            return flaw(start, "it begins with a brace, but is no JSON");
        }
        let mut schema = Self::default();
        match parsed.root() {
            Some(root) => schema.index(root)?,
            None if text.is_empty() => return flaw(start, "it holds nothing"),
            None => {}
        }
        Ok(schema)
    }

    fn index(&mut self, root: &Node) -> Result<(), Flaw> {
        expect(root, root.is_mapping(), "the schema is no map")?;
        if let Some(version) = stated(root, "swagger") {
            expect(version, is_string(version), "`swagger` is no text")?;
        }
        if let Some(info) = stated(root, "info") {
            expect(info, info.is_mapping(), "`info` is no map")?;
        }
        if let Some(definitions) = stated(root, "definitions") {
            expect(definitions, definitions.is_mapping(), "`definitions` is no map")?;
            for entry in definitions.entries() {
                check(&entry.value, 0)?;
                let name = entry.key.as_text().unwrap_or_default();
                self.definitions.insert(name.to_owned(), entry.value.clone());
                for said in entry
                    .value
                    .get(GROUP_VERSION_KIND)
                    .map(Node::items)
                    .unwrap_or_default()
                {
                    if let Some(kind) = kind_of(said)? {
                        self.kinds.insert(kind, name.to_owned());
                    }
                }
            }
        }
        if let Some(paths) = stated(root, "paths") {
            expect(paths, paths.is_mapping(), "`paths` is no map")?;
            for entry in paths.entries() {
                let item = &entry.value;
                expect(item, item.is_mapping() || item.is_null(), "a path is no map")?;
                let said = item.at(&["get", GROUP_VERSION_KIND]);
                let Some(kind) = said.map(kind_of).transpose()?.flatten() else {
                    continue;
                };
                let path = entry.key.as_text().unwrap_or_default();
                if path.contains("namespaces/{namespace}") {
                    self.scopes.insert(kind, false);
                } else {
                    self.scopes.entry(kind).or_insert(true);
                }
            }
        }
        Ok(())
    }

    /// The definition of a kind.
    pub(crate) fn type_of(&self, api_version: &str, kind: &str) -> Option<CustomPlace<'_>> {
        let name = self.kinds.get(&(api_version.to_owned(), kind.to_owned()))?;
        self.definition(name)
    }

    /// The definition of that name.
    pub(crate) fn definition(&self, name: &str) -> Option<CustomPlace<'_>> {
        self.definitions.get(name).map(CustomPlace)
    }

    /// Whether `paths` has the kind without namespaces.
    pub(crate) fn is_cluster_scoped(&self, api_version: &str, kind: &str) -> bool {
        self.scopes.get(&(api_version.to_owned(), kind.to_owned())) == Some(&true)
    }
}

impl<'s> CustomPlace<'s> {
    /// The name of the definition that stands here instead, and the way from there.
    pub(crate) fn reference(self) -> Option<(String, Vec<String>)> {
        let reference = self.0.text_at(&["$ref"]).filter(|text| !text.is_empty())?;
        let unescaped = |part: &str| part.replace("~1", "/").replace("~0", "~");
        // What leads elsewhere is found nowhere: a name that no definition has.
        let mut parts = reference
            .strip_prefix("#/definitions/")
            .unwrap_or_default()
            .split('/')
            .map(unescaped);
        Some((parts.next().unwrap_or_default(), parts.collect()))
    }

    /// What stands further down.
    pub(crate) fn below(self, way: &[String]) -> Option<Self> {
        way.iter()
            .try_fold(self.0, |node, part| node.get(part))
            .map(CustomPlace)
    }

    /// A field of a map.
    pub(crate) fn field(self, name: &str) -> Option<Self> {
        let property = stated(self.0, "properties").and_then(|properties| properties.get(name));
        property
            .or_else(|| stated(self.0, "additionalProperties").filter(|node| node.is_mapping()))
            .map(CustomPlace)
    }

    /// The elements of a list.
    pub(crate) fn elements(self) -> Option<Self> {
        let kind = self.0.get("type")?;
        let is_list = match kind.items() {
            [] => kind.as_text() == Some("array"),
            [only] => only.as_text() == Some("array"),
            _ => false,
        };
        stated(self.0, "items")
            .filter(|items| is_list && items.is_mapping())
            .map(CustomPlace)
    }

    /// The keys that a list merges by; `None` when it is replaced.
    pub(super) fn merge_keys(self) -> Option<Vec<&'s str>> {
        let strategy = self.0.text_at(&[PATCH_STRATEGY])?;
        if !strategy.split(',').any(|one| one == "merge") {
            return None;
        }
        if let Some(keys) = self.0.get(LIST_MAP_KEYS) {
            return Some(keys.items().iter().filter_map(Node::as_text).collect());
        }
        Some(self.0.text_at(&[MERGE_KEY]).into_iter().collect())
    }
}

const GROUP_VERSION_KIND: &str = "x-kubernetes-group-version-kind";
const PATCH_STRATEGY: &str = "x-kubernetes-patch-strategy";
const MERGE_KEY: &str = "x-kubernetes-patch-merge-key";
const LIST_MAP_KEYS: &str = "x-kubernetes-list-map-keys";

fn stated<'n>(node: &'n Node, field: &str) -> Option<&'n Node> {
    node.get(field).filter(|value| !value.is_null())
}

fn is_string(node: &Node) -> bool {
    matches!(node.resolve(Schema::Kubernetes), Some(Resolved::Str(_)))
}

fn expect(node: &Node, holds: bool, message: &str) -> Result<(), Flaw> {
    if holds {
        return Ok(());
    }
    Err(Flaw {
        span: node.span(),
        message: message.to_owned(),
    })
}

/// `apiVersion` and kind of one item of `x-kubernetes-group-version-kind`. kustomize panics without version or kind.
fn kind_of(said: &Node) -> Result<Option<(String, String)>, Flaw> {
    if !said.is_mapping() {
        return Ok(None);
    }
    let text = |field: &str| said.get(field).and_then(Node::as_text);
    let (Some(version), Some(kind)) = (text("version"), text("kind")) else {
        return Err(Flaw {
            span: said.span(),
            message: format!("`{GROUP_VERSION_KIND}` lacks a version or a kind"),
        });
    };
    let api_version = match text("group").filter(|group| !group.is_empty()) {
        Some(group) => format!("{group}/{version}"),
        None => version.to_owned(),
    };
    Ok(Some((api_version, kind.to_owned())))
}

/// Whether a definition, and all within it, has the form that kustomize decodes.
fn check(node: &Node, depth: usize) -> Result<(), Flaw> {
    if node.is_null() {
        return Ok(());
    }
    expect(node, node.is_mapping(), "a definition is no map")?;
    expect(node, depth < MAX_DEPTH, "the schema is nested too deep")?;
    if let Some(properties) = stated(node, "properties") {
        expect(properties, properties.is_mapping(), "`properties` is no map")?;
        for entry in properties.entries() {
            check(&entry.value, depth + 1)?;
        }
    }
    if let Some(items) = stated(node, "items") {
        match items.kind() {
            Kind::Mapping(_) => check(items, depth + 1)?,
            Kind::Sequence(all) => {
                for one in all {
                    check(one, depth + 1)?;
                }
            }
            Kind::Scalar(_) => {}
        }
    }
    if let Some(additional) = stated(node, "additionalProperties") {
        if additional.is_mapping() {
            check(additional, depth + 1)?;
        } else {
            let is_bool = additional.as_bool().is_some();
            expect(
                additional,
                is_bool,
                "`additionalProperties` is neither a map nor a boolean",
            )?;
        }
    }
    if let Some(kind) = stated(node, "type") {
        let known = is_string(kind) || kind.is_sequence() && kind.items().iter().all(is_string);
        expect(kind, known, "`type` is neither a text nor a list of texts")?;
    }
    for field in ["description", "title", "format", "pattern"] {
        if let Some(value) = stated(node, field) {
            expect(value, is_string(value), &format!("`{field}` is no text"))?;
        }
    }
    if let Some(keys) = node
        .get(LIST_MAP_KEYS)
        .filter(|_| node.get(PATCH_STRATEGY).is_some())
    {
        let names = keys.is_sequence() && keys.items().iter().all(|key| key.as_text().is_some());
        expect(keys, names, "`x-kubernetes-list-map-keys` is no list of names")?;
    }
    if let Some(required) = stated(node, "required") {
        expect(required, required.is_sequence(), "`required` is no list")?;
    }
    for field in [PATCH_STRATEGY, MERGE_KEY] {
        if let Some(value) = node.get(field) {
            expect(value, is_string(value), "a merge strategy or key is no text")?;
        }
    }
    Ok(())
}
