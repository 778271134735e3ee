//! Who is served by a global Service, and what is left of it when a cluster or its API server is gone.
//!
//! After `pkg/clustermesh/selectbackends.go`, and before Cilium 1.18 `pkg/k8s/service_cache.go` (preferred backends).

use std::cell::OnceCell;
use std::collections::BTreeSet;

use super::backends::{Backends, backends};
use super::global_namespaces::closed;
use super::globals::{Global, Owner};
use super::model::{Member, Mesh, Relation};
use super::peering::Peering;
use super::service::{Flag, ServiceKind, annotation, loses_peers, ports, service_kind, shares};
use crate::cluster::Index;
use crate::helm::Lookup;

/// The annotation that prefers pods, and its older name. The new one wins.
pub(crate) const AFFINITY: [&str; 2] = ["service.cilium.io/affinity", "io.cilium/service-affinity"];

/// Which pods a cluster prefers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Affinity {
    /// All alike.
    None,
    /// Its own, while it has some.
    Local,
    /// Those of others, while these have some.
    Remote,
    /// A word that makes its Cilium pass over the pods of others (1.18).
    OwnOnly,
    /// Made by what is not in the repository.
    Unknown,
}

impl Affinity {
    fn of(owner: Owner<'_>) -> Self {
        let Some(node) = annotation(&owner.service.object, &AFFINITY) else {
            return Self::None;
        };
        if node.origin().is_unknown() {
            return Self::Unknown;
        }
        let word = node.as_text().unwrap_or_default().to_ascii_lowercase();
        match (word.as_str(), owner.member.version.get()) {
            ("local", _) => Self::Local,
            ("remote", _) => Self::Remote,
            ("", _) => Self::None,
            (_, Some(version)) if loses_peers(version) => Self::OwnOnly,
            (_, Some(_)) => Self::None,
            (_, None) => Self::Unknown,
        }
    }

    pub(crate) fn word(self) -> &'static str {
        match self {
            Self::None => "none",
            Self::Local => "local",
            Self::Remote => "remote",
            Self::OwnOnly => "own-only",
            Self::Unknown => "unknown",
        }
    }
}

/// A cluster that has the Service, with the pods behind it there.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Lender<'a> {
    pub(crate) owner: Owner<'a>,
    pub(crate) backends: Backends,
}

/// Whether one cluster uses the pods of another.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Usable {
    /// They are its own.
    Own,
    /// It does.
    Yes,
    /// It does not, and why.
    No(&'static str),
    /// It cannot be known, and why.
    Unknown(&'static str),
}

/// What may be lost.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Loss {
    /// A cluster, by its position.
    Cluster(usize),
    /// The API server of ClusterMesh in a cluster.
    ApiServer(usize),
}

/// The Service as one cluster sees it.
#[derive(Debug)]
pub(crate) struct View<'a> {
    pub(crate) consumer: Owner<'a>,
    pub(crate) affinity: Affinity,
    /// Whether it goes on using what it knew of a cluster that is gone: nothing revokes that, unless `clustermesh-cache-ttl` (1.19) does.
    pub(crate) keeps_lost: bool,
    /// Of each cluster that has the Service.
    pub(crate) uses: Vec<Usable>,
}

/// Answers for the global Services of a mesh.
pub(crate) struct Availability<'a> {
    mesh: &'a Mesh<'a>,
    index: &'a Index<'a>,
    /// Who dials whom, by position, when first asked for.
    dials: OnceCell<BTreeSet<(usize, usize)>>,
}

impl<'a> Availability<'a> {
    pub(crate) fn of(mesh: &'a Mesh<'a>, index: &'a Index<'a>) -> Self {
        Self {
            mesh,
            index,
            dials: OnceCell::new(),
        }
    }

    /// The clusters that have the Service, with the pods behind it in each.
    pub(crate) fn lenders(&self, global: &Global<'a>) -> Vec<Lender<'a>> {
        let lender = |owner: &Owner<'a>| Lender {
            owner: *owner,
            backends: match self.index.clusters.get(owner.member.cluster) {
                Some(index) => backends(index, &owner.service.object),
                None => Backends::Unknown("the cluster"),
            },
        };
        global.owners.iter().map(lender).collect()
    }

