//! The effective values of a cluster's Cilium chart, each with the place that states it.

use super::model::{Place, Statement};
use crate::finding::ObjectRef;
use crate::flux::{Cluster, HelmValues, Lookup, UnknownReason};
use crate::kustomize::Object;
use crate::yaml::{Node, Origin};

/// The values of one Cilium installation.
#[derive(Debug)]
pub struct CiliumValues {
    values: HelmValues,
    statement: Statement,
    object: Option<ObjectRef>,
    /// What a route inside the object starts with, for example `spec.values`.
    root: &'static str,
    /// Where to point at when the values hold nothing near.
    anchor: Node,
}

impl CiliumValues {
    /// The values of a HelmRelease that the Kustomization at `owner` brings.
    pub(super) fn of_release(cluster: &Cluster, owner: usize, release: &Object) -> Self {
        let spec = release.node.get("spec");
        let anchor = spec
            .and_then(|spec| spec.entry("values"))
            .map(|entry| &entry.key)
            .or_else(|| release.node.at(&["metadata", "name"]))
            .unwrap_or(&release.node);
        Self {
            values: release_values(cluster, owner, release),
            statement: Statement::HelmRelease,
            object: Some(release.reference()),
            root: "spec.values",
            anchor: anchor.clone(),
        }
    }

    /// A values file that no HelmRelease brings in.
    pub(super) fn of_file(tree: &Node) -> Self {
        let anchor = tree.entries().first().map_or(tree, |entry| &entry.key).clone();
        Self {
            values: HelmValues {
                tree: tree.clone(),
                unknown: Vec::new(),
                own: None,
            },
            statement: Statement::Bootstrap,
            object: None,
            root: "",
            anchor,
        }
    }

    /// What is known of the value at `path`. A null counts as absent: Helm removes the key then.
    pub fn lookup(&self, path: &[&str]) -> Lookup<'_> {
        match lookup(&self.values, path) {
            Lookup::Value(node) if node.is_null() => Lookup::Absent,
            Lookup::Value(node) if node.origin().is_unknown() => Lookup::Unknown(UnknownReason::External),
            found => found,
        }
    }

    /// The node that stands at `path`, a null too.
    pub fn node(&self, path: &[&str]) -> Option<&Node> {
        self.values.tree.at(path)
    }

    /// The text at `path`, where it is stated and known.
    pub fn text(&self, path: &[&str]) -> Option<&str> {
        match self.lookup(path) {
            Lookup::Value(node) => node.as_text(),
            _ => None,
        }
    }

    /// A place in these values: `node` at `path`.
    pub fn place(&self, node: &Node, path: &[&str]) -> Place {
        Place {
            node: node.clone(),
            statement: self.statement,
            object: self.object.clone(),
            route: self.route(path),
        }
    }

    /// The place nearest to `path` that exists: where a value that nothing states could be written.
    pub fn nearest(&self, path: &[&str]) -> Place {
        let mut at = &self.values.tree;
        let mut key = &self.anchor;
        for step in path {
            let Some(entry) = at.entry(step) else { break };
            key = &entry.key;
            at = &entry.value;
        }
        self.place(key, path)
    }

    /// The object these values belong to.
    pub fn object(&self) -> Option<&ObjectRef> {
        self.object.as_ref()
    }

    fn route(&self, path: &[&str]) -> String {
        let mut route = self.root.to_owned();
        for step in path {
            if !route.is_empty() {
                route.push('.');
            }
            route.push_str(step);
        }
        route
    }
}

fn release_values(_cluster: &Cluster, _owner: usize, release: &Object) -> HelmValues {
    let empty = || Node::mapping(Vec::new(), Origin::at(release.node.span()));
    let own = release
        .node
        .at(&["spec", "values"])
        .filter(|node| node.is_mapping())
        .cloned();
    HelmValues {
        tree: own.clone().unwrap_or_else(empty),
        unknown: Vec::new(),
        own,
    }
}

fn lookup<'a>(values: &'a HelmValues, path: &[&str]) -> Lookup<'a> {
    values.tree.at(path).map_or(Lookup::Absent, Lookup::Value)
}
