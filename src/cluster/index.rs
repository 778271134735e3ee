//! What exists in each cluster, and where nobody can tell: the one index that every rule about references asks.
//!
//! A repository never shows all of a cluster. Charts, operators, other repositories and people make objects too. So a
//! question after an object has three answers: it exists, it is provably missing, or a *blind spot* may hold it.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use super::blind::{BlindSpot, Own, blind_spots, open_sets, owner_of};
use super::kind::GroupKind;
use crate::fleet::{Cluster, Fleet};
use crate::flux::Kustomization;
use crate::flux::{dependencies, known_text};
use crate::kustomize::Object;
use crate::unknown::UnknownReason;
use crate::yaml::Node;

/// An object of a cluster.
#[derive(Debug, Clone, Copy)]
pub struct Placed<'a> {
    /// The object, or the one that makes it: an ExternalSecret for its Secret, a FluxInstance for its source.
    pub object: &'a Arc<Object>,
    /// The namespace it lies in; `None` when it has none or it cannot be told.
    pub namespace: Option<&'a str>,
    /// Position of the Kustomization that applies it; `None` when bootstrap does.
    pub owner: Option<usize>,
}

/// Whether an object exists.
#[derive(Debug, Clone, Copy)]
pub enum Existence<'i, 'a> {
    /// It does.
    Exists(&'i Placed<'a>),
    /// It provably does not.
    Missing,
    /// It may: it could come from something that cannot be seen, for this reason.
    Unknown(UnknownReason),
}

impl Existence<'_, '_> {
    /// Whether the object provably does not exist.
    pub fn is_missing(&self) -> bool {
        matches!(self, Self::Missing)
    }
}

type ByName<'a> = BTreeMap<&'a str, Vec<Placed<'a>>>;

/// What exists in one cluster.
#[derive(Debug)]
pub struct ClusterIndex<'a> {
    /// The cluster.
    pub cluster: &'a Cluster,
    /// By group, then kind.
    objects: BTreeMap<&'a str, BTreeMap<&'a str, ByName<'a>>>,
    blind: Vec<BlindSpot<'a>>,
}

impl<'a> ClusterIndex<'a> {
    pub(crate) fn new(cluster: &'a Cluster) -> Self {
        let mut index = Self {
            cluster,
            objects: BTreeMap::new(),
            blind: Vec::new(),
        };
        for (at, kustomization) in cluster.kustomizations.iter().enumerate() {
            index.add_kustomization(at, kustomization);
        }
        for given in &cluster.given {
            let placed = Placed {
                object: &given.object,
                namespace: Some(&given.namespace),
                owner: None,
            };
            index.add(GroupKind::new(&given.group, &given.kind), &given.name, placed);
        }
        let own = Own {
            owner: index.own_owner(),
            source: index.own_source().map(|(_, name)| name),
        };
        for (at, kustomization) in cluster.kustomizations.iter().enumerate() {
            if index.delivers_here(at) {
                let is_release = index.is_release(kustomization);
                index.blind.extend(blind_spots(kustomization, &own, is_release));
            }
        }
        if index.has_more_by_hand() || cluster.is_delivered_by_another() {
            index.blind.push(BlindSpot::anything(UnknownReason::External));
        }
        for (at, kustomization) in cluster.kustomizations.iter().enumerate() {
            if index.delivers_here(at) {
                let open = open_sets(kustomization, &index.blind);
                index.blind.extend(open);
            }
        }
        index
    }

    /// The source of the entry point, as kind and name.
    fn own_source(&self) -> Option<(&'a str, &'a str)> {
        let entry = self
            .cluster
            .own_kustomizations()
            .find(|one| one.parent.is_none())?;
        let reference = entry.spec()?.get("sourceRef")?;
        Some((reference.text_at(&["kind"])?, reference.text_at(&["name"])?))
    }

    /// Who owns this repository: the address of the entry point's source tells, or that in the FluxInstance or in the
    /// values of the chart that makes one.
    fn own_owner(&self) -> Option<String> {
        let (kind, name) = self.own_source()?;
        let sources = self.named(GroupKind::source(kind), name).iter();
        let of_source = sources.filter_map(|placed| placed.object.node.text_at(&["spec", "url"]));
        let instances = self.cluster.objects_of("FluxInstance");
        let of_instance = instances.filter_map(|(_, object)| object.node.text_at(&["spec", "sync", "url"]));
        let releases = self.cluster.objects_of(GroupKind::HELM_RELEASE.kind);
        let in_values = ["spec", "values", "instance", "sync", "url"];
        let of_chart = releases.filter_map(|(_, object)| object.node.text_at(&in_values));
        of_source.chain(of_instance).chain(of_chart).find_map(owner_of)
    }

