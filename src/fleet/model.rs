//! What discovery and rendering give: clusters and what each consists of.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::flux::{FluxVersion, Given, Kustomization};
use crate::helm::{HelmValues, LocalChart};
use crate::kustomize::Object;
use crate::source::{FileId, RepoPath, Span};
use crate::yaml::Node;

/// Every cluster of the repository, rendered.
#[derive(Debug, Default)]
pub struct Fleet {
    /// Sorted by name.
    pub clusters: Vec<Cluster>,
    /// The YAML files that are no template and in no archive, whether a cluster reaches them or not.
    pub live: Vec<FileId>,
}

/// How a cluster gets its objects.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Delivery {
    /// Flux Kustomizations, from an entry point.
    Flux,
    /// No Flux: a set of Cilium Helm values is all that is known.
    Values,
}

/// One cluster.
#[derive(Debug)]
pub struct Cluster {
    /// The name shown: configured, else the part of the entry path that tells it from the others.
    pub name: String,
    /// The name that it has while none is configured: paths and machines of the repository may go by either.
    pub found_as: String,
    /// The directory (or values file) it starts from.
    pub entry: RepoPath,
    /// Where the repository says so: `spec.path` of the sync Kustomization, `sync.path` of the FluxInstance.
    pub entry_span: Option<Span>,
    /// How it gets its objects.
    pub delivery: Delivery,
    /// The entry point's Kustomization first, then every other in the order in which parents render them.
    pub kustomizations: Vec<Kustomization>,
    /// Cilium values outside of Flux: bootstrap files, or all there is when `delivery` is `Values`.
    pub loose_values: Vec<LooseValues>,
    /// Whether undefined variables fail the build (kustomize-controller ≥ 1.9 by default).
    pub strict_substitution: bool,
    /// The release of Flux, where the repository states one.
    pub flux: Option<FluxVersion>,
    /// HelmReleases of which something stands elsewhere, by namespace and name.
    pub releases: BTreeMap<(String, String), ReleaseFacts>,
    /// What is stated to be in the cluster beside what the repository shows.
    pub given: Vec<Given>,
    /// What configures its machines, where that was made for it alone.
    pub machines: Vec<Node>,
}

impl Cluster {
    /// Every rendered object with the position of its Kustomization. Objects that go to another cluster are left out.
    pub fn objects(&self) -> impl Iterator<Item = (usize, &Arc<Object>)> {
        self.delivering()
            .flat_map(|(at, owner)| owner.objects.iter().map(move |o| (at, o)))
    }

    /// The Kustomizations whose objects go to this cluster, with their positions.
    pub fn delivering(&self) -> impl Iterator<Item = (usize, &Kustomization)> {
        let all = self.kustomizations.iter().enumerate();
        all.filter(|(at, _)| self.delivers_here(*at))
    }

    /// Whether the objects of the Kustomization at that position go to this cluster: neither it nor an ancestor has a
    /// `kubeConfig`.
    pub fn delivers_here(&self, kustomization: usize) -> bool {
        let all = &self.kustomizations;
        self.lineage(kustomization)
            .all(|at| all.get(at).is_none_or(|one| !one.remote))
    }

    /// The positions of a Kustomization, of its parent, and so on up to an entry point.
    pub fn lineage(&self, start: usize) -> impl Iterator<Item = usize> {
        let all = &self.kustomizations;
        // Parents come before their children, but a bound costs nothing and a circle would never end.
        std::iter::successors(Some(start), |at| all.get(*at).and_then(|one| one.parent)).take(all.len())
    }

    /// The rendered objects of a kind, whatever their API version.
    pub fn objects_of<'a>(&'a self, kind: &'a str) -> impl Iterator<Item = (usize, &'a Arc<Object>)> {
        self.objects().filter(move |(_, object)| object.kind() == kind)
    }

    /// The values that a HelmRelease of this cluster gives its chart.
    pub fn helm_values(&self, release: &Object) -> HelmValues {
        let facts = self.facts_of(release);
        facts.map_or_else(|| HelmValues::inline(release), |facts| facts.values.clone())
    }

    /// The chart of a HelmRelease of this cluster, where it lies in the repository.
    pub fn chart_of(&self, release: &Object) -> Option<&LocalChart> {
        self.facts_of(release)?.chart.as_ref()
    }

    pub(super) fn facts_of(&self, release: &Object) -> Option<&ReleaseFacts> {
        self.releases.get(&(
            release.namespace().unwrap_or_default().to_owned(),
            release.name().to_owned(),
        ))
    }

    /// The Kustomizations that are objects of this cluster, without those of a hub whose objects only are here.
    pub fn own_kustomizations(&self) -> impl Iterator<Item = &Kustomization> {
        self.kustomizations.iter().filter(|one| one.hub.is_none())
    }

    /// Whether the repository may mean the cluster by that name.
    pub fn goes_by(&self, name: &str) -> bool {
        self.name == name || self.found_as == name
    }

    /// Whether all that is known of the cluster comes from what the Flux of another applies there.
    pub fn is_delivered_by_another(&self) -> bool {
        self.kustomizations
            .first()
            .is_some_and(|first| first.hub.is_some())
    }

    /// The Kustomization of that namespace and name.
    pub fn kustomization(&self, namespace: &str, name: &str) -> Option<&Kustomization> {
        self.kustomizations
            .iter()
            .find(|k| k.hub.is_none() && k.namespace == namespace && k.name == name)
    }
}

/// A file of Cilium Helm values that no HelmRelease brings in.
#[derive(Debug)]
pub struct LooseValues {
    /// The values.
    pub values: HelmValues,
    /// The chart version, where something beside the file states it.
    pub chart_version: Option<Node>,
}

/// What is known of a HelmRelease beside what stands in it.
#[derive(Debug, Clone)]
pub struct ReleaseFacts {
    /// Its values, and those of its chart where these are here.
    pub values: HelmValues,
    /// Its chart, where it lies in the repository.
    pub chart: Option<LocalChart>,
}
