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
    let mut callers: BTreeMap<&str, BTreeSet<usize>> = BTreeMap::new();
    let mut called: BTreeMap<&str, BTreeSet<usize>> = BTreeMap::new();
    for (at, own) in identities
        .iter()
        .enumerate()
        .filter(|(at, _)| new.get(*at) == Some(&true))
    {
        for peer in &own.peers {
            callers.entry(peer).or_default().insert(at);
        }
        for name in &own.names {
            called.entry(name).or_default().insert(at);
        }
    }
    let is_meshed: Vec<bool> = identities
        .iter()
        .enumerate()
        .map(|(at, own)| {
            let is_another = |set: &BTreeSet<usize>| set.iter().any(|other| *other != at);
            let is_named = |name: &String| {
                known.peers.contains(name) || callers.get(name.as_str()).is_some_and(is_another)
            };
            let names = |peer: &String| {
                known.names.contains(peer) || called.get(peer.as_str()).is_some_and(is_another)
            };
            own.names.iter().any(is_named) || own.peers.iter().any(names)
        })
        .collect();
    let kept = new
        .iter()
        .zip(is_meshed)
        .map(|(is_new, is_meshed)| *is_new && is_meshed);
    others
        .into_iter()
        .zip(kept.collect::<Vec<_>>())
        .filter_map(|(cluster, is_kept)| is_kept.then_some(cluster))
        .collect()
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
