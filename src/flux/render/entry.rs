//! The first Kustomization of a cluster: found in the repository, made by the flux-operator, or only presumed.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::Address;
use super::round::Round;
use super::version;
use crate::flux::FluxVersion;
use crate::flux::address;
use crate::flux::{EntryPoint, Instance, Kustomization, SyncedBy};
use crate::kustomize::{Builder, Object};
use crate::source::{Lookup, RepoPath, SourceMap, Span};
use crate::yaml::{Entry, Node};

/// What rendering starts from. Later rounds know more about it.
pub(crate) struct Start {
    /// The entry point's Kustomization.
    pub(crate) object: Arc<Object>,
    pub(crate) directory: RepoPath,
    /// The root of the source's artifact.
    pub(crate) root: RepoPath,
    /// The source that holds this repository.
    pub(crate) own: Option<Address>,
    /// Its address, made comparable.
    pub(crate) own_url: Option<String>,
    /// Its `spec.ref`.
    pub(crate) own_ref: Option<Node>,
    /// What the repository says about the Flux that delivers the cluster.
    pub(crate) stated: version::Stated,
    /// What the operator makes beside the Kustomization.
    pub(crate) made: Vec<Arc<Object>>,
    found: SyncedBy,
    presumed: Option<Span>,
    /// Whether a Kustomization of the name that would be presumed builds another directory.
    is_aside: bool,
    /// Kustomizations that are applied beside it.
    pub(super) also: Vec<Arc<Object>>,
    /// Whether the caller states the source.
    own_is_stated: bool,
    /// What a hub has put into the cluster, where that is what everything starts from.
    pub(super) delivered: Vec<Kustomization>,
}

/// What a hub's source tells of the files that Flux finds in a cluster into which the hub puts its objects.
pub(crate) struct Lent {
    /// The hub's source.
    pub(crate) own: Address,
    /// Its address, made comparable.
    pub(crate) url: Option<String>,
    /// Its `spec.ref`.
    pub(crate) reference: Option<Node>,
    /// The directory that is the root of its artifact.
    pub(crate) root: RepoPath,
}

/// Names that `flux bootstrap` and the flux-operator give when nothing else is said.
const DEFAULT_NAME: &str = "flux-system";

impl Start {
    /// `None` when there is not one file to start from.
    pub(crate) fn of(entry: &EntryPoint, builder: &Builder) -> Option<Self> {
        let span = first_span(entry, builder.store().sources())?;
        let mut start = Self {
            object: Arc::new(Object::new(Node::mapping(Vec::new(), span))),
            directory: entry.directory.clone(),
            root: entry.root.clone(),
            own: None,
            own_url: None,
            own_ref: None,
            stated: version::Stated::default(),
            made: Vec::new(),
            found: entry.start.clone(),
            presumed: None,
            is_aside: false,
            also: entry
                .also
                .iter()
                .map(|node| Arc::new(Object::new(node.clone())))
                .collect(),
            own_is_stated: false,
            delivered: Vec::new(),
        };
        match &entry.start {
            SyncedBy::Sync(raw) => {
                start.object = Arc::new(Object::new(raw.clone()));
                start.own = source_reference(&start.object);
            }
            SyncedBy::Instance(instance) => start.take_instance(instance, builder),
            SyncedBy::Directory => start.presume(span),
        }
        if let Some(source) = entry.stated.as_ref().and_then(|stated| stated.source.as_ref()) {
            start.rename(
                &Address::new(&source.kind, &source.namespace, &source.name),
                builder,
            );
            start.presumed = None;
            start.own_is_stated = true;
        }
        Some(start)
    }

    /// A cluster into which a hub puts Flux objects; `None` where it puts none.
    pub(super) fn delivered(delivered: &[Kustomization], source: Lent) -> Option<Self> {
        let mut objects = delivered.iter().flat_map(|one| &one.objects);
        let object = Arc::clone(objects.find(|object| is_kustomization(object))?);
        Some(Self {
            object,
            directory: RepoPath::root(),
            root: source.root,
            own: Some(source.own),
            own_url: source.url,
            own_ref: source.reference,
            stated: version::Stated::default(),
            made: Vec::new(),
            found: SyncedBy::Directory,
            presumed: None,
            is_aside: false,
            also: Vec::new(),
            own_is_stated: true,
            delivered: delivered.to_vec(),
        })
    }

    /// As the operator's template makes it (controlplaneio-fluxcd/flux-operator `internal/builder/templates.go`), with
    /// the patches of the FluxInstance.
    fn take_instance(&mut self, instance: &Instance, builder: &Builder) {
        let Some(sync) = instance.spec.get("sync") else {
            return;
        };
        let name = sync.text_at(&["name"]).unwrap_or(&instance.namespace);
        let kind = sync.text_at(&["kind"]).unwrap_or("GitRepository");
        self.presumed = instance.is_namespace_presumed.then(|| sync.span());
        self.own = Some(Address::new(kind, &instance.namespace, name));
        self.own_url = sync.text_at(&["url"]).map(address::normalise);
        let kustomization = kustomization(
            &instance.namespace,
            name,
            kind,
            sync.get("path").cloned(),
            sync.span(),
        );
        let source = instance_source(&instance.namespace, name, kind, sync);
        let patches = instance
            .spec
            .at(&["kustomize", "patches"])
            .map(Node::items)
            .unwrap_or_default();
        let mut made = builder.patch(&[kustomization.node.clone(), source], patches);
        let at = made.iter().position(|object| object.kind() == "Kustomization");
        self.object = at.map_or(kustomization, |at| made.remove(at));
        self.made = made;
    }

