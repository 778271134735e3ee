//! What is wrong with the objects of every cluster, found out once for all rules that tell of it.

use std::collections::HashMap;
use std::sync::{Arc, OnceLock};

use super::fault::Fault;
use super::look;
use super::refusal::Patterns;
use crate::cluster::Index;
use crate::cluster::releases::releases;
use crate::fleet::Cluster;
use crate::kustomize::Object;
use crate::mesh::Mesh;
use crate::tables::schemas::{self, Catalogue, Releases};
use crate::yaml::Store;

/// The verdicts on all objects, when first asked for.
#[derive(Debug)]
pub struct Verdicts<'a> {
    store: &'a Store<'a>,
    index: &'a Index<'a>,
    mesh: &'a Mesh<'a>,
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
    pub(crate) fn new(store: &'a Store<'a>, index: &'a Index<'a>, mesh: &'a Mesh<'a>) -> Self {
        Self {
            store,
            index,
            mesh,
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
        let mut known: HashMap<(*const Object, Releases), Arc<[Fault]>> = HashMap::new();
        let mut refused = Vec::new();
        for (index, of_kubernetes) in self.index.clusters.iter().zip(kubernetes) {
            let cluster = index.cluster;
            for (_, object) in cluster.objects().filter(|(_, object)| is_applied(object)) {
                let key = (Arc::as_ptr(object), of_kubernetes);
                let faults = known
                    .entry(key)
                    .or_insert_with(|| faults(object, of_kubernetes, &patterns).into());
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

    /// The releases of Kubernetes that each cluster may run: one where the repository states it and its types were read.
    fn releases_of_kubernetes(&self) -> Vec<Releases> {
        let catalogue = schemas::kubernetes();
        let cilium = |at: usize| {
            let member = self.mesh.members.iter().find(|member| member.cluster == at)?;
            let version = member.version.get()?;
            Some((version.major, version.minor))
        };
        let all = releases(self.store, self.index, &cilium);
        let running = all.iter().map(|running| {
            let (major, minor) = running.of("Kubernetes")?;
            let text = format!("{major}.{minor}");
            catalogue.releases.iter().position(|release| *release == text)
        });
        running
            .map(|at| at.map_or(Releases::ALL, Releases::only))
            .collect()
    }
}

/// Whether Flux sends an object to the API server as it is rendered.
fn is_applied(object: &Object) -> bool {
    let says = |key: &str, word: &str| {
        let value = object.annotation(key).and_then(|value| value.as_text());
        value.is_some_and(|value| value.eq_ignore_ascii_case(word))
    };
    object.unpatched.is_none()
        && !says("kustomize.toolkit.fluxcd.io/reconcile", "disabled")
        && !says("kustomize.toolkit.fluxcd.io/ssa", "ignore")
}

fn faults(object: &Object, of_kubernetes: Releases, patterns: &Patterns) -> Vec<Fault> {
    let catalogue = schemas::of_group(object.group());
    let kind = catalogue.and_then(|catalogue| {
        let kind = catalogue.kinds.get(&(object.api_version(), object.kind()))?;
        Some((catalogue, kind))
    });
    let mut faults = Vec::new();
    if !catalogue.is_some_and(is_kubernetes) {
        faults.extend(faults_of_metadata(object, patterns));
    }
    if let Some((catalogue, kind)) = kind {
        let running = if is_kubernetes(catalogue) {
            of_kubernetes
        } else {
            Releases::ALL
        };
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
