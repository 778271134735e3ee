//! `configMapGenerator` and `secretGenerator` (api `internal/generators`, `kv/kv.go`).

use std::collections::HashMap;

use base64::Engine;
use base64::prelude::BASE64_STANDARD;

use super::kv::{self, Pair};
use crate::kustomize::files::loader::{Loader, Target};
use crate::kustomize::model::{Opaque, Problem, ProblemKind};
use crate::kustomize::resources::nodes;
use crate::kustomize::resources::report::Report;
use crate::kustomize::resources::resource::{Behavior, Resource};
use crate::source::{FileId, Span};
use crate::yaml::{Entry, Kind, Node, Origin, Scalar, Style, Tag};

/// Which kind of object is generated.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Generated {
    /// `configMapGenerator`
    ConfigMap,
    /// `secretGenerator`
    Secret,
}

impl Generated {
    fn kind(self) -> &'static str {
        match self {
            Self::ConfigMap => "ConfigMap",
            Self::Secret => "Secret",
        }
    }

    /// The name of the plugin.
    pub(crate) fn plugin(self) -> &'static str {
        match self {
            Self::ConfigMap => "ConfigMapGenerator",
            Self::Secret => "SecretGenerator",
        }
    }
}

/// Makes the object that one item asks for. `options` are the kustomization's `generatorOptions`.
pub(crate) fn generate(
    what: Generated,
    item: &Node,
    options: Option<&Node>,
    loader: &Loader<'_>,
    report: &mut Report,
) -> Option<Resource> {
    let options = Options::merged(item.get("options"), options);
    let Some(name) = item
        .get("name")
        .filter(|name| nodes::nonempty(Some(name)).is_some())
    else {
        report.fail(
            item.span(),
            format!(
                "a {} generator needs a name: a configmap must have a name",
                what.kind()
            ),
            "has no `name`",
        );
        return None;
    };
    let origin = item.origin();
    let mut metadata = Node::mapping(Vec::new(), origin.clone());
    set(&mut metadata, "name", name.clone());
    if let Some(namespace) = item
        .get("namespace")
        .filter(|it| nodes::nonempty(Some(it)).is_some())
    {
        set(&mut metadata, "namespace", namespace.clone());
    }
    options.add_to(&mut metadata, origin);
    let mut object = Node::mapping(Vec::new(), origin.clone());
    set(&mut object, "apiVersion", Node::string("v1", origin.clone()));
    set(&mut object, "kind", Node::string(what.kind(), origin.clone()));
    set(&mut object, "metadata", metadata);
    if what == Generated::Secret {
        let given = item.get("type").filter(|it| nodes::nonempty(Some(it)).is_some());
        let kind = given
            .cloned()
            .unwrap_or_else(|| Node::string("Opaque", origin.clone()));
        set(&mut object, "type", kind);
    }
    let pairs = Sources { item, loader, report }.pairs();
    add_data(&mut object, what, without_repeats(item, pairs, report));
    if let Some(immutable) = &options.immutable {
        let scalar = Scalar {
            text: "true".into(),
            style: Style::Plain,
            tag: Some(Tag::Bool),
        };
        set(
            &mut object,
            "immutable",
            Node::new(Kind::Scalar(scalar), immutable.clone()),
        );
    }
    let mut resource = Resource::new(object, item.span());
    resource.needs_hash = !options.disable_hash;
    resource.behavior = match nodes::text(item.get("behavior")) {
        Some("merge") => Behavior::Merge,
        Some("replace") => Behavior::Replace,
        _ => Behavior::Create,
    };
    Some(resource)
}

fn set(node: &mut Node, key: &str, value: Node) {
    let key = Node::string(key, value.origin().clone());
    node.set(key, value);
}

/// The item's options with the kustomization's: labels and annotations fill in, switches can only be switched on.
struct Options {
    labels: Vec<Entry>,
    annotations: Vec<Entry>,
    disable_hash: bool,
    immutable: Option<Origin>,
}

