//! What a build takes and gives.

use std::collections::BTreeSet;
use std::sync::Arc;

use super::unread::Unread;
use crate::finding::ObjectRef;
use crate::source::{RepoPath, Span};
use crate::yaml::{Node, Origin};

/// A Kubernetes object: a map with `apiVersion`, `kind` and `metadata`.
#[derive(Debug, Clone)]
pub struct Object {
    /// The whole object. The span of the root is the document that brought it into the build. Who changes what it is called makes
    /// a new one.
    pub node: Node,
    /// A patch for it, or that may be for it, which cannot be carried out: any field may be meant to be another.
    pub unpatched: Option<Span>,
    identity: Identity,
}

/// What an object is called; every rule asks for it.
#[derive(Debug, Clone)]
struct Identity {
    api_version: Option<Arc<str>>,
    kind: Option<Arc<str>>,
    name: Option<Arc<str>>,
    namespace: Option<Arc<str>>,
}

impl Identity {
    fn of(node: &Node) -> Self {
        let text = |node: Option<&Node>| {
            let scalar = node.filter(|node| !node.is_null())?.as_scalar()?;
            Some(Arc::clone(&scalar.text))
        };
        let metadata = node.get("metadata");
        Self {
            api_version: text(node.get("apiVersion")),
            kind: text(node.get("kind")),
            name: text(metadata.and_then(|metadata| metadata.get("name"))),
            namespace: text(metadata.and_then(|metadata| metadata.get("namespace"))),
        }
    }
}

impl Object {
    /// The object that a tree describes.
    pub fn new(node: Node) -> Self {
        Self {
            identity: Identity::of(&node),
            node,
            unpatched: None,
        }
    }

    /// The object with other fields.
    pub(crate) fn with(&self, node: Node) -> Self {
        Self {
            unpatched: self.unpatched,
            ..Self::new(node)
        }
    }

    /// `apiVersion`, empty when absent.
    pub fn api_version(&self) -> &str {
        self.identity.api_version.as_deref().unwrap_or_default()
    }

    /// The part of `apiVersion` before the slash, empty for the core group.
    pub fn group(&self) -> &str {
        self.api_version().rsplit_once('/').map_or("", |(group, _)| group)
    }

    /// `kind`, empty when absent.
    pub fn kind(&self) -> &str {
        self.identity.kind.as_deref().unwrap_or_default()
    }

    /// `metadata.name`, empty when absent.
    pub fn name(&self) -> &str {
        self.identity.name.as_deref().unwrap_or_default()
    }

    /// `metadata.namespace`.
    pub fn namespace(&self) -> Option<&str> {
        self.identity.namespace.as_deref()
    }

    /// The value of an annotation.
    pub fn annotation(&self, key: &str) -> Option<&Node> {
        self.node.at(&["metadata", "annotations"])?.get(key)
    }

    /// The value of a label.
    pub fn label(&self, key: &str) -> Option<&Node> {
        self.node.at(&["metadata", "labels"])?.get(key)
    }

    /// Where the name stands, else the object.
    pub fn name_span(&self) -> Span {
        self.node
            .at(&["metadata", "name"])
            .map_or_else(|| self.node.span(), |name| name.origin().edit_span())
    }

    /// The object's identity for findings.
    pub fn reference(&self) -> ObjectRef {
        ObjectRef {
            api_version: self.api_version().to_owned(),
            kind: self.kind().to_owned(),
            namespace: self.namespace().map(str::to_owned),
            name: self.name().to_owned(),
        }
    }
}

/// What a Flux Kustomization adds to the kustomization.yaml of its path before building
/// (fluxcd/pkg `kustomize/kustomize_generator.go`). Values are nodes of the rendered Flux object, so that
/// what they contribute points at its lines.
#[derive(Debug, Clone, Default, PartialEq, Eq, Hash)]
pub struct Overlay {
    /// `spec.targetNamespace`
    pub target_namespace: Option<Node>,
    /// `spec.namePrefix`
    pub name_prefix: Option<Node>,
    /// `spec.nameSuffix`
    pub name_suffix: Option<Node>,
    /// Items of `spec.patches`
    pub patches: Vec<Node>,
    /// Items of `spec.components`
    pub components: Vec<Node>,
    /// `spec.ignoreMissingComponents`
    pub ignore_missing_components: bool,
    /// Items of `spec.images`
    pub images: Vec<Node>,
    /// Items of `spec.buildMetadata`
    pub build_metadata: Vec<Node>,
}

