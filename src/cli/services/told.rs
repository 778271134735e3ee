//! What is told of a global Service, before it is written.

use crate::cluster::Index;
use crate::mesh::Mesh;
use crate::mesh::globals::{Global, globals};
use crate::mesh::served::{Answer, Availability, Lender, Loss, View};

/// A global Service with what each cluster gets of it.
pub(super) struct Told<'a> {
    pub(super) global: Global<'a>,
    pub(super) lenders: Vec<Lender<'a>>,
    pub(super) views: Vec<Seen<'a>>,
}

/// The Service as one cluster sees it.
pub(super) struct Seen<'a> {
    pub(super) view: View<'a>,
    /// While nothing is lost.
    pub(super) now: Answer,
    /// What changes it, or the one loss that is asked for.
    pub(super) losses: Vec<(Loss, Answer)>,
}

pub(super) fn told<'a>(mesh: &'a Mesh<'a>, index: &'a Index<'a>, without: Option<usize>) -> Vec<Told<'a>> {
    let availability = Availability::of(mesh, index);
    let service = |global: Global<'a>| {
        let lenders = availability.lenders(&global);
        let consumers = global
            .owners
            .iter()
            .filter(|owner| Some(owner.member.cluster) != without);
        let views = consumers.map(|consumer| seen(availability.view(*consumer, &lenders), &lenders, without));
        let views = views.collect();
        Told {
            global,
            lenders,
            views,
        }
    };
    globals(mesh).into_iter().map(service).collect()
}

fn seen<'a>(view: View<'a>, lenders: &[Lender<'a>], without: Option<usize>) -> Seen<'a> {
    let now = view.answer(lenders, None);
    let own = view.consumer.member.cluster;
    let losses = match without {
        Some(cluster) => vec![Loss::Cluster(cluster)],
        None => {
            let others = lenders.iter().map(|lender| lender.owner.member.cluster);
            let others = others.filter(|cluster| *cluster != own);
            others
                .flat_map(|cluster| [Loss::Cluster(cluster), Loss::ApiServer(cluster)])
                .collect()
        }
    };
    let answers = losses
        .into_iter()
        .map(|loss| (loss, view.answer(lenders, Some(loss))));
    let matters =
        |(_, answer): &(Loss, Answer)| without.is_some() || answer.to_lost || answer.verdict != now.verdict;
    let losses = answers.filter(matters).collect();
    Seen { view, now, losses }
}
