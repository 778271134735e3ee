//! One object on its way through a build, with what kustomize keeps in hidden annotations: former names, prefixes,
//! suffixes, and how it was generated (api `resource/resource.go`).

use std::sync::Arc;

use super::build_origin::{self, BuildOrigin};
use super::nodes::{set_entry, without_quotes};
use super::resource_id::ResourceId;
use super::shared::SharedValues;
use crate::kustomize::model::{Object, Problem, ProblemKind};
use crate::source::Span;
use crate::yaml::{Entry, Node, Origin, Resolved, Scalar, Schema, Style, Tag};

/// How a generated object joins one that exists already.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) enum Behavior {
    /// `create`, or nothing said.
    #[default]
    Create,
    /// `replace`
    Replace,
    /// `merge`
    Merge,
}

/// A name, namespace and kind that an object had before.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Previous {
    pub(crate) name: Arc<str>,
    /// The effective namespace.
    pub(crate) namespace: Arc<str>,
    pub(crate) kind: Arc<str>,
}

/// An object in a build.
#[derive(Debug, Clone)]
pub(crate) struct Resource {
    pub(crate) node: Node,
    /// Oldest first.
    pub(crate) previous: Vec<Previous>,
    pub(crate) prefixes: Vec<Arc<str>>,
    pub(crate) suffixes: Vec<Arc<str>>,
    pub(crate) behavior: Behavior,
    pub(crate) needs_hash: bool,
    /// Names of the `vars` that read from this object.
    pub(crate) var_names: Vec<Arc<str>>,
    /// For `buildMetadata: [originAnnotations]`.
    pub(super) came_from: Option<BuildOrigin>,
    /// For `buildMetadata: [transformerAnnotations]`.
    pub(super) changed_by: Vec<BuildOrigin>,
    /// Values that stand in several of its fields.
    pub(crate) shared: SharedValues,
    /// Whether a custom OpenAPI schema makes its kind cluster-scoped.
    pub(crate) cluster_scoped: bool,
    /// A patch for it, or that may be for it, which cannot be carried out.
    pub(crate) unpatched: Option<Span>,
    /// The entry of a kustomization that brought it in.
    pub(crate) entry: Span,
}

impl Resource {
    /// An object read from a file.
    pub(crate) fn new(node: Node, entry: Span) -> Self {
        Self {
            node,
            previous: Vec::new(),
            prefixes: Vec::new(),
            suffixes: Vec::new(),
            behavior: Behavior::default(),
            needs_hash: false,
            var_names: Vec::new(),
            came_from: None,
            changed_by: Vec::new(),
            shared: SharedValues::default(),
            cluster_scoped: false,
            unpatched: None,
            entry,
        }
    }

    /// What comes out of the build.
    pub(crate) fn into_object(self) -> Object {
        let mut object = Object::new(self.node);
        object.unpatched = self.unpatched;
        object
    }

    /// The identity it has now.
    pub(crate) fn id(&self) -> ResourceId {
        ResourceId {
            cluster_scoped: self.cluster_scoped,
            ..ResourceId::of(&self.node)
        }
    }

    /// The identity it came with. Group and version are the present ones, as in kustomize.
    pub(crate) fn original_id(&self) -> ResourceId {
        match self.previous.first() {
            Some(first) => self.former_id(first),
            None => self.id(),
        }
    }

    /// Every identity it had, oldest first, the present one last.
    pub(crate) fn all_ids(&self) -> Vec<ResourceId> {
        let mut ids: Vec<_> = self
            .previous
            .iter()
            .map(|former| self.former_id(former))
            .collect();
        ids.push(self.id());
        ids
    }

    /// A former identity.
    pub(super) fn former_id(&self, former: &Previous) -> ResourceId {
        let present = self.id();
        ResourceId {
            kind: former.kind.to_string(),
            name: former.name.to_string(),
            namespace: former.namespace.to_string(),
            ..present
        }
    }

    /// Whether it has, or once had, that name.
    pub(super) fn was_called(&self, name: &str) -> bool {
        self.name() == name || self.previous.iter().any(|former| &*former.name == name)
    }

    /// Remembers the present identity before it changes.
    pub(crate) fn store_previous_id(&mut self) {
        let id = self.id();
        self.previous.push(Previous {
            name: id.name.as_str().into(),
            namespace: id.effective_namespace().into(),
            kind: id.kind.as_str().into(),
        });
    }

    /// Notes that a value was put into several of its fields, all of which take over a style.
    pub(crate) fn share(&mut self, value: Node, style: Option<Style>) {
        self.shared.add(value.clone());
        if style == Some(Style::Folded) {
            self.shared.restyle(&value, Style::Folded, &mut self.node);
        }
    }

    /// Whether kustomize keeps something of it in annotations by now.
    pub(crate) fn remembers(&self) -> bool {
        let has_affixes = !self.prefixes.is_empty() || !self.suffixes.is_empty();
        has_affixes || !self.previous.is_empty() || self.needs_hash || self.came_from.is_some()
    }

