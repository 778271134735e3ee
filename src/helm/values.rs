//! The values of a release, and the answer to a question about one.

use crate::kustomize::Object;
use crate::source::Span;
use crate::unknown::UnknownReason;
use crate::yaml::Node;

/// The values of a HelmRelease: `valuesFrom` merged in order, then `values`.
#[derive(Debug, Clone)]
pub struct HelmValues {
    /// The merged tree; every node points at the file that states it.
    pub tree: Node,
    /// Sources that cannot be read. They may set any key that `values` does not.
    pub unknown: Vec<(Span, UnknownReason)>,
    /// Keys set by `spec.values` itself, which win over every source (but not over `targetPath` entries).
    pub own: Option<Node>,
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
        }
    }

    /// The values of a dependency of the chart, which stand below its name.
    pub(crate) fn below(self, key: &str) -> Self {
        let inner = |node: &Node| {
            let found = node.get(key).filter(|found| found.is_mapping()).cloned();
            found.unwrap_or_else(|| Node::mapping(Vec::new(), node.origin().clone()))
        };
        Self {
            own: self.own.as_ref().map(inner),
            tree: inner(&self.tree),
            unknown: self.unknown,
        }
    }

    /// Values of which everything is known.
    pub(crate) fn known(tree: Node) -> Self {
        Self {
            tree,
            unknown: Vec::new(),
            own: None,
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