    fn presume(&mut self, span: Span) {
        self.presumed = Some(span);
        self.object = kustomization(DEFAULT_NAME, DEFAULT_NAME, "GitRepository", None, span);
    }

    /// Whether the name of the source is a guess: nothing states it, or the namespace of the FluxInstance is not in
    /// its file.
    fn presumes(&self) -> bool {
        self.presumed.is_some()
    }

    /// Whether a child of the entry point takes the own source.
    fn is_used(&self, round: &Round) -> bool {
        let mut children = round
            .kustomizations
            .iter()
            .filter(|child| child.parent == Some(0));
        self.own.is_some() && children.any(|child| source_reference(&child.object) == self.own)
    }

    /// The source that most children of the entry point name and nothing makes: whatever bootstraps the cluster has
    /// made it.
    fn presumed_source(&self, round: &Round) -> Option<Address> {
        let mut counts: BTreeMap<Address, usize> = BTreeMap::new();
        for child in round
            .kustomizations
            .iter()
            .filter(|child| child.parent == Some(0))
        {
            let source = source_reference(&child.object).filter(|source| {
                let kind_fits = match &self.own {
                    Some(own) => own.kind == source.kind,
                    None => matches!(source.kind.as_str(), "GitRepository" | "OCIRepository" | "Bucket"),
                };
                kind_fits && round.objects.get(source).is_none()
            });
            if let Some(source) = source {
                *counts.entry(source).or_default() += 1;
            }
        }
        for (address, generator) in round.objects.of_kind("ArtifactGenerator") {
            let sources = generator
                .node
                .at(&["spec", "sources"])
                .map(Node::items)
                .unwrap_or_default();
            for source in sources {
                let namespace = source.text_at(&["namespace"]).unwrap_or(&address.namespace);
                if let (Some("GitRepository"), Some(name)) =
                    (source.text_at(&["kind"]), source.text_at(&["name"]))
                {
                    *counts
                        .entry(Address::new("GitRepository", namespace, name))
                        .or_default() += 1;
                }
            }
        }
        if counts.is_empty() && self.own.is_none() {
            return Some(Address::new("GitRepository", DEFAULT_NAME, DEFAULT_NAME));
        }
        // The first in order among equals.
        counts
            .into_iter()
            .rev()
            .max_by_key(|(_, count)| *count)
            .map(|(source, _)| source)
    }

    /// Names the Kustomization after its source, as bootstrap and the operator do.
    fn rename(&mut self, own: &Address, builder: &Builder) {
        match self.found.clone() {
            SyncedBy::Instance(mut instance) => {
                instance.namespace.clone_from(&own.namespace);
                self.take_instance(&instance, builder);
            }
            _ => {
                if let Some(span) = self.presumed {
                    self.object = kustomization(&own.namespace, &own.name, &own.kind, None, span);
                    self.keep_aside();
                }
            }
        }
        self.own = Some(own.clone());
    }

    /// Takes a name that no Kustomization of the cluster has: what applies the entry's directory is none of Flux then.
    fn keep_aside(&mut self) {
        let name = format!("{}-entry", self.object.name());
        let mut node = self.object.node.clone();
        let span = self.object.name_span();
        if let (true, Some(metadata)) = (self.is_aside, node.get_mut("metadata")) {
            metadata.set(Node::string("name", span), Node::string(name, span));
            self.object = Arc::new(Object::new(node));
        }
    }

    /// Whether a Kustomization with the name of a presumed entry builds something else.
    fn is_another(&self, own: &Object) -> bool {
        let path = own.node.text_at(&["spec", "path"]);
        let path = path.map(|path| self.root.clamp_join(RepoPath::clamp(path).as_str()));
        matches!(self.found, SyncedBy::Directory)
            && self.presumes()
            && path.is_some_and(|path| path != self.directory)
    }

    pub(crate) fn namespace(&self) -> &str {
        self.object.namespace().unwrap_or(DEFAULT_NAME)
    }

