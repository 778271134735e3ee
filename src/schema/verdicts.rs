//! What is wrong with the objects of every cluster, found out once for all rules that tell of it.

use std::collections::HashMap;
use std::sync::{Arc, OnceLock};

use super::fault::Fault;
use super::look;
use super::refusal::Patterns;
use crate::cluster::{self, Index};
use crate::fleet::Cluster;
use crate::flux::is_left_out;
use crate::kustomize::Object;
use crate::mesh::Running;
use crate::tables::schemas::{self, Catalogue, Releases};

/// What a verdict depends on: the object, the releases of Kubernetes, and whether the repository defines the kind.
type Key = (*const Object, Option<Releases>, bool);

/// The verdicts on all objects, when first asked for.
#[derive(Debug)]
pub struct Verdicts<'a> {
    index: &'a Index<'a>,
    running: &'a Running<'a>,
    refused: OnceLock<Vec<Refused<'a>>>,
}

/// An object with something wrong.
#[derive(Debug)]
pub(crate) struct Refused<'a> {
    pub(crate) cluster: &'a Cluster,
    pub(crate) object: &'a Arc<Object>,
    pub(crate) faults: Arc<[Fault]>,
}

impl<'a> Verdicts<'a> {
    /// On the objects of these clusters.
    pub(crate) fn new(index: &'a Index<'a>, running: &'a Running<'a>) -> Self {
        Self {
            index,
            running,
            refused: OnceLock::new(),
        }
    }

    /// The objects that the API server does not take as they are.
    pub(crate) fn refused(&self) -> &[Refused<'a>] {
        self.refused.get_or_init(|| self.judge())
    }

    fn judge(&self) -> Vec<Refused<'a>> {
        let kubernetes = self.releases_of_kubernetes();
        let patterns = Patterns::default();
        let mut known: HashMap<Key, Arc<[Fault]>> = HashMap::new();
        let mut refused = Vec::new();
        for (index, of_kubernetes) in self.index.clusters.iter().zip(kubernetes) {
            let cluster = index.cluster;
            let definitions = index.custom_definitions();
            for (owner, object) in cluster.objects() {
                if object.unpatched.is_some() || is_left_out(object) {
                    continue;
                }
                let has_own = definitions.contains_key(&(object.group(), object.kind()));
                // What the cluster that it goes to runs is not looked for.
                let of_kubernetes = match index.delivers_here(owner) {
                    true => of_kubernetes,
                    false => Some(Releases::ALL),
                };
                let key = (Arc::as_ptr(object), of_kubernetes, has_own);
                let faults = known
                    .entry(key)
                    .or_insert_with(|| faults(object, of_kubernetes, has_own, &patterns).into());
                if !faults.is_empty() {
                    refused.push(Refused {
                        cluster,
                        object,
                        faults: Arc::clone(faults),
                    });
                }
            }
        }
        refused
    }

    /// The releases of Kubernetes that each cluster may run: one where the repository states it and its types were read, all where it
    /// does not, and nothing that is known where it states a later one.
    fn releases_of_kubernetes(&self) -> Vec<Option<Releases>> {
        let catalogue = schemas::kubernetes();
        let of_running = |running: &cluster::releases::Releases| {
            let Some((major, minor)) = running.of("Kubernetes") else {
                return Some(Releases::ALL);
            };
            let text = format!("{major}.{minor}");
            match catalogue.releases.iter().position(|release| *release == text) {
                Some(at) => Some(Releases::only(at)),
                None => (!is_after(&catalogue.releases, (major, minor))).then_some(Releases::ALL),
            }
        };
        self.running.all().iter().map(of_running).collect()
    }
}

/// Whether a release comes after all of these.
fn is_after(releases: &[&str], (major, minor): (u64, u64)) -> bool {
    let number = |release: &&str| {
        let (major, minor) = release.split_once('.')?;
        Some((major.parse::<u64>().ok()?, minor.parse::<u64>().ok()?))
    };
    releases
        .iter()
        .filter_map(number)
        .all(|known| known < (major, minor))
}

/// What is wrong with one object. A definition of the kind in the repository (`has_own`) may be another than those that were read.
fn faults(
    object: &Object,
    of_kubernetes: Option<Releases>,
    has_own: bool,
    patterns: &Patterns,
) -> Vec<Fault> {
    let catalogue = schemas::of_group(object.group());
    let kind = catalogue.and_then(|catalogue| {
        let kind = catalogue.kinds.get(&(object.api_version(), object.kind()))?;
        Some((catalogue, kind))
    });
    let mut faults = Vec::new();
    if !catalogue.is_some_and(is_kubernetes) {
        faults.extend(faults_of_metadata(object, patterns));
    }
    let running = if catalogue.is_some_and(is_kubernetes) {
        of_kubernetes
    } else {
        (!has_own).then_some(Releases::ALL)
    };
    if let (Some((catalogue, kind)), Some(running)) = (kind, running) {
        let releases = match running.and(kind.has) {
            // Which versions of the API are served is the matter of another rule.
            none if none.is_empty() => kind.has,
            some => some,
        };
        faults.extend(look::faults(
            catalogue,
            &kind.root,
            releases,
            patterns,
            &object.node,
        ));
    }
    faults
}

/// Every kind has the metadata that Kubernetes' own have.
fn faults_of_metadata(object: &Object, patterns: &Patterns) -> Vec<Fault> {
    let kubernetes = schemas::kubernetes();
    let place = kubernetes
        .kinds
        .get(&("v1", "Secret"))
        .and_then(|kind| kubernetes.field(&kind.root, "metadata"));
    place.map_or_else(Vec::new, |place| {
        look::faults_of_metadata(kubernetes, place, patterns, &object.node)
    })
}

fn is_kubernetes(catalogue: &Catalogue<'_>) -> bool {
    std::ptr::eq(catalogue, schemas::kubernetes())
}