    /// The Service as one of them sees it.
    pub(crate) fn view(&self, consumer: Owner<'a>, lenders: &[Lender<'a>]) -> View<'a> {
        let affinity = Affinity::of(consumer);
        let usable = |lender: &Lender<'a>| self.usable(consumer, lender.owner, affinity);
        View {
            consumer,
            affinity,
            keeps_lost: keeps_lost(consumer.member),
            uses: lenders.iter().map(usable).collect(),
        }
    }

    fn usable(&self, consumer: Owner<'a>, lender: Owner<'a>, affinity: Affinity) -> Usable {
        if consumer.member.cluster == lender.member.cluster {
            return Usable::Own;
        }
        if affinity == Affinity::OwnOnly {
            return Usable::No("its affinity is no word that this Cilium knows");
        }
        let doubts = [
            self.reaches(consumer.member, lender.member),
            lends(lender),
            self.sees_namespace(consumer, lender),
            fits(consumer, lender),
        ];
        let is_no = |one: &Usable| matches!(one, Usable::No(_));
        let is_yes = |one: &Usable| *one == Usable::Yes;
        let worst = doubts.iter().find(|one| is_no(one));
        *worst
            .or_else(|| doubts.iter().find(|one| !is_yes(one)))
            .unwrap_or(&Usable::Yes)
    }

    fn dials(&self) -> &BTreeSet<(usize, usize)> {
        self.dials.get_or_init(|| {
            let links = Peering::of(self.mesh);
            let links = links.links();
            links.map(|link| (link.from.cluster, link.to.cluster)).collect()
        })
    }

    /// Whether one cluster hears of the other's Services.
    fn reaches(&self, from: &Member, to: &Member) -> Usable {
        if self.mesh.relation(from.cluster, to.cluster) != Relation::Meshed {
            return Usable::No("the mesh between them is off");
        }
        if to.api_server.get() == Some(&false) {
            return Usable::No("it runs no ClusterMesh API server");
        }
        match self.dials().contains(&(from.cluster, to.cluster)) {
            true => Usable::Yes,
            false if from.peers_hidden || from.peers.get().is_none() => {
                Usable::Unknown("whom it has as peers")
            }
            false => Usable::No("it is no peer"),
        }
    }

    fn sees_namespace(&self, consumer: Owner<'a>, lender: Owner<'a>) -> Usable {
        let is_closed = |owner: Owner<'a>| {
            let index = self.index.clusters.get(owner.member.cluster);
            index.is_some_and(|index| closed(index, owner.member, &owner.service.namespace).is_some())
        };
        match is_closed(lender) || is_closed(consumer) {
            true => Usable::No("the namespace is not global"),
            false => Usable::Yes,
        }
    }
}

fn lends(lender: Owner<'_>) -> Usable {
    match shares(&lender.service.object) {
        Flag::On => Usable::Yes,
        Flag::Off => Usable::No("it keeps its pods to itself"),
        Flag::Unknown => Usable::Unknown("whether it shares its pods"),
    }
}

/// Whether the two Services go together: backends of other clusters are found by the names and protocols of ports.
fn fits(consumer: Owner<'_>, lender: Owner<'_>) -> Usable {
    match service_kind(&consumer.service.object) {
        ServiceKind::Headless => match consumer.member.sharing.endpoint_slices.get() {
            Some(true) => return Usable::Yes,
            Some(false) => return Usable::No("it is headless, and EndpointSlices are not synchronised"),
            None => return Usable::Unknown("whether EndpointSlices are synchronised"),
        },
        ServiceKind::Name => return Usable::No("it is only a name"),
        ServiceKind::Unknown => return Usable::Unknown("what kind of Service it is"),
        ServiceKind::Address => {}
    }
    let both = (ports(&consumer.service.object), ports(&lender.service.object));
    let (Some(own), Some(theirs)) = both else {
        return Usable::Unknown("its ports");
    };
    let is_there = own.iter().any(|port| {
        let mut theirs = theirs.iter();
        theirs.any(|other| (&other.name, &other.protocol) == (&port.name, &port.protocol))
    });
    match is_there {
        true => Usable::Yes,
        false => Usable::No("no port has the same name and protocol"),
    }
}

fn keeps_lost(member: &Member) -> bool {
    let revokes = member.version_at_least(1, 19) != Some(false)
        && member.cilium.as_ref().is_some_and(|cilium| {
            let ttl = cilium.values.lookup(&["extraConfig", "clustermesh-cache-ttl"]);
            !matches!(ttl, Lookup::Absent)
        });
    !revokes
}

/// Whether there is an answer to who is served.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Verdict {
    Served,
    NotServed,
    Unknown,
}

