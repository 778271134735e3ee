//! The way of a value: who writes it, which variables go into it, and what brings its object into the cluster.

use super::field::Found;
use crate::change::{Judge, Path, Secrecy, Value, document_at};
use crate::fleet::Cluster;
use crate::flux::Kustomization;
use crate::kustomize::Object;
use crate::source::Span;
use crate::yaml::{Kind, Node, Origin, Route, Store, Walk};

/// Scalars that are traced of one value.
const MOST: usize = 500;

/// A scalar of an object with its way.
#[derive(Debug, Clone)]
pub struct Traced {
    /// Where it stands in the object.
    pub path: String,
    /// What it is, as far as it may be shown.
    pub value: Value,
    /// From what writes it to what brings its object into the cluster.
    pub steps: Vec<Step>,
}

/// A station on the way.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Step {
    /// What it does.
    pub what: &'static str,
    /// Who, where that has a name.
    pub by: Option<Writer>,
    /// Where; `None` for what no file states.
    pub span: Option<Span>,
}

/// The document that holds a place, and the route to it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Writer {
    /// `ConfigMap flux-system/cluster-settings`, or the kind alone.
    pub document: String,
    /// `data.CLUSTER_ID`, `patches[0].patch`.
    pub route: Option<String>,
}

/// The scalars of a value, as far as they are traced.
#[derive(Debug, Clone, Default)]
pub struct Ways {
    /// Each with its way.
    pub values: Vec<Traced>,
    /// How many more there are.
    pub more: usize,
}

/// The scalars of a value of an object that stands at a path, each with its way.
pub fn trace(
    store: &Store<'_>,
    cluster: &Cluster,
    owner: usize,
    object: &Object,
    path: &str,
    found: &Found<'_>,
) -> Ways {
    let mut scalars = Scalars {
        object,
        path: Path::from(path),
        found: Vec::new(),
        more: 0,
    };
    let secrecy = found.keys.iter().fold(None, |known, (map, key)| {
        Some(scalars.secrecy_below(known, map, key))
    });
    scalars.of(found.node, secrecy);
    let traced = scalars.found.into_iter().map(|(path, secrecy, scalar)| Traced {
        path,
        value: Judge { store }.shown(scalar, secrecy.unwrap_or(Secrecy::WhatLooksSecret)),
        steps: steps(store, cluster, owner, object, scalar.origin()),
    });
    Ways {
        values: traced.collect(),
        more: scalars.more,
    }
}

/// Collects the scalars of an object with how secret each is by the keys that lead to it.
struct Scalars<'n> {
    object: &'n Object,
    path: Path,
    found: Vec<(String, Option<Secrecy>, &'n Node)>,
    more: usize,
}

impl<'n> Scalars<'n> {
    fn of(&mut self, node: &'n Node, secrecy: Option<Secrecy>) {
        match node.kind() {
            Kind::Scalar(_) if self.found.len() == MOST => self.more += 1,
            Kind::Scalar(_) => self.found.push((self.path.text().to_owned(), secrecy, node)),
            Kind::Sequence(items) => {
                for (at, item) in items.iter().enumerate() {
                    let before = self.path.index(at);
                    self.of(item, secrecy);
                    self.path.back(before);
                }
            }
            Kind::Mapping(entries) => {
                for entry in entries {
                    let key = entry.key.as_scalar().map_or("", |key| &key.text);
                    let before = self.path.key(key);
                    self.of(&entry.value, Some(self.secrecy_below(secrecy, node, key)));
                    self.path.back(before);
                }
            }
        }
    }

    fn secrecy_below(&self, known: Option<Secrecy>, map: &Node, key: &str) -> Secrecy {
        known.map_or_else(
            || Secrecy::of_part(self.object, key),
            |known| known.of_field(map, key),
        )
    }
}

fn steps(store: &Store<'_>, cluster: &Cluster, owner: usize, object: &Object, origin: &Origin) -> Vec<Step> {
    let at = |what, span| Step {
        what,
        by: writer(store, span),
        span: Some(span),
    };
    let root = object.node.span();
    let is_own =
        origin.span.file == root.file && root.start <= origin.span.start && origin.span.end <= root.end;
    let mut steps = Vec::new();
    for variable in origin.substituted.as_deref().unwrap_or_default() {
        steps.push(match variable.value {
            Some(span) => at("variable", span),
            None => at("default", variable.expression),
        });
    }
    steps.push(at(if is_own { "value" } else { "changed-by" }, origin.span));
    if !is_own {
        steps.push(at("object", root));
    }
    let mut applied = cluster.kustomizations.get(owner);
    let mut left = cluster.kustomizations.len();
    while let Some(one) = applied.filter(|_| left > 0) {
        steps.push(kustomization(one));
        applied = one.parent.and_then(|parent| cluster.kustomizations.get(parent));
        left -= 1;
    }
    steps
}

fn kustomization(one: &Kustomization) -> Step {
    Step {
        what: "applied-by",
        by: Some(Writer {
            document: format!("Kustomization {}", one.full_name()),
            route: None,
        }),
        span: Some(one.object.name_span()),
    }
}

/// What the document at a place is, and where in it the place lies.
pub(super) fn writer(store: &Store<'_>, span: Span) -> Option<Writer> {
    let root = &document_at(store, span)?.root;
    let kind = root.text_at(&["kind"]);
    let document = match (kind, root.text_at(&["metadata", "name"])) {
        (Some(kind), Some(name)) => match root.text_at(&["metadata", "namespace"]) {
            Some(namespace) => format!("{kind} {namespace}/{name}"),
            None => format!("{kind} {name}"),
        },
        (Some(kind), None) => kind.to_owned(),
        (None, _) => "document".to_owned(),
    };
    Some(Writer {
        document,
        route: route_to(root, span),
    })
}

/// The route to the innermost value that holds those bytes.
fn route_to(root: &Node, span: Span) -> Option<String> {
    let mut found = None;
    root.walk(&mut |route: Route<'_>, key, node| {
        let holds = |outer: Span| outer.start <= span.start && span.end <= outer.end;
        let is_in_key = key.is_some_and(|key| holds(key.span()));
        if holds(node.span()) || is_in_key {
            found = Some(route.to_string());
        }
        // The spans of maps and lists put together by anchors need not hold all of their parts.
        Walk::Enter
    });
    found.filter(|route| !route.is_empty())
}