    /// `metadata.name`
    pub(crate) fn name(&self) -> &str {
        self.node.text_at(&["metadata", "name"]).unwrap_or_default()
    }

    /// Gives it another name; the place to edit stays where the name stands.
    pub(crate) fn set_name(&mut self, name: &str) {
        let Some(metadata) = self.node.get_mut("metadata") else {
            return;
        };
        let origin = metadata
            .get("name")
            .map_or_else(|| metadata.origin().clone(), |node| node.origin().clone());
        let key = Node::string("name", origin.clone());
        // A parent that is no map was refused when the object was read.
        let _ = set_entry(metadata, &key, &Node::string(name, origin));
    }

    /// Writes every annotation as text, and drops kustomize's own and an empty map, as kustomize does to each object at
    /// the end (kyaml `setMapInMetadata`). A list in their place makes it panic.
    pub(crate) fn normalise_annotations(&mut self) -> Option<Problem> {
        let annotations = self.node.at(&["metadata", "annotations"])?;
        if annotations.items().len() % 2 == 1 {
            return Some(Problem::new(
                ProblemKind::Failure,
                annotations.span(),
                "annotations are a list, on which kustomize panics: index out of range",
                "a map is expected",
            ));
        }
        let settled = annotations.is_mapping()
            && !annotations.entries().is_empty()
            && annotations
                .entries()
                .iter()
                .all(|entry| is_text(&entry.key) && comes_through(&entry.value) && !is_internal(entry));
        if settled {
            return None;
        }
        let entries: Vec<Entry> = annotations
            .entries()
            .iter()
            .filter(|entry| !is_internal(entry))
            .map(|entry| {
                let text = entry
                    .value
                    .as_scalar()
                    .map_or("", |scalar| &*scalar.text)
                    .to_owned();
                Entry {
                    key: without_quotes(&entry.key),
                    value: Node::string(text, entry.value.origin().clone()),
                }
            })
            .collect();
        let origin = annotations.origin().clone();
        self.set_annotations(entries, &origin);
        None
    }

    fn set_annotations(&mut self, entries: Vec<Entry>, origin: &Origin) {
        let Some(metadata) = self.node.get_mut("metadata") else {
            return;
        };
        if entries.is_empty() {
            metadata.remove("annotations");
        } else {
            metadata.set(
                Node::string("annotations", origin.clone()),
                Node::mapping(entries, origin.clone()),
            );
        }
    }

    /// Sets one annotation, making the map where there is none.
    pub(crate) fn annotate(&mut self, key: &str, value: &str, origin: &Origin) {
        let Some(metadata) = self.node.get_mut("metadata") else {
            return;
        };
        if !metadata.get("annotations").is_some_and(Node::is_mapping) {
            metadata.set(
                Node::string("annotations", origin.clone()),
                Node::mapping(Vec::new(), origin.clone()),
            );
        }
        if let Some(annotations) = metadata.get_mut("annotations") {
            annotations.set(
                Node::string(key, origin.clone()),
                Node::string(value, origin.clone()),
            );
        }
    }
}

/// Whether a key is text without quotes too.
fn is_text(key: &Node) -> bool {
    matches!(
        without_quotes(key).resolve(Schema::Kustomize),
        Some(Resolved::Str(_))
    )
}

/// Whether a value is printed as its text as it is. What yaml.v3 changes on the way, folded text and dates, it changes only
/// where the value was not written anew.
fn comes_through(node: &Node) -> bool {
    let may_change = |scalar: &Scalar| match scalar.style {
        Style::Folded => true,
        Style::Plain => scalar.tag.is_none() && scalar.text.starts_with(|first: char| first.is_ascii_digit()),
        _ => false,
    };
    let is_foreign = |scalar: &Scalar| scalar.tag.as_ref().is_some_and(|tag| *tag != Tag::Str);
    matches!(node.resolve(Schema::Kustomize), Some(Resolved::Str(_)))
        && node
            .as_scalar()
            .is_some_and(|scalar| !may_change(scalar) && !is_foreign(scalar))
}

/// Whether the annotation is one of kustomize's own, which never leave it.
fn is_internal(entry: &Entry) -> bool {
    const INTERNAL: [&str; 15] = [
        "previousKinds",
        "previousNames",
        "prefixes",
        "suffixes",
        "previousNamespaces",
        "allowNameChange",
        "allowKindChange",
        "refBy",
        "generatorBehavior",
        "needsHashSuffix",
        "path",
        "index",
        "seqindent",
        "id",
        "annotations-migration-resource-id",
    ];
    let key = entry.key.as_text().unwrap_or_default();
    match key.strip_prefix("internal.config.kubernetes.io/") {
        Some(name) => INTERNAL.contains(&name) || name == "helm-generated",
        None => matches!(
            key,
            "config.kubernetes.io/path"
                | "config.kubernetes.io/index"
                | "config.k8s.io/id"
                | build_origin::ORIGIN
                | build_origin::TRANSFORMATIONS
        ),
    }
}
