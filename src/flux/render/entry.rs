//! The first Kustomization of a cluster: found in the repository, made by the flux-operator, or only presumed.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::Address;
use super::graph::Round;
use super::metadata::same_node;
use crate::flux::address;
use crate::flux::discover::{EntryPoint, Instance, Start as Found};
use crate::kustomize::Object;
use crate::source::{Lookup, RepoPath, SourceMap, Span};
use crate::yaml::{Entry, Node};

/// What rendering starts from. Later rounds know more about it.
pub(super) struct Start {
    /// The entry point's Kustomization.
    pub(super) object: Arc<Object>,
    pub(super) directory: RepoPath,
    /// The root of the source's artifact.
    pub(super) root: RepoPath,
    /// The source that holds this repository.
    pub(super) own: Option<Address>,
    /// Its address, made comparable.
    pub(super) own_url: Option<String>,
    presumed: Option<Span>,
}

/// Names that `flux bootstrap` and the flux-operator give when nothing else is said.
const DEFAULT_NAME: &str = "flux-system";

impl Start {
    /// `None` when there is not one file to start from.
    pub(super) fn of(entry: &EntryPoint, sources: &SourceMap) -> Option<Self> {
        let span = first_span(entry, sources)?;
        let mut start = Self {
            object: Arc::new(Object {
                node: Node::mapping(Vec::new(), span),
            }),
            directory: entry.directory.clone(),
            root: entry.root.clone(),
            own: None,
            own_url: None,
            presumed: None,
        };
        match &entry.start {
            Found::Sync(raw) => {
                start.object = Arc::new(Object { node: raw.clone() });
                start.own = source_reference(&start.object);
            }
            Found::Instance(instance) => start.take_instance(instance),
            Found::Directory => start.presume(span),
        }
        Some(start)
    }

    /// As the operator's template makes it (controlplaneio-fluxcd/flux-operator `internal/builder/templates.go`).
    fn take_instance(&mut self, instance: &Instance) {
        let Some(sync) = instance.spec.get("sync") else {
            return;
        };
        let name = sync.text_at(&["name"]).unwrap_or(&instance.namespace);
        let kind = sync.text_at(&["kind"]).unwrap_or("GitRepository");
        self.own = Some(Address::new(kind, &instance.namespace, name));
        self.own_url = sync.text_at(&["url"]).map(address::normalise);
        let path = sync.get("path").cloned();
        self.object = kustomization(&instance.namespace, name, kind, path, sync.span());
    }

    fn presume(&mut self, span: Span) {
        self.presumed = Some(span);
        self.object = kustomization(DEFAULT_NAME, DEFAULT_NAME, "GitRepository", None, span);
    }

    pub(super) fn namespace(&self) -> &str {
        self.object.namespace().unwrap_or(DEFAULT_NAME)
    }

    pub(super) fn name(&self) -> &str {
        self.object.name()
    }

    /// Takes over what a round brought to light; tells whether that changes anything.
    pub(super) fn learn(&mut self, round: &Round) -> bool {
        let mut changed = false;
        if let Some(own) = round
            .own_object
            .as_ref()
            .filter(|own| !same_node(&own.node, &self.object.node))
        {
            self.object = Arc::clone(own);
            self.own = source_reference(own).or(self.own.take());
            changed = true;
        }
        if let Some(span) = self.presumed.filter(|_| self.own.is_none()) {
            if let Some(own) = presumed_source(round) {
                self.object = kustomization(&own.namespace, DEFAULT_NAME, &own.kind, None, span);
                let reference = [("kind", own.kind.as_str()), ("name", own.name.as_str())];
                let object = Arc::make_mut(&mut self.object);
                if let Some(spec) = object.node.get_mut("spec") {
                    spec.set(Node::string("sourceRef", span), text_map(&reference, span));
                }
                self.own = Some(own);
                changed = true;
            }
        }
        if self.own_url.is_none() {
            self.own_url = self
                .own
                .as_ref()
                .and_then(|own| round.objects.get(own))
                .and_then(|source| source.node.text_at(&["spec", "url"]).map(address::normalise));
            changed |= self.own_url.is_some();
        }
        changed
    }
}

/// The source that most children of a presumed entry point name and nothing makes: whatever bootstraps the cluster
/// has made it.
fn presumed_source(round: &Round) -> Option<Address> {
    let mut counts: BTreeMap<Address, usize> = BTreeMap::new();
    for child in round
        .kustomizations
        .iter()
        .filter(|child| child.parent == Some(0))
    {
        if let Some(source) =
            source_reference(&child.object).filter(|source| round.objects.get(source).is_none())
        {
            *counts.entry(source).or_default() += 1;
        }
    }
    // The first in order among equals.
    counts
        .into_iter()
        .rev()
        .max_by_key(|(_, count)| *count)
        .map(|(source, _)| source)
}

/// `spec.sourceRef` of a Kustomization.
pub(super) fn source_reference(kustomization: &Object) -> Option<Address> {
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
    let node = Node::mapping(
        vec![
            Entry {
                key: key("apiVersion"),
                value: key("kustomize.toolkit.fluxcd.io/v1"),
            },
            Entry {
                key: key("kind"),
                value: key("Kustomization"),
            },
            Entry {
                key: key("metadata"),
                value: text_map(&[("name", name), ("namespace", namespace)], span),
            },
            Entry {
                key: key("spec"),
                value: Node::mapping(spec, span),
            },
        ],
        span,
    );
    Arc::new(Object { node })
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
