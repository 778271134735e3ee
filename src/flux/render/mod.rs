//! From the entry point of a cluster to everything that Flux would apply there.
//!
//! Kustomizations are followed breadth first, each read from what its parent renders. Settings may be rendered later
//! than they are used, and a bootstrap Kustomization renders itself with patches on top. So the whole graph is rendered
//! in rounds, each looking things up in the round before, until a round changes nothing.

mod artifacts;
mod entry;
mod finish;
mod graph;
mod metadata;
mod objects;
mod source;
mod territory;
mod unreached;
mod version;

use std::sync::Arc;

pub(crate) use artifacts::Artifacts;
pub(crate) use entry::source_reference;
pub(crate) use metadata::with_common_metadata;
pub(crate) use territory::Territory;
pub(crate) use unreached::Unreached;

use self::entry::Start;
use self::graph::Round;
use super::EntryPoint;
use super::model::{FluxVersion, Given, Kustomization};
use super::options::Discovery;
use crate::kustomize::Builder;
use crate::postbuild::Problem;
use crate::postbuild::substitute::Substituter;
use crate::source::SourceMap;

/// Rounds until a cluster is taken as it is. Three are enough for settings that name other settings' places; a
/// cluster whose rendering never settles would not settle in reality either, and is told as such.
const MAX_ROUNDS: usize = 12;

/// What all clusters are rendered with.
pub(crate) struct Renderer<'a> {
    pub(crate) sources: &'a SourceMap,
    pub(crate) builder: &'a Builder<'a>,
    pub(crate) substituter: &'a Substituter<'a>,
    pub(crate) unreached: &'a Unreached<'a>,
    pub(crate) artifacts: &'a Artifacts,
    pub(crate) options: &'a Discovery,
    /// Objects rendered of one cluster at most.
    pub(crate) max_objects: usize,
}

impl Renderer<'_> {
    /// Renders a cluster, in which `given` exists whatever the repository shows.
    pub(crate) fn render(&self, entry: &EntryPoint, territory: &Territory, given: &[Given]) -> Rendered {
        let Some(mut start) = Start::of(entry, self.builder) else {
            return Rendered::default();
        };
        let mut before = Round::default();
        let mut unsettled = None;
        for _ in 0..MAX_ROUNDS {
            let round = Round::render(self, &start, territory, given, &before);
            let moved = start.learn(&round, self.builder, self.options.flux_version);
            let is_settled = !moved && round.is_like(&before);
            unsettled = (!is_settled).then(|| round.first_change(&before).unwrap_or_default());
            before = round;
            if is_settled {
                break;
            }
        }
        if let Some(first) = unsettled.and_then(|at| before.kustomizations.get_mut(at)) {
            let span = first.object.name_span();
            first.problems.push(Problem::Unsettled {
                span,
                rounds: MAX_ROUNDS,
            });
        }
        Rendered {
            kustomizations: before.kustomizations,
            strict_substitution: self.is_strict(&start),
            flux: start.stated.version,
        }
    }

    fn is_strict(&self, start: &Start) -> bool {
        let stated = self.options.strict_substitution;
        stated.or(start.stated.strict).unwrap_or(true)
    }
}

/// A rendered cluster.
#[derive(Default)]
pub(crate) struct Rendered {
    /// The entry point's first.
    pub(crate) kustomizations: Vec<Kustomization>,
    pub(crate) strict_substitution: bool,
    /// The release of Flux, where the repository states one.
    pub(crate) flux: Option<FluxVersion>,
}

/// An object in the cluster, addressed as references address it.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Address {
    pub(crate) kind: String,
    pub(crate) namespace: String,
    pub(crate) name: String,
}

impl Address {
    pub(crate) fn new(kind: &str, namespace: &str, name: &str) -> Self {
        Self {
            kind: kind.to_owned(),
            namespace: namespace.to_owned(),
            name: name.to_owned(),
        }
    }

    /// The address of a rendered object. What has no namespace is applied to `default`.
    pub(crate) fn of(object: &Arc<crate::kustomize::Object>) -> Self {
        Self::new(
            object.kind(),
            object.namespace().unwrap_or("default"),
            object.name(),
        )
    }
}
