//! Clusters beside those that Flux delivers. Where Flux is at work, other values of Cilium mostly start the very clusters that it
//! takes over. What a mesh names as a peer, by a name that no cluster of Flux has, is another cluster.

use std::collections::BTreeSet;

use super::Cluster;
use crate::helm::values_in_text;
use crate::kustomize::Object;
use crate::source::SourceMap;
use crate::tables::cilium::telling;
use crate::yaml::Node;

/// Those of `others` that the clusters of Flux mesh with.
pub(super) fn meshed(flux: &[Cluster], others: Vec<Cluster>, sources: &SourceMap) -> Vec<Cluster> {
    if others.is_empty() {
        return others;
    }
    let mut known = Identity::default();
    for cluster in flux {
        let identity = Identity::of(cluster, sources);
        known.names.extend(identity.names);
        known
            .names
            .extend([cluster.name.clone(), cluster.found_as.clone()]);
        known.peers.extend(identity.peers);
    }
    let is_another = |cluster: &Cluster| {
        let own = Identity::of(cluster, sources);
        let is_new = !own.names.is_empty() && own.names.is_disjoint(&known.names);
        let is_seen = !known.names.contains(&cluster.name);
        is_new && is_seen && !(own.names.is_disjoint(&known.peers) && own.peers.is_disjoint(&known.names))
    };
    others.into_iter().filter(is_another).collect()
}

/// What a cluster calls itself in its mesh, and whom it names.
#[derive(Default)]
struct Identity {
    names: BTreeSet<String>,
    peers: BTreeSet<String>,
}

impl Identity {
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
