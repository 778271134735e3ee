//! Global Services as JSON. `schema/meshlint-services-v1.json` describes it.

use std::io::{self, Write};

use serde::Serialize;

use super::super::place::Place;
use super::told::{Seen, Told};
use super::words::doubt;
use crate::mesh::backends::Backends;
use crate::mesh::served::{Answer, Lender, Loss, Usable, Verdict};
use crate::mesh::{Flag, shares};
use crate::neutral::to_json;
use crate::source::SourceMap;

#[derive(Serialize)]
struct Document<'a> {
    version: u32,
    without: Option<&'a str>,
    services: Vec<ServiceDocument<'a>>,
}

#[derive(Serialize)]
struct ServiceDocument<'a> {
    namespace: &'a str,
    name: &'a str,
    /// Peers outside of the repository, which may have it too.
    outside: &'a [String],
    clusters: Vec<ClusterDocument<'a>>,
    from: Vec<ViewDocument<'a>>,
}

#[derive(Serialize)]
struct ClusterDocument<'a> {
    cluster: &'a str,
    backends: &'static str,
    pods: Option<u64>,
    why: Option<&'static str>,
    shared: Option<bool>,
    place: Place,
}

#[derive(Serialize)]
struct ViewDocument<'a> {
    cluster: &'a str,
    affinity: &'static str,
    #[serde(flatten)]
    now: AnswerDocument<'a>,
    uses: Vec<UseDocument<'a>>,
    losses: Vec<LossDocument<'a>>,
}

#[derive(Serialize)]
struct UseDocument<'a> {
    cluster: &'a str,
    used: &'static str,
    why: Option<&'static str>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct AnswerDocument<'a> {
    answer: &'static str,
    by: Vec<&'a str>,
    to_lost: bool,
    why: Option<String>,
}

#[derive(Serialize)]
struct LossDocument<'a> {
    lost: &'static str,
    cluster: &'a str,
    #[serde(flatten)]
    after: AnswerDocument<'a>,
}

pub(super) fn write(
    services: &[Told<'_>],
    without: Option<&str>,
    sources: &SourceMap,
    out: &mut dyn Write,
) -> io::Result<()> {
    let document = Document {
        version: 1,
        without,
        services: services.iter().map(|told| service(told, sources)).collect(),
    };
    to_json(out, &document)
}

fn service<'a>(told: &'a Told<'_>, sources: &SourceMap) -> ServiceDocument<'a> {
    ServiceDocument {
        namespace: told.global.namespace,
        name: told.global.name,
        outside: &told.global.group.external,
        clusters: told.lenders.iter().map(|one| cluster(one, sources)).collect(),
        from: told.views.iter().map(|seen| view(told, seen)).collect(),
    }
}

fn cluster<'a>(lender: &Lender<'a>, sources: &SourceMap) -> ClusterDocument<'a> {
    let (backends, pods, why) = match lender.backends {
        Backends::Some(pods) => ("some", pods, None),
        Backends::None(lack) => ("none", Some(0), Some(lack.words())),
        Backends::Unknown(why) => ("unknown", None, Some(why)),
    };
    let span = lender.owner.service.annotation.origin().edit_span();
    ClusterDocument {
        cluster: &lender.owner.member.name,
        backends,
        pods,
        why,
        shared: match shares(&lender.owner.service.object) {
            Flag::On => Some(true),
            Flag::Off => Some(false),
            Flag::Unknown => None,
        },
        place: Place::of(sources, span),
    }
}

fn view<'a>(told: &'a Told<'_>, seen: &'a Seen<'_>) -> ViewDocument<'a> {
    let uses = told.lenders.iter().zip(&seen.view.uses).map(|(lender, usable)| {
        let (used, why) = match *usable {
            Usable::Own => ("own", None),
            Usable::Yes => ("yes", None),
            Usable::No(why) => ("no", Some(why)),
            Usable::Unknown(why) => ("unknown", Some(why)),
        };
        UseDocument {
            cluster: &lender.owner.member.name,
            used,
            why,
        }
    });
    ViewDocument {
        cluster: &seen.view.consumer.member.name,
        affinity: seen.view.affinity.word(),
        now: answer(told, seen, &seen.now),
        uses: uses.collect(),
        losses: seen
            .losses
            .iter()
            .map(|(lost, after)| loss(told, seen, *lost, after))
            .collect(),
    }
}

fn loss<'a>(told: &'a Told<'_>, seen: &Seen<'_>, lost: Loss, after: &Answer) -> LossDocument<'a> {
    let (word, at) = match lost {
        Loss::Cluster(at) => ("cluster", at),
        Loss::ApiServer(at) => ("api-server", at),
    };
    let lender = told
        .lenders
        .iter()
        .find(|lender| lender.owner.member.cluster == at);
    LossDocument {
        lost: word,
        cluster: lender.map_or("", |lender| lender.owner.member.name.as_str()),
        after: answer(told, seen, after),
    }
}

fn answer<'a>(told: &'a Told<'_>, seen: &Seen<'_>, answer: &Answer) -> AnswerDocument<'a> {
    let by = answer.by.iter().filter_map(|at| told.lenders.get(*at));
    let (word, why) = match answer.verdict {
        Verdict::Served => ("served", None),
        Verdict::NotServed if answer.is_stuck => (
            "not-served",
            Some("its affinity keeps to the pods that are gone".to_owned()),
        ),
        Verdict::NotServed => ("not-served", None),
        Verdict::Unknown => ("unknown", Some(doubt(told, &seen.view, answer))),
    };
    AnswerDocument {
        answer: word,
        by: by.map(|lender| lender.owner.member.name.as_str()).collect(),
        to_lost: answer.to_lost,
        why,
    }
}
