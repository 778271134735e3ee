//! References from one object to another by kind, namespace and name: whether the other is provably missing, and where
//! it is instead.

use std::collections::BTreeSet;

use super::index::{Existence, Index};
use super::kind::GroupKind;
use super::written::Written;
use crate::flux::Source;
use crate::postbuild::RenderProblem;
use crate::source::Span;
use crate::text::suggest::nearest;
use crate::text::{Want, nearest_path};
use crate::unknown::UnknownReason;

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

/// What an object of the name that is missing is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Trace {
    /// There, in another place.
    Exists,
    /// There, since a Kustomization that runs takes its files from it.
    Used,
    /// In a file that no build of any cluster reaches.
    Unreached,
}

/// A target that provably does not exist.
#[derive(Debug)]
pub(crate) struct Lost<'a> {
    pub(crate) target: Target<'a>,
    pub(crate) elsewhere: Elsewhere<'a>,
    /// Where the objects of that name stand, with what each is.
    pub(crate) places: Vec<(Span, Trace)>,
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
            Existence::Unknown(UnknownReason::BrokenBuild) => !may_be_hidden(written, index, at, target),
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
                (
                    placed.object.name_span(),
                    if stands { Trace::Exists } else { Trace::Used },
                )
            });
            return Some(lost(
                Elsewhere::Namespaces(namespaces.into_iter().collect()),
                places.collect(),
            ));
        }
        let clusters = index.clusters_with(kind, namespace, name, at);
        if !clusters.is_empty() {
            let others = index.clusters.iter().flat_map(|other| other.named(kind, name));
            let places = others.map(|placed| (placed.object.name_span(), Trace::Exists));
            let unreached = unreached(written, index, target).map(|span| (span, Trace::Unreached));
            let places = unreached.into_iter().chain(places).collect();
            return Some(lost(Elsewhere::Clusters(clusters), places));
        }
        if let Some(span) = unreached(written, index, target) {
            return Some(lost(Elsewhere::Unreached(span), vec![(span, Trace::Unreached)]));
        }
        let near = nearest(name, here.names(kind, namespace));
        Some(lost(near.map_or(Elsewhere::Nowhere, Elsewhere::Near), Vec::new()))
    }
}

/// Whether what a broken build hides may be the target: it is written somewhere in the repository, and where nothing is broken but
/// paths that lead nowhere, in a directory that one of them probably means.
fn may_be_hidden(written: &Written<'_>, index: &Index<'_>, at: usize, target: Target<'_>) -> bool {
    let Some(cluster) = index.clusters.get(at) else {
        return false;
    };
    let mut found = all_unreached(written, index, target).peekable();
    if found.peek().is_none() {
        return false;
    }
    let mut meant = Vec::new();
    for owner in cluster.cluster.own_kustomizations() {
        let paths = owner.problems.iter().filter_map(|problem| match problem {
            RenderProblem::MissingPath { path, .. } => {
                Some(nearest_path(written.sources(), path, Want::Directory))
            }
            _ => None,
        });
        let before = meant.len();
        meant.extend(paths);
        let is_broken = owner.source == Source::Missing
            || owner.build.as_ref().is_some_and(|build| build.failed())
            || (owner.build.is_none() && meant.len() == before && !owner.suspended);
        if is_broken {
            return true;
        }
    }
    found.any(|span| {
        let file = written.sources().file(span.file).path();
        meant
            .iter()
            .flatten()
            .any(|directory| file.starts_with(directory))
    })
}

/// Where an object of that kind and name is written without any cluster having it.
fn unreached(written: &Written<'_>, index: &Index<'_>, target: Target<'_>) -> Option<Span> {
    all_unreached(written, index, target).next()
}

fn all_unreached<'w>(
    written: &'w Written<'_>,
    index: &Index<'_>,
    target: Target<'_>,
) -> impl Iterator<Item = Span> + use<'w> {
    let Target { kind, name, .. } = target;
    let everywhere = index
        .clusters
        .iter()
        .flat_map(|cluster| cluster.named(kind, name));
    let reached: BTreeSet<Span> = everywhere
        .filter_map(|placed| placed.object.node.at(&["metadata", "name"]))
        .map(|name| name.span())
        .collect();
    let is_unreached = move |span: &Span| {
        let is_it = |name: &Span| name.file == span.file && overlap(*name, *span);
        !reached.iter().any(is_it)
    };
    written
        .definitions(kind.kind, name)
        .iter()
        .copied()
        .filter(is_unreached)
}

/// The textual search leaves quotes out.
fn overlap(a: Span, b: Span) -> bool {
    a.start < b.end && b.start < a.end
}