/// The result of a build. A build with problems still holds every object that could be made, so that one broken
/// entry does not set off a cascade of findings about what it hides.
#[derive(Debug, Default)]
pub struct Build {
    /// The objects in kustomize's input order.
    pub objects: Vec<Arc<Object>>,
    /// Why kustomize would fail, and what is worth a remark.
    pub problems: Vec<Problem>,
    /// What was left out because it is not in the repository.
    pub opaque: Vec<Opaque>,
    /// What stands in files that do not parse.
    pub unread: Unread,
    /// The `target`s of patches that select something here, or may select something that cannot be seen.
    pub served_targets: BTreeSet<Span>,
    /// What the build added to its files, counted as in [`crate::budget`].
    pub(crate) added: usize,
}

impl Build {
    /// Whether the real program would refuse this build.
    pub fn failed(&self) -> bool {
        self.problems.iter().any(|problem| problem.kind.is_failure())
    }
}

/// What sort of thing a [`Problem`] is; rules choose theirs by it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum ProblemKind {
    /// kustomize refuses the build.
    Failure,
    /// An entry names nothing; kustomize refuses the build.
    NamesNothing,
    /// A file that the build reads does not parse; kustomize refuses the build.
    Unparsable,
    /// A field that kustomize does not know, or that needs what Flux never switches on; kustomize refuses the build.
    RefusedField,
    /// A field that kustomize does not know, in a file that Flux rewrites before the build: it is lost without a word.
    LostField,
    /// A patch with a target that selects nothing: silent in kustomize.
    PatchMatchesNothing,
    /// The same with a target that names no object.
    SelectorMatchesNothing,
    /// A deprecated field.
    Deprecated,
    /// A bound of ours is reached, and what lies behind it is not looked at.
    Limit,
}

impl ProblemKind {
    /// Whether the real program would refuse the build.
    pub fn is_failure(self) -> bool {
        self.is_refusal() || matches!(self, Self::Unparsable | Self::RefusedField)
    }

    /// Whether kustomize reads all that is there and refuses it.
    pub fn is_refusal(self) -> bool {
        matches!(self, Self::Failure | Self::NamesNothing)
    }
}

/// One thing wrong with a build, at the entry that causes it.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Problem {
    /// What sort of thing it is.
    pub kind: ProblemKind,
    /// The entry that causes it.
    pub span: Span,
    /// States the fact with the names of the things, holding the essential words of the real program's message.
    pub message: String,
    /// A few words for the label.
    pub label: String,
    /// What to do.
    pub help: Option<String>,
    /// What was probably meant by the word that stands there.
    pub meant: Option<String>,
    /// Other places that matter.
    pub related: Vec<(Span, String)>,
}

impl Problem {
    /// A problem at `span`.
    pub fn new(kind: ProblemKind, span: Span, message: impl Into<String>, label: impl Into<String>) -> Self {
        Self {
            kind,
            span,
            message: message.into(),
            label: label.into(),
            help: None,
            meant: None,
            related: Vec::new(),
        }
    }

    /// Says what to do.
    #[must_use]
    pub fn help(mut self, help: impl Into<String>) -> Self {
        self.help = Some(help.into());
        self
    }

    /// Suggests what was probably meant by the word that stands there.
    #[must_use]
    pub fn did_you_mean(mut self, meant: &str) -> Self {
        self.meant = Some(meant.to_owned());
        self.help(format!("did you mean `{meant}`?"))
    }

    /// Names another place that matters, unless it is the same.
    #[must_use]
    pub fn related(mut self, span: Span, text: impl Into<String>) -> Self {
        if span != self.span && self.related.iter().all(|(known, _)| *known != span) {
            self.related.push((span, text.into()));
        }
        self
    }
}

/// Something the build refers to that is not in the repository: its objects are unknown.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Opaque {
    /// The reference.
    pub origin: Origin,
    /// The address as written.
    pub address: String,
    /// The kustomization directory that names it.
    pub directory: RepoPath,
}
