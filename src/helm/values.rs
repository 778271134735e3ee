//! The values of a release, and the answer to a question about one.

use super::merge::{merge, set_parameter};
use crate::kustomize::Object;
use crate::source::Span;
use crate::unknown::UnknownReason;
use crate::yaml::{Entry, Node, Origin, Substitution};

/// The values of a HelmRelease: `valuesFrom` merged in order, then `values`.
#[derive(Debug, Clone)]
pub struct HelmValues {
    /// The merged tree; every node points at the file that states it.
    pub tree: Node,
    /// Sources that cannot be read. They may set any key that `values` does not.
    pub unknown: Vec<(Span, UnknownReason)>,
    /// Keys set by `spec.values` itself, which win over every source (but not over `targetPath` entries).
    pub own: Option<Node>,
    /// The names of optional sources that are not there.
    pub absent: Vec<Node>,
}

/// The answer to "what is this value".
#[derive(Debug, Clone, Copy)]
pub enum Lookup<'a> {
    /// Stated here.
    Value(&'a Node),
    /// Nowhere stated: the chart's default holds.
    Absent,
    /// A source that cannot be read may state it.
    Unknown(UnknownReason),
}

impl HelmValues {
    /// The values that stand in the HelmRelease itself.
    pub(crate) fn inline(release: &Object) -> Self {
        let own = release
            .node
            .at(&["spec", "values"])
            .filter(|node| node.is_mapping())
            .cloned();
        let empty = || Node::mapping(Vec::new(), release.node.span());
        Self {
            tree: own.clone().unwrap_or_else(empty),
            unknown: Vec::new(),
            own,
            absent: Vec::new(),
        }
    }

    /// The values of a dependency of the chart, which stand below its name.
    pub(crate) fn below(&self, key: &str) -> Self {
        let below = |node: &Node| node.get(key).filter(|node| node.is_mapping()).cloned();
        Self {
            tree: below(&self.tree).unwrap_or_else(|| Node::mapping(Vec::new(), self.tree.origin().clone())),
            unknown: self.unknown.clone(),
            own: self.own.as_ref().and_then(below),
            absent: self.absent.clone(),
        }
    }

    /// Whether nothing is stated and nothing is hidden.
    pub(crate) fn is_empty(&self) -> bool {
        self.tree.entries().is_empty() && self.unknown.is_empty()
    }

    /// Puts a layer on top of all others.
    pub(crate) fn add(&mut self, layer: &Node) {
        self.tree = merge(&self.tree, layer);
        if let Some(own) = &mut self.own {
            *own = merge(own, layer);
        }
    }

    /// Sets one key as `--set` does.
    pub(crate) fn set(&mut self, path: &Node, value: &Node) {
        let mut layer = Node::mapping(Vec::new(), path.span());
        if path
            .as_text()
            .and_then(|path| set_parameter(&mut layer, path, value, false))
            .is_some()
        {
            self.add(&layer);
        }
    }

    /// Puts a layer that cannot be read on top of all others.
    pub(crate) fn add_unknown(&mut self, span: Span, reason: UnknownReason) {
        self.unknown.push((span, reason));
        self.own = Some(Node::mapping(Vec::new(), span));
    }

    /// Says that only what the layers state is known, and nothing of what they leave out.
    pub(crate) fn open(&mut self, span: Span, reason: UnknownReason) {
        self.own = Some(self.tree.clone());
        self.unknown.push((span, reason));
    }

    /// Says that the value at a path cannot be known, while no layer on top of those so far states it.
    pub(crate) fn hide(&mut self, path: &[&str], span: Span, reason: UnknownReason) {
        if let Some((last, before)) = path.split_last() {
            let entry = |key: &str, value: Node| {
                Node::mapping(
                    vec![Entry {
                        key: Node::string(key, span),
                        value,
                    }],
                    span,
                )
            };
            let value = untold(last, span, reason);
            let layer = before
                .iter()
                .rev()
                .fold(entry(last, value), |below, key| entry(key, below));
            self.add(&layer);
        }
    }

    /// Values of which everything is known.
    pub(crate) fn known(tree: Node) -> Self {
        Self {
            tree,
            unknown: Vec::new(),
            own: None,
            absent: Vec::new(),
        }
    }

    /// What is known of the value at the end of a chain of keys.
    pub fn lookup(&self, route: &[&str]) -> Lookup<'_> {
        let certain = self.own.as_ref();
        match self.unknown.first() {
            Some((_, reason)) if !certain.is_some_and(|certain| decides(certain, route)) => {
                Lookup::Unknown(*reason)
            }
            _ => self.tree.at(route).map_or(Lookup::Absent, Lookup::Value),
        }
    }
}

/// Whether these values leave nothing open about a route, because they state it or something on the way that is no map.
fn decides(values: &Node, route: &[&str]) -> bool {
    let mut at = values;
    for key in route {
        match at.get(key) {
            Some(below) => at = below,
            None => return !at.is_mapping(),
        }
    }
    true
}

/// What stands for a value that nobody can read.
pub(super) fn untold(name: &str, span: Span, reason: UnknownReason) -> Node {
    let text = match reason {
        UnknownReason::Encrypted => "ENC[]",
        _ => "",
    };
    let substitution = Substitution {
        variable: name.into(),
        expression: span,
        value: None,
        unknown: true,
        output: None,
    };
    let origin = Origin {
        span,
        substituted: Some([substitution].into()),
    };
    Node::string(text, origin)
}
