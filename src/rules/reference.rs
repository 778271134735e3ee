//! References from one object to another by kind, namespace and name: whether the other is provably missing, and where
//! it is instead.

use std::collections::BTreeSet;

use super::Written;
use crate::cluster::{Existence, GroupKind, Index};
use crate::finding::Finding;
use crate::source::Span;
use crate::text::suggest::nearest;
use crate::unknown::UnknownReason;
use crate::yaml::Node;

const EXISTS: &str = "it exists here";
const USED: &str = "takes its files from it, so it exists";
const UNREACHED: &str = "defined here, but no build reaches this file";

/// What is referred to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Target<'a> {
    pub(crate) kind: GroupKind<'a>,
    /// `None` for kinds of the whole cluster.
    pub(crate) namespace: Option<&'a str>,
    pub(crate) name: &'a str,
}

impl Target<'_> {
    /// `namespace/name`, as Flux prints it.
    pub(crate) fn full_name(&self) -> String {
        match self.namespace {
            Some(namespace) => format!("{namespace}/{}", self.name),
            None => self.name.to_owned(),
        }
    }

    /// `in namespace …`, or in the cluster.
    pub(crate) fn scope(&self) -> String {
        match self.namespace {
            Some(namespace) => format!("in namespace `{namespace}`"),
            None => "in this cluster".to_owned(),
        }
    }
}