impl Options {
    fn merged(own: Option<&Node>, global: Option<&Node>) -> Self {
        let both = [own, global];
        let switch = |key: &str| {
            both.into_iter()
                .flatten()
                .filter_map(|options| options.get(key))
                .find(|value| value.as_bool() == Some(true))
        };
        let entries = |key: &str| {
            let mut merged: Vec<Entry> = Vec::new();
            for entry in both
                .into_iter()
                .flatten()
                .filter_map(|o| o.get(key))
                .flat_map(Node::entries)
            {
                let is_there = |known: &Entry| known.key.as_text() == entry.key.as_text();
                if !merged.iter().any(is_there) {
                    merged.push(entry.clone());
                }
            }
            merged
        };
        Self {
            labels: entries("labels"),
            annotations: entries("annotations"),
            disable_hash: switch("disableNameSuffixHash").is_some(),
            immutable: switch("immutable").map(|value| value.origin().clone()),
        }
    }

    fn add_to(&self, metadata: &mut Node, origin: &Origin) {
        for (field, entries) in [("labels", &self.labels), ("annotations", &self.annotations)] {
            if entries.is_empty() {
                continue;
            }
            let entries = entries.iter().map(|entry| Entry {
                key: entry.key.clone(),
                value: as_text(&entry.value),
            });
            let map = Node::mapping(entries.collect(), origin.clone());
            metadata.set(Node::string(field, origin.clone()), map);
        }
    }
}

fn as_text(value: &Node) -> Node {
    let text = value.as_scalar().map_or("", |scalar| &*scalar.text);
    Node::string(text, value.origin().clone())
}

/// Reads the pairs of one item: env files first, then literals, then files.
struct Sources<'a, 's> {
    item: &'a Node,
    loader: &'a Loader<'s>,
    report: &'a mut Report,
}

impl<'s> Sources<'_, 's> {
    fn pairs(mut self) -> Vec<Pair> {
        let mut pairs = Vec::new();
        let mut envs = self.list("envs");
        envs.extend(
            self.item
                .get("env")
                .filter(|env| nodes::nonempty(Some(env)).is_some())
                .cloned(),
        );
        for source in envs {
            self.env(&source, &mut pairs);
        }
        for source in self.list("literals") {
            self.literal(&source, &mut pairs);
        }
        for source in self.list("files") {
            self.file(&source, &mut pairs);
        }
        pairs
    }

    fn list(&self, key: &str) -> Vec<Node> {
        self.item.get(key).map(Node::items).unwrap_or_default().to_vec()
    }

    fn literal(&mut self, source: &Node, pairs: &mut Vec<Pair>) {
        let text = nodes::text(Some(source)).unwrap_or_default();
        match kv::parse_literal(text) {
            Some((key, value)) => pairs.push(Pair {
                key: key.to_owned(),
                value: value.as_bytes().to_vec(),
                origin: source.origin().clone(),
            }),
            None => self.report.fail(
                source.span(),
                format!("invalid literal source `{text}`, expected key=value"),
                "not of the form `key=value`",
            ),
        }
    }

    fn env(&mut self, source: &Node, pairs: &mut Vec<Pair>) {
        let Some((file, content)) = self.read(source, nodes::text(Some(source)).unwrap_or_default()) else {
            return;
        };
        match kv::parse_env(content) {
            Ok(lines) => pairs.extend(lines.into_iter().map(|line| Pair {
                key: line.key.to_owned(),
                value: line.value.as_bytes().to_vec(),
                origin: Origin::at(Span::new(file, line.start, line.start + line.len)),
            })),
            Err(at) => self.report.push(
                Problem::new(
                    ProblemKind::Failure,
                    Span::new(file, at, at + 1),
                    "a line of an env file has invalid utf8 bytes",
                    "not UTF-8",
                )
                .related(source.span(), "read here"),
            ),
        }
    }

    fn file(&mut self, source: &Node, pairs: &mut Vec<Pair>) {
        let text = nodes::text(Some(source)).unwrap_or_default();
        let (key, path) = match kv::parse_file_source(text) {
            Ok(split) => split,
            Err(reason) => {
                self.report
                    .fail(source.span(), reason, "not of the form `key=path`");
                return;
            }
        };
        if let Some((file, content)) = self.read(source, path) {
            pairs.push(Pair {
                key: key.to_owned(),
                value: content.to_vec(),
                origin: Origin::at(Span::new(file, 0, content.len())),
            });
        }
    }

    fn read(&mut self, source: &Node, path: &str) -> Option<(FileId, &'s [u8])> {
        let found = self.loader.file(path).and_then(|target| match target {
            Target::File(file) => self
                .loader
                .bytes_to_generate(file)
                .map(|bytes| Some((file, bytes))),
            Target::Directory(_) | Target::Remote => Ok(None),
        });
        match found {
            Ok(Some(found)) => Some(found),
            Ok(None) => {
                self.report.opaque.push(Opaque {
                    origin: source.origin().clone(),
                    address: path.to_owned(),
                    directory: self.loader.directory.clone(),
                });
                None
            }
            Err(error) => {
                self.report.push(error.problem(source.span(), ""));
                None
            }
        }
    }
}

