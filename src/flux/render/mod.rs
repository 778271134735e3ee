//! From the entry point of a cluster to everything that Flux would apply there.
//!
//! Kustomizations are followed breadth first, each read from what its parent renders. Settings may be rendered later
//! than they are used, and a bootstrap Kustomization renders itself with patches on top. So the whole graph is rendered
//! in rounds, each looking things up in the round before, until a round changes nothing.

mod address;
mod artifacts;
mod entry;
mod finish;
mod graph;
mod lookups;
mod objects;
mod renderer;
mod round;
mod source;
mod territory;
mod unreached;
mod version;

pub(crate) use address::Address;
pub(crate) use artifacts::Artifacts;
pub(crate) use entry::{Lent, source_reference};
pub(crate) use objects::made_from;
pub(crate) use renderer::Renderer;
pub(crate) use territory::Territory;
pub(crate) use unreached::Unreached;

use self::entry::Start;
use self::round::Round;
use super::EntryPoint;
use super::model::{FluxVersion, Given, Kustomization};
use crate::postbuild::RenderProblem;

/// Rounds until a cluster is taken as it is. Three are enough for settings that name other settings' places; a
/// cluster whose rendering never settles would not settle in reality either, and is told as such.
const MAX_ROUNDS: usize = 12;

impl Renderer<'_> {
    /// Renders a cluster, in which `given` exists whatever the repository shows.
    pub(crate) fn render(&self, entry: &EntryPoint, territory: &Territory, given: &[Given]) -> Rendered {
        let Some(mut start) = Start::of(entry, self.builder) else {
            return Rendered::default();
        };
        let last = self.rounds(&mut start, territory, given);
        Rendered {
            kustomizations: last.kustomizations,
            strict_substitution: self.is_strict(&start),
            flux: start.stated.version,
        }
    }

    /// Renders what Flux objects that a hub has delivered bring along, behind what was delivered; `None` where there are none.
    pub(crate) fn follow(
        &self,
        delivered: &[Kustomization],
        source: Lent,
        territory: &Territory,
        given: &[Given],
    ) -> Option<Vec<Kustomization>> {
        let mut start = Start::delivered(delivered, source)?;
        let rendered = self.rounds(&mut start, territory, given);
        Some(rendered.kustomizations)
    }

    fn rounds(&self, start: &mut Start, territory: &Territory, given: &[Given]) -> Round {
        let mut before = Round::default();
        let mut unsettled = None;
        for _ in 0..MAX_ROUNDS {
            let round = Round::render(self, start, territory, given, &before);
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
            first.problems.push(RenderProblem::Unsettled {
                span,
                rounds: MAX_ROUNDS,
            });
        }
        before
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
