//! Clusters beside those that Flux delivers. Where Flux is at work, other values of Cilium mostly start the very clusters that it
//! takes over. What a mesh names as a peer, by a name that no cluster of Flux has, is another cluster.

use std::collections::{BTreeMap, BTreeSet};

use super::Cluster;
use crate::helm::values_in_text;
use crate::kustomize::Object;
use crate::source::SourceMap;
use crate::tables::cilium::telling;
use crate::yaml::Node;

/// Those of `others` that mesh with the clusters of Flux, or with each other.
pub(super) fn meshed(flux: &[Cluster], others: Vec<Cluster>, sources: &SourceMap) -> Vec<Cluster> {
    if others.is_empty() {
        return others;
    }
    let mut known = Identity::default();
    for cluster in flux {
        known.absorb(Identity::of(cluster, sources));
        for name in [&cluster.name, &cluster.found_as] {
            let last = name.rsplit('/').next().unwrap_or(name);
            known.names.extend([name.clone(), last.to_owned()]);
        }
    }
    let identities: Vec<Identity> = others
        .iter()
        .map(|cluster| Identity::of(cluster, sources))
        .collect();
    let new: Vec<bool> = others
        .iter()
        .zip(&identities)
        .map(|(cluster, own)| is_new(cluster, own, &known))
        .collect();
    let calls = Calls::among(
        identities
            .iter()
            .zip(&new)
            .map(|(own, is_new)| is_new.then_some(own)),
    );
    others
        .into_iter()
        .zip(identities.iter().zip(&new))
        .enumerate()
        .filter(|(at, (_, (own, is_new)))| **is_new && calls.mesh(*at, own, &known))
        .map(|(_, (cluster, _))| cluster)
        .collect()
}

/// Who calls whom among clusters, by their positions.
#[derive(Default)]
struct Calls<'a> {
    /// By the name of a peer those that name it.
    callers: BTreeMap<&'a str, BTreeSet<usize>>,
    /// By its own name.
    called: BTreeMap<&'a str, BTreeSet<usize>>,
}

impl<'a> Calls<'a> {
    fn among(identities: impl Iterator<Item = Option<&'a Identity>>) -> Self {
        let mut calls = Self::default();
        for (at, own) in identities.enumerate().filter_map(|(at, own)| Some((at, own?))) {
            for peer in &own.peers {
                calls.callers.entry(peer).or_default().insert(at);
            }
            for name in &own.names {
                calls.called.entry(name).or_default().insert(at);
            }
        }
        calls
    }

    /// Whether the cluster and another one, or those that are `known`, name each other either way.
    fn mesh(&self, at: usize, own: &Identity, known: &Identity) -> bool {
        let by_another = |all: &BTreeMap<&str, BTreeSet<usize>>, name: &str| {
            let set = all.get(name);
            set.is_some_and(|set| set.iter().any(|other| *other != at))
        };
        let is_named = |name: &String| known.peers.contains(name) || by_another(&self.callers, name);
        let names = |peer: &String| known.names.contains(peer) || by_another(&self.called, peer);
        own.names.iter().any(is_named) || own.peers.iter().any(names)
    }
}

/// Whether the cluster is none of those that Flux delivers: by what it calls itself or, where it took the name of another, by the name
/// under which that one's mesh knows it.
fn is_new(cluster: &Cluster, own: &Identity, known: &Identity) -> bool {
    let shown = [&cluster.name, &cluster.found_as];
    let is_seen = shown.iter().any(|name| known.names.contains(*name));
    let is_other = !own.names.is_empty() && own.names.is_disjoint(&known.names);
    let is_expected = known.peers.contains(&cluster.found_as) && !known.names.contains(&cluster.found_as);
    is_other && !is_seen || is_expected
}

/// What a cluster calls itself in its mesh, and whom it names.
#[derive(Default)]
struct Identity {
    names: BTreeSet<String>,
    peers: BTreeSet<String>,
}

impl Identity {
    fn absorb(&mut self, other: Self) {
        self.names.extend(other.names);
        self.peers.extend(other.peers);
    }

    fn of(cluster: &Cluster, sources: &SourceMap) -> Self {
        let mut identity = Self::default();
        for loose in &cluster.loose_values {
            identity.take(&loose.values.tree);
        }
        for (_, object) in cluster.objects() {
            match (object.group(), object.kind()) {
                ("helm.toolkit.fluxcd.io", "HelmRelease") => {
                    identity.take(&cluster.helm_values(object).tree);
                }
                ("helm.cattle.io", "HelmChart" | "HelmChartConfig") => {
                    let text = object.node.at(&["spec", "valuesContent"]);
                    let values = text.and_then(|text| values_in_text(text, sources).ok()?);
                    values.iter().for_each(|values| identity.take(values));
                }
                ("cilium.io", "CiliumConfig") => {
                    object
                        .node
                        .get("spec")
                        .into_iter()
                        .for_each(|values| identity.take(values));
                }
                ("addons.cluster.x-k8s.io", "HelmChartProxy") => {
                    let values = object.node.at(&["spec", "values"]);
                    values.into_iter().for_each(|values| identity.take(values));
                }
                ("", "ConfigMap" | "Secret") => identity.take_rendered(object),
                _ => {}
            }
        }
        identity
    }

    fn take(&mut self, values: &Node) {
        let below = values.get("cilium").unwrap_or(values);
        let name = below.text_at(&["cluster", "name"]);
        self.names
            .extend(name.filter(|name| is_literal(name)).map(str::to_owned));
        self.peers
            .extend(telling::peers(below).into_iter().map(str::to_owned));
    }

    fn take_rendered(&mut self, object: &Object) {
        match object.name() {
            "cilium-config" => {
                let name = object.node.text_at(&["data", "cluster-name"]);
                self.names.extend(name.map(str::to_owned));
            }
            "cilium-clustermesh" | "cilium-kvstoremesh" => {
                let fields = ["stringData", "data"]
                    .into_iter()
                    .filter_map(|field| object.node.get(field));
                let keys = fields
                    .flat_map(Node::entries)
                    .filter_map(|entry| entry.key.as_text());
                self.peers.extend(keys.map(str::to_owned));
            }
            _ => {}
        }
    }
}

fn is_literal(name: &str) -> bool {
    !name.is_empty() && !name.contains(['{', '$', '<'])
}