/// Leaves out pairs whose key was there before, and says so.
fn without_repeats(item: &Node, pairs: Vec<Pair>, report: &mut Report) -> Vec<Pair> {
    let mut kept: Vec<Pair> = Vec::with_capacity(pairs.len());
    let mut positions: HashMap<String, usize> = HashMap::new();
    for pair in pairs {
        match positions.get(&pair.key).and_then(|at| kept.get(*at)) {
            Some(known) => report.push(
                Problem::new(
                    ProblemKind::Failure,
                    pair.origin.span,
                    format!(
                        "configmap `{}` illegally repeats the key `{}`",
                        nodes::text(item.get("name")).unwrap_or_default(),
                        pair.key
                    ),
                    "the second value",
                )
                .related(known.origin.span, "the first value"),
            ),
            None => {
                positions.insert(pair.key.clone(), kept.len());
                kept.push(pair);
            }
        }
    }
    kept.sort_by(|a, b| a.key.cmp(&b.key));
    kept
}

fn add_data(object: &mut Node, what: Generated, pairs: Vec<Pair>) {
    let origin = object.origin().clone();
    let mut data = Vec::new();
    let mut binary = Vec::new();
    for pair in pairs {
        // kustomize prints keys without quotes, so one that looks like a number cannot become JSON.
        let key = Node::plain(pair.key, pair.origin.clone());
        let text = String::from_utf8(pair.value);
        match (what, text) {
            (Generated::ConfigMap, Ok(text)) => data.push(Entry {
                key,
                value: value_node(text, pair.origin),
            }),
            (Generated::ConfigMap, Err(bytes)) => binary.push(Entry {
                key,
                value: value_node(encode(bytes.as_bytes()), pair.origin),
            }),
            (Generated::Secret, text) => {
                let bytes = text.map_or_else(|error| error.into_bytes(), String::into_bytes);
                data.push(Entry {
                    key,
                    value: value_node(encode(&bytes), pair.origin),
                });
            }
        }
    }
    if !data.is_empty() || what == Generated::Secret {
        set(object, "data", Node::mapping(data, origin.clone()));
    }
    if !binary.is_empty() {
        set(object, "binaryData", Node::mapping(binary, origin));
    }
}

fn value_node(text: String, origin: Origin) -> Node {
    let scalar = Scalar {
        style: if text.contains('\n') {
            Style::Literal
        } else {
            Style::Plain
        },
        text: text.into(),
        tag: Some(Tag::Str),
    };
    Node::new(Kind::Scalar(scalar), origin)
}

/// Base64 in lines of 70 characters, each ended by a line break when there is more than one (kyaml `encodeBase64`).
fn encode(bytes: &[u8]) -> String {
    const LINE: usize = 70;
    let encoded = BASE64_STANDARD.encode(bytes);
    if encoded.len() < LINE {
        return encoded;
    }
    let mut lines = String::with_capacity(encoded.len() + encoded.len() / LINE + 1);
    let mut rest = encoded.as_str();
    while !rest.is_empty() {
        let (line, tail) = rest.split_at(rest.len().min(LINE));
        lines.push_str(line);
        lines.push('\n');
        rest = tail;
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn base64_is_wrapped_like_go_wraps_it() {
        assert_eq!(encode(b"abc"), "YWJj");
        // 51 bytes make 68 characters, 52 make 72.
        assert!(!encode(&[b'a'; 51]).contains('\n'));
        let long = encode(&[b'a'; 60]);
        assert_eq!(long.lines().map(str::len).collect::<Vec<_>>(), [70, 10]);
        assert!(long.ends_with('\n'));
    }
}
