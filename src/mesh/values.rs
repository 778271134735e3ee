//! The effective values of a cluster's Cilium chart, each with the place that states it.

use std::borrow::Cow;
use std::collections::BTreeSet;

use super::fact::{Place, Statement};
use super::read;
use crate::finding::ObjectRef;
use crate::fleet::Cluster;
use crate::helm::{HelmValues, Lookup};
use crate::kustomize::Object;
use crate::postbuild::RenderProblem;
use crate::sops::is_encrypted;
use crate::source::Span;
use crate::unknown::UnknownReason;
use crate::yaml::Node;

/// The values of one Cilium installation.
#[derive(Debug)]
pub struct CiliumValues {
    values: HelmValues,
    statement: Statement,
    object: Option<ObjectRef>,
    /// What a route inside the object starts with, for example `spec.values`.
    root: Cow<'static, str>,
    /// Expressions whose variable the cluster does not have. What they made is not what anybody wrote.
    undefined: BTreeSet<Span>,
    /// Where to point at when the values hold nothing near.
    anchor: Node,
}

/// The object that holds values, and where in it.
pub(super) struct Holder<'a> {
    pub(super) object: &'a Object,
    pub(super) statement: Statement,
    /// What a route inside the object starts with.
    pub(super) root: &'static str,
}

impl CiliumValues {
    /// Values that an object of the cluster holds.
    pub(super) fn of(cluster: &Cluster, values: HelmValues, holder: &Holder<'_>) -> Self {
        let steps: Vec<&str> = holder.root.split('.').collect();
        let anchor = steps
            .split_last()
            .and_then(|(last, before)| holder.object.node.at(before)?.entry(last))
            .map(|entry| &entry.key)
            .or_else(|| holder.object.node.at(&["metadata", "name"]))
            .unwrap_or(&holder.object.node);
        Self {
            values,
            statement: holder.statement,
            object: Some(holder.object.reference()),
            root: holder.root.into(),
            undefined: undefined_expressions(cluster),
            anchor: anchor.clone(),
        }
    }

    /// The same for values that stand below a key of those that the object holds, as those of a chart below its chart do.
    pub(super) fn below(cluster: &Cluster, values: HelmValues, holder: &Holder<'_>, key: &str) -> Self {
        Self {
            root: format!("{}.{key}", holder.root).into(),
            ..Self::of(cluster, values, holder)
        }
    }

    /// A values file that no HelmRelease brings in.
    pub(super) fn of_file(values: &HelmValues) -> Self {
        let tree = &values.tree;
        let anchor = tree.entries().first().map_or(tree, |entry| &entry.key).clone();
        Self {
            values: values.clone(),
            statement: Statement::Bootstrap,
            object: None,
            root: "".into(),
            undefined: BTreeSet::new(),
            anchor,
        }
    }

    /// Says that something at a place may state any of them anew.
    pub(super) fn hide(&mut self, place: Span, reason: UnknownReason) {
        self.values.add_unknown(place, reason);
    }

    /// What is known of the value at `path`. A null counts as absent: Helm removes the key then.
    pub fn lookup(&self, path: &[&str]) -> Lookup<'_> {
        match self.values.lookup(path) {
            Lookup::Value(node) => match self.unknown(node) {
                Some(reason) => Lookup::Unknown(reason),
                None if node.is_null() => Lookup::Absent,
                None => Lookup::Value(node),
            },
            found => found,
        }
    }

    /// Why the value of a node cannot be known, if so.
    fn unknown(&self, node: &Node) -> Option<UnknownReason> {
        let mut substituted = node.origin().substituted.iter().flat_map(|all| all.iter());
        let text = node.as_text().unwrap_or_default();
        if is_encrypted(text) {
            Some(UnknownReason::Encrypted)
        } else if node.origin().is_unknown() {
            Some(UnknownReason::External)
        } else if substituted.any(|one| self.undefined.contains(&one.expression)) {
            Some(UnknownReason::BrokenBuild)
        } else if read::is_template(text) {
            Some(UnknownReason::Generated)
        } else {
            None
        }
    }

    /// Why something in a node of these values cannot be known, if so.
    pub fn unknown_within(&self, node: &Node) -> Option<UnknownReason> {
        let entries = node.entries().iter().flat_map(|entry| [&entry.key, &entry.value]);
        self.unknown(node).or_else(|| {
            node.items()
                .iter()
                .chain(entries)
                .find_map(|inner| self.unknown_within(inner))
        })
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

    /// The names of optional sources of values that are not there.
    pub fn absent(&self) -> &[Node] {
        &self.values.absent
    }

    /// The object these values belong to.
    pub fn object(&self) -> Option<&ObjectRef> {
        self.object.as_ref()
    }

    fn route(&self, path: &[&str]) -> String {
        let mut route = self.root.clone().into_owned();
        for step in path {
            if !route.is_empty() {
                route.push('.');
            }
            route.push_str(step);
        }
        route
    }
}

fn undefined_expressions(cluster: &Cluster) -> BTreeSet<Span> {
    let problems = cluster.kustomizations.iter().flat_map(|owner| &owner.problems);
    problems
        .filter_map(|problem| match problem {
            RenderProblem::UndefinedVariable { expression, .. } => Some(*expression),
            _ => None,
        })
        .collect()
}