/// Where a name that is missing does exist.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Elsewhere<'a> {
    /// In other namespaces of the same cluster.
    Namespaces(Vec<&'a str>),
    /// In the same namespace of other clusters.
    Clusters(Vec<&'a str>),
    /// In a file that no build of any cluster reaches.
    Unreached(Span),
    /// Nowhere, but this name is near.
    Near(&'a str),
    /// Nowhere.
    Nowhere,
}

/// A target that provably does not exist.
#[derive(Debug)]
pub(crate) struct Lost<'a> {
    pub(crate) target: Target<'a>,
    pub(crate) elsewhere: Elsewhere<'a>,
    /// Where the objects of that name stand, with a word on each.
    places: Vec<(Span, &'static str)>,
}

impl<'a> Lost<'a> {
    /// Looks for a target in the cluster at position `at`; `None` when it is there, or may be.
    pub(crate) fn look(
        written: &Written<'_>,
        index: &Index<'a>,
        at: usize,
        target: Target<'a>,
    ) -> Option<Self> {
        let Target {
            kind,
            namespace,
            name,
        } = target;
        let missing = match index.clusters.get(at)?.find(kind, namespace, name) {
            Existence::Exists(_) => false,
            Existence::Missing => true,
            // What a broken build hides is written somewhere in the repository, unless nothing of that name is.
            Existence::Unknown(UnknownReason::BrokenBuild) => unreached(written, index, target).is_none(),
            // Of the charts, only those of the repository itself make Flux objects, and their templates are there.
            Existence::Unknown(UnknownReason::Chart) => kind.is_flux() && !written.is_in_templates(kind.kind),
            Existence::Unknown(_) => false,
        };
        missing
            .then(|| Self::locate(written, index, at, target))
            .flatten()
    }

    /// Tells where a target is instead, taking for granted that it is not where it is looked for.
    pub(crate) fn locate(
        written: &Written<'_>,
        index: &Index<'a>,
        at: usize,
        target: Target<'a>,
    ) -> Option<Self> {
        let Target {
            kind,
            namespace,
            name,
        } = target;
        let here = index.clusters.get(at)?;
        let lost = |elsewhere, places| Self {
            target,
            elsewhere,
            places,
        };
        let same_name = here.named(kind, name);
        let namespaces: BTreeSet<_> = same_name.iter().filter_map(|placed| placed.namespace).collect();
        if !namespaces.is_empty() {
            let places = same_name.iter().map(|placed| {
                let stands = placed.object.kind() == kind.kind;
                (placed.object.name_span(), if stands { EXISTS } else { USED })
            });
            return Some(lost(
                Elsewhere::Namespaces(namespaces.into_iter().collect()),
                places.collect(),
            ));
        }
        let clusters = index.clusters_with(kind, namespace, name, at);
        if !clusters.is_empty() {
            let others = index.clusters.iter().flat_map(|other| other.named(kind, name));
            let places = others.map(|placed| (placed.object.name_span(), EXISTS));
            let unreached = unreached(written, index, target).map(|span| (span, UNREACHED));
            let places = unreached.into_iter().chain(places).collect();
            return Some(lost(Elsewhere::Clusters(clusters), places));
        }
        if let Some(span) = unreached(written, index, target) {
            return Some(lost(Elsewhere::Unreached(span), vec![(span, UNREACHED)]));
        }
        let near = nearest(name, here.names(kind, namespace));
        Some(lost(near.map_or(Elsewhere::Nowhere, Elsewhere::Near), Vec::new()))
    }

    /// The second half of a message whose first half names the target.
    pub(crate) fn fault(&self) -> String {
        let name = self.target.name;
        match &self.elsewhere {
            Elsewhere::Namespaces(all) => format!("but `{name}` is in namespace {}", quoted(all)),
            Elsewhere::Clusters(all) if all.len() == 1 => {
                format!("which exists only in cluster {}", quoted(all))
            }
            Elsewhere::Clusters(all) => format!("which exists only in clusters {}", quoted(all)),
            Elsewhere::Unreached(_) => "which no build creates".to_owned(),
            Elsewhere::Near(_) | Elsewhere::Nowhere => "which does not exist".to_owned(),
        }
    }

    /// The label of the reference.
    pub(crate) fn label(&self) -> String {
        format!(
            "no {} of that name {}",
            self.target.kind.kind,
            self.target.scope()
        )
    }

    /// What to do, where it is the same for every sort of reference; some state the namespace already.
    pub(crate) fn help(&self, states_namespace: bool) -> Option<String> {
        let name = self.target.name;
        match &self.elsewhere {
            Elsewhere::Namespaces(all) => {
                let namespace = all.first().copied().unwrap_or_default();
                Some(match states_namespace {
                    true => format!("change the `namespace` of the reference to `{namespace}`"),
                    false => format!("add `namespace: {namespace}` to the reference"),
                })
            }
            Elsewhere::Unreached(_) => Some(format!(
                "list the file that defines `{name}` in a kustomization, or remove the reference"
            )),
            Elsewhere::Near(near) => Some(format!("did you mean `{near}`?")),
            Elsewhere::Clusters(_) | Elsewhere::Nowhere => None,
        }
    }

    /// Adds labels where objects of that name stand.
    pub(crate) fn point(&self, finding: Finding) -> Finding {
        // The first few are enough to tell where to look.
        self.places
            .iter()
            .take(4)
            .fold(finding, |finding, (place, text)| finding.label(*place, *text))
    }
}

/// Where an object of that kind and name is written without any cluster having it.
fn unreached(written: &Written<'_>, index: &Index<'_>, target: Target<'_>) -> Option<Span> {
    let Target { kind, name, .. } = target;
    let everywhere = index
        .clusters
        .iter()
        .flat_map(|cluster| cluster.named(kind, name));
    let reached: BTreeSet<Span> = everywhere
        .filter_map(|placed| placed.object.node.at(&["metadata", "name"]))
        .map(|name| name.span())
        .collect();
    written.definitions(kind.kind, name).iter().copied().find(|span| {
        !reached
            .iter()
            .any(|name| name.file == span.file && overlap(*name, *span))
    })
}

/// The textual search leaves quotes out.
fn overlap(a: Span, b: Span) -> bool {
    a.start < b.end && b.start < a.end
}

/// Whether a reference says in which namespace to look.
pub(crate) fn states_namespace(reference: &Node) -> bool {
    reference.get("namespace").is_some_and(|node| !node.is_null())
}

/// Names in backticks, separated by commas.
pub(crate) fn quoted(names: &[&str]) -> String {
    let quoted: Vec<_> = names.iter().map(|name| format!("`{name}`")).collect();
    quoted.join(", ")
}