    /// Whether the source of a Kustomization is pinned to a release.
    fn is_release(&self, kustomization: &Kustomization) -> bool {
        let reference = kustomization.spec().and_then(|spec| spec.get("sourceRef"));
        let text = |key| {
            reference
                .and_then(|reference| reference.text_at(&[key]))
                .unwrap_or_default()
        };
        let sources = self.named(GroupKind::source(text("kind")), text("name")).iter();
        let mut references = sources.filter_map(|placed| placed.object.node.at(&["spec", "ref"]));
        references.any(|pinned| {
            ["tag", "semver", "digest"]
                .iter()
                .any(|key| pinned.get(key).is_some())
        })
    }

    /// Whether the entry point depends on what the cluster does not show: then somebody applies more than that.
    fn has_more_by_hand(&self) -> bool {
        let entries = self
            .cluster
            .own_kustomizations()
            .filter(|one| one.parent.is_none());
        let mut wanted = entries.flat_map(|entry| dependencies(&entry.object, &entry.namespace));
        wanted.any(|dependency| self.named(GroupKind::KUSTOMIZATION, dependency.name).is_empty())
    }

    fn add_kustomization(&mut self, at: usize, kustomization: &'a Kustomization) {
        if self.lives_here(kustomization) {
            self.add(
                GroupKind::KUSTOMIZATION,
                &kustomization.name,
                Placed {
                    object: &kustomization.object,
                    namespace: Some(&kustomization.namespace),
                    owner: kustomization.parent,
                },
            );
            if kustomization.parent.is_none() {
                self.add_source_of_entry(kustomization);
            }
        }
        if !self.delivers_here(at) {
            return;
        }
        for object in &kustomization.objects {
            let placed = Placed {
                object,
                namespace: object.namespace(),
                owner: Some(at),
            };
            self.add(GroupKind::from(&**object), object.name(), placed);
            if let Some((kind, name)) = made_by(object) {
                self.add(kind, name, placed);
            }
        }
    }

    /// The entry point runs, so bootstrap has made its source, whether or not the repository shows it.
    fn add_source_of_entry(&mut self, entry: &'a Kustomization) {
        let Some(reference) = entry.spec().and_then(|spec| spec.get("sourceRef")) else {
            return;
        };
        let (Some(kind), Some(name)) = (reference.text_at(&["kind"]), reference.text_at(&["name"])) else {
            return;
        };
        let placed = Placed {
            object: &entry.object,
            namespace: Some(reference.text_at(&["namespace"]).unwrap_or(&entry.namespace)),
            owner: None,
        };
        self.add(GroupKind::source(kind), name, placed);
    }

    fn add(&mut self, kind: GroupKind<'a>, name: &'a str, placed: Placed<'a>) {
        self.objects
            .entry(kind.group)
            .or_default()
            .entry(kind.kind)
            .or_default()
            .entry(name)
            .or_default()
            .push(placed);
    }

    /// Whether a Kustomization is an object of this cluster: a hub's is not, though what it applies is here.
    pub fn lives_here(&self, kustomization: &Kustomization) -> bool {
        kustomization.hub.is_none()
            && kustomization
                .parent
                .is_none_or(|parent| self.delivers_here(parent))
    }

    /// Whether the objects of the Kustomization at that position go to this cluster.
    pub fn delivers_here(&self, kustomization: usize) -> bool {
        self.cluster.delivers_here(kustomization)
    }