    /// Takes over what a round brought to light; tells whether that changes anything.
    pub(crate) fn learn(
        &mut self,
        round: &Round,
        builder: &Builder,
        flux_version: Option<FluxVersion>,
    ) -> bool {
        let mut changed = false;
        if let Some(own) = round
            .own_object
            .as_ref()
            .filter(|own| !own.node.same_value(&self.object.node))
        {
            if self.is_another(own) {
                self.is_aside = true;
                self.own = source_reference(own).or(self.own.take());
                self.keep_aside();
            } else {
                self.object = Arc::clone(own);
                if !self.own_is_stated {
                    self.own = source_reference(own).or(self.own.take());
                }
            }
            changed = true;
        }
        if self.presumes()
            && !self.is_used(round)
            && let Some(own) = self.presumed_source(round)
        {
            changed |= self.own.as_ref() != Some(&own);
            self.rename(&own, builder);
        }
        let source = self.own.as_ref().and_then(|own| round.objects.get(own));
        if let Some(spec) = source
            .and_then(|source| source.node.get("spec"))
            .filter(|_| self.own_ref.is_none())
        {
            self.own_url = spec
                .text_at(&["url"])
                .map(address::normalise)
                .or(self.own_url.take());
            self.own_ref = spec.get("ref").cloned();
            changed |= self.own_ref.is_some();
        }
        let stated = version::Stated::read(&self.found, round, flux_version);
        changed |= stated != self.stated;
        self.stated = stated;
        changed
    }
}

/// Whether the object is a Kustomization of Flux.
pub(super) fn is_kustomization(object: &Object) -> bool {
    object.kind() == "Kustomization" && object.group() == "kustomize.toolkit.fluxcd.io"
}

/// `spec.sourceRef` of a Kustomization.
pub(crate) fn source_reference(kustomization: &Object) -> Option<Address> {
    let reference = kustomization.node.at(&["spec", "sourceRef"])?;
    let namespace = reference
        .text_at(&["namespace"])
        .or(kustomization.namespace())
        .unwrap_or(DEFAULT_NAME);
    Some(Address::new(
        reference.text_at(&["kind"])?,
        namespace,
        reference.text_at(&["name"])?,
    ))
}

fn kustomization(
    namespace: &str,
    name: &str,
    source_kind: &str,
    path: Option<Node>,
    span: Span,
) -> Arc<Object> {
    let key = |text: &str| Node::string(text, span);
    let mut spec = vec![
        Entry {
            key: key("interval"),
            value: key("10m0s"),
        },
        Entry {
            key: key("prune"),
            value: Node::plain("true", span),
        },
        Entry {
            key: key("sourceRef"),
            value: text_map(&[("kind", source_kind), ("name", name)], span),
        },
    ];
    spec.extend(path.map(|value| Entry {
        key: key("path"),
        value,
    }));
    let metadata = [("name", name), ("namespace", namespace)];
    let node = object(
        "kustomize.toolkit.fluxcd.io/v1",
        "Kustomization",
        &metadata,
        spec,
        span,
    );
    Arc::new(Object::new(node))
}

/// The source that the operator makes. A Git reference is given by its full name.
fn instance_source(namespace: &str, name: &str, kind: &str, sync: &Node) -> Node {
    let span = sync.span();
    let key = |text: &str| Node::string(text, span);
    let (address, reference) = match kind {
        "Bucket" => ("bucketName", None),
        "OCIRepository" => ("url", Some("tag")),
        _ => ("url", Some("name")),
    };
    let mut spec = Vec::new();
    if let Some(url) = sync.get("url") {
        spec.push(Entry {
            key: key(address),
            value: url.clone(),
        });
    }
    if let Some((field, value)) = reference.zip(sync.get("ref")) {
        let reference = Node::mapping(
            vec![Entry {
                key: key(field),
                value: value.clone(),
            }],
            span,
        );
        spec.push(Entry {
            key: key("ref"),
            value: reference,
        });
    }
    object(
        "source.toolkit.fluxcd.io/v1",
        kind,
        &[("name", name), ("namespace", namespace)],
        spec,
        span,
    )
}

fn object(api_version: &str, kind: &str, metadata: &[(&str, &str)], spec: Vec<Entry>, span: Span) -> Node {
    let key = |text: &str| Node::string(text, span);
    Node::mapping(
        vec![
            Entry {
                key: key("apiVersion"),
                value: key(api_version),
            },
            Entry {
                key: key("kind"),
                value: key(kind),
            },
            Entry {
                key: key("metadata"),
                value: text_map(metadata, span),
            },
            Entry {
                key: key("spec"),
                value: Node::mapping(spec, span),
            },
        ],
        span,
    )
}

fn text_map(entries: &[(&str, &str)], span: Span) -> Node {
    let entry = |(key, value): &(&str, &str)| Entry {
        key: Node::string(*key, span),
        value: Node::string(*value, span),
    };
    Node::mapping(entries.iter().map(entry).collect(), span)
}

/// Where to point for a Kustomization that stands nowhere: the first file of its directory.
fn first_span(entry: &EntryPoint, sources: &SourceMap) -> Option<Span> {
    let mut todo = vec![entry.directory.clone()];
    while let Some(directory) = todo.pop() {
        let list = sources.list(&directory);
        let file = list.iter().find_map(|(_, what)| match what {
            Lookup::File(file) => Some(*file),
            _ => None,
        });
        if let Some(file) = file {
            return Some(Span::at_start(file));
        }
        let below = list.into_iter().rev().filter_map(|(_, what)| match what {
            Lookup::Directory(path) if path.starts_with(&directory) => Some(path),
            _ => None,
        });
        todo.extend(below);
    }
    entry.span
}