/// Whether a cluster is served.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Answer {
    pub(crate) verdict: Verdict,
    /// Whose pods serve it, or may: positions among those that have the Service.
    pub(crate) by: Vec<usize>,
    /// Whether connections go to pods that are gone.
    pub(crate) to_lost: bool,
    /// Whether it has pods of its own that it does not turn to.
    pub(crate) is_stuck: bool,
}

/// What becomes of the pods of one cluster.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    Live,
    /// Gone, and still believed in.
    Dead,
    Maybe,
    /// Gone, and believed in if there were some.
    MaybeDead,
    No,
}

/// Pods that are preferred alike: positions among the clusters that have the Service.
#[derive(Debug, Default)]
struct Tier {
    live: Vec<usize>,
    maybe: Vec<usize>,
    has_dead: bool,
    may_have_dead: bool,
}

impl Tier {
    fn of(states: &[State], is_meant: impl Fn(usize) -> bool) -> Self {
        let all = |state: State| -> Vec<usize> {
            let positions = states.iter().enumerate();
            let of_state = positions.filter(|(at, one)| **one == state && is_meant(*at));
            of_state.map(|(at, _)| at).collect()
        };
        Self {
            live: all(State::Live),
            maybe: all(State::Maybe),
            has_dead: !all(State::Dead).is_empty(),
            may_have_dead: !all(State::MaybeDead).is_empty(),
        }
    }
}

impl View<'_> {
    /// Whether the cluster is served when that is lost.
    pub(crate) fn answer(&self, lenders: &[Lender<'_>], loss: Option<Loss>) -> Answer {
        let states: Vec<State> = lenders
            .iter()
            .zip(&self.uses)
            .map(|(lender, usable)| self.state(lender, *usable, loss))
            .collect();
        if self.affinity != Affinity::Unknown {
            return self.choose(&states, self.affinity);
        }
        let both = [Affinity::None, Affinity::Local, Affinity::Remote].map(|one| self.choose(&states, one));
        let [first, rest @ ..] = &both;
        let mut answer = first.clone();
        if rest.iter().any(|other| other.verdict != first.verdict) {
            answer.verdict = Verdict::Unknown;
        }
        answer
    }

    fn state(&self, lender: &Lender<'_>, usable: Usable, loss: Option<Loss>) -> State {
        let state = match (usable, lender.backends) {
            (Usable::No(_), _) | (_, Backends::None(_)) => State::No,
            (Usable::Own | Usable::Yes, Backends::Some(_)) => State::Live,
            _ => State::Maybe,
        };
        let at = lender.owner.member.cluster;
        let is_own = usable == Usable::Own;
        match loss {
            Some(Loss::Cluster(lost)) if lost == at => match state {
                State::Live if self.keeps_lost => State::Dead,
                State::Maybe if self.keeps_lost => State::MaybeDead,
                _ => State::No,
            },
            Some(Loss::ApiServer(lost)) if lost == at && !is_own && !self.keeps_lost => State::No,
            _ => state,
        }
    }

    fn choose(&self, states: &[State], affinity: Affinity) -> Answer {
        let is_own = |at: usize| self.uses.get(at) == Some(&Usable::Own);
        let own = || Tier::of(states, is_own);
        let remote = || Tier::of(states, |at| !is_own(at));
        first_that_serves(match affinity {
            Affinity::Local => [own(), remote()],
            Affinity::Remote => [remote(), own()],
            Affinity::None | Affinity::OwnOnly | Affinity::Unknown => {
                [Tier::of(states, |_| true), Tier::default()]
            }
        })
    }
}

/// The first tier in which Cilium believes there are pods serves, or fails to.
fn first_that_serves([first, second]: [Tier; 2]) -> Answer {
    let answer = |verdict, by, to_lost| Answer {
        verdict,
        by,
        to_lost,
        is_stuck: false,
    };
    if !first.live.is_empty() {
        return answer(Verdict::Served, first.live, first.has_dead);
    }
    if first.has_dead && first.maybe.is_empty() {
        return Answer {
            is_stuck: !second.live.is_empty(),
            ..answer(Verdict::NotServed, Vec::new(), true)
        };
    }
    let possible = [first.maybe, second.live.clone()].concat();
    if first.has_dead || (first.may_have_dead && !second.live.is_empty()) {
        return answer(Verdict::Unknown, possible, true);
    }
    if !second.live.is_empty() {
        return answer(Verdict::Served, possible, second.has_dead);
    }
    let possible = [possible, second.maybe].concat();
    let verdict = match possible.is_empty() {
        true => Verdict::NotServed,
        false => Verdict::Unknown,
    };
    answer(verdict, possible, second.has_dead)
}