    /// The definitions of custom resources that the cluster shows, by group and kind.
    pub(crate) fn custom_definitions(&self) -> BTreeMap<(&'a str, &'a str), &'a Node> {
        let all = self.cluster.objects_of("CustomResourceDefinition");
        all.filter_map(|(_, object)| {
            let text = |route: &[&str]| object.node.text_at(route);
            let key = (text(&["spec", "group"])?, text(&["spec", "names", "kind"])?);
            Some((key, &object.node))
        })
        .collect()
    }

    /// Whether Flux keeps the objects of the Kustomization at that position as the repository has them: neither it nor
    /// whatever made it is suspended, and they go to this cluster.
    pub fn is_live(&self, kustomization: usize) -> bool {
        let all = &self.cluster.kustomizations;
        self.delivers_here(kustomization)
            && self
                .cluster
                .lineage(kustomization)
                .all(|at| all.get(at).is_none_or(|one| !one.suspended))
    }

    /// Whether an object exists. `namespace` is `None` for cluster-scoped kinds.
    pub fn find(&self, kind: GroupKind<'_>, namespace: Option<&str>, name: &str) -> Existence<'_, 'a> {
        self.find_unless(kind, namespace, name, |_| true)
    }

    /// Whether an object exists that no chart makes, for names that are somebody's own: what charts may hold besides
    /// does not count.
    pub fn find_beside_charts(
        &self,
        kind: GroupKind<'_>,
        namespace: Option<&str>,
        name: &str,
    ) -> Existence<'_, 'a> {
        self.find_unless(kind, namespace, name, |reason| reason != UnknownReason::Chart)
    }

    fn find_unless(
        &self,
        kind: GroupKind<'_>,
        namespace: Option<&str>,
        name: &str,
        counts: impl Fn(UnknownReason) -> bool,
    ) -> Existence<'_, 'a> {
        let all = self.named(kind, name);
        let fits = |placed: &&Placed<'_>| namespace.is_none() || placed.namespace == namespace;
        if let Some(found) = all.iter().find(fits) {
            return Existence::Exists(found);
        }
        if let Some(unplaced) = all.iter().find(|placed| placed.namespace.is_none()) {
            return Existence::Exists(unplaced);
        }
        let reasons = self
            .blind
            .iter()
            .filter(|spot| spot.hides(kind, namespace, name))
            .map(|spot| spot.reason)
            .filter(|reason| counts(*reason));
        match reasons.min_by_key(|reason| (weakness(*reason), *reason)) {
            Some(reason) => Existence::Unknown(reason),
            None => Existence::Missing,
        }
    }

    /// Whether nothing may bring an object of that kind into that namespace that the repository does not show.
    pub fn sees_all(&self, kind: GroupKind<'_>, namespace: Option<&str>) -> bool {
        !self.blind.iter().any(|spot| spot.hides_some(kind, namespace))
    }

    /// Every object of that kind and name, whatever its namespace.
    pub fn named(&self, kind: GroupKind<'_>, name: &str) -> &[Placed<'a>] {
        self.of_kind(kind)
            .and_then(|names| names.get(name))
            .map_or(&[], Vec::as_slice)
    }

    fn of_kind(&self, kind: GroupKind<'_>) -> Option<&ByName<'a>> {
        self.objects.get(kind.group)?.get(kind.kind)
    }

    /// The names of that kind, sorted; those in `namespace` only, where one is given.
    pub fn names<'s>(
        &'s self,
        kind: GroupKind<'_>,
        namespace: Option<&'s str>,
    ) -> impl Iterator<Item = &'a str> + 's {
        let all = self.of_kind(kind).into_iter().flatten();
        all.filter_map(move |(name, placed)| {
            let here = namespace.is_none() || placed.iter().any(|one| one.namespace == namespace);
            here.then_some(*name)
        })
    }
}

/// What exists in every cluster of a fleet.
#[derive(Debug)]
pub struct Index<'a> {
    /// In the order of [`Fleet::clusters`].
    pub clusters: Vec<ClusterIndex<'a>>,
}

impl<'a> Index<'a> {
    /// Indexes a fleet.
    pub fn new(fleet: &'a Fleet) -> Self {
        Self {
            clusters: fleet.clusters.iter().map(ClusterIndex::new).collect(),
        }
    }

    /// The names of the clusters that have an object of that kind and name in that namespace (`None`: in any), without
    /// the cluster at position `but`.
    pub fn clusters_with(
        &self,
        kind: GroupKind<'_>,
        namespace: Option<&str>,
        name: &str,
        but: usize,
    ) -> Vec<&'a str> {
        self.clusters
            .iter()
            .enumerate()
            .filter(|(at, _)| *at != but)
            .filter(|(_, other)| {
                let all = other.named(kind, name);
                all.iter()
                    .any(|placed| namespace.is_none() || placed.namespace == namespace)
            })
            .map(|(_, other)| other.cluster.name.as_str())
            .collect::<BTreeSet<_>>()
            .into_iter()
            .collect()
    }
}

/// Of several reasons not to know, the strongest is told. What a broken build hides is written somewhere in the
/// repository, and what a chart makes is rarely what other objects refer to.
fn weakness(reason: UnknownReason) -> usize {
    match reason {
        UnknownReason::BrokenBuild => 2,
        UnknownReason::Chart => 1,
        _ => 0,
    }
}

/// The kind and name of what a controller makes from this object, under a name that the object states.
fn made_by(object: &Object) -> Option<(GroupKind<'static>, &str)> {
    let own_name = Some(object.name());
    let text = |route: &[&str]| object.node.at(route).and_then(known_text);
    match (object.group(), object.kind()) {
        ("external-secrets.io", "ExternalSecret") => {
            let name = text(&["spec", "target", "name"]).or(own_name)?;
            Some((GroupKind::SECRET, name))
        }
        ("bitnami.com", "SealedSecret") => {
            let name = text(&["spec", "template", "metadata", "name"]).or(own_name)?;
            Some((GroupKind::SECRET, name))
        }
        ("cert-manager.io", "Certificate") => Some((GroupKind::SECRET, text(&["spec", "secretName"])?)),
        _ => None,
    }
}
