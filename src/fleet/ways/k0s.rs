//! k0s: charts that a cluster's own configuration installs (`spec.extensions.helm` of a `ClusterConfig`), by itself or within the
//! configuration of k0sctl.

use memchr::memmem;

use super::charts;
use crate::fleet::found::{Found, ValuesCluster};
use crate::fleet::inventory::Inventory;
use crate::fleet::naming;
use crate::flux::Discovery;
use crate::helm::Layers;
use crate::source::{FileId, RepoPath};
use crate::unknown::UnknownReason;
use crate::yaml::{Node, parse_embedded};

/// Finds configurations with Cilium's chart.
pub(super) fn find(inventory: &Inventory<'_>, _: &Discovery, found: &mut Found) {
    let live = inventory.live.iter().copied();
    let marked = live.filter(|file| {
        let bytes = inventory.sources.file(*file).bytes().unwrap_or_default();
        memmem::find(bytes, b"k0sproject.io/").is_some()
    });
    let mut clusters = Vec::new();
    for file in marked {
        let configs = inventory.documents(file).filter_map(configuration);
        clusters.extend(configs.filter_map(|(name, config)| cluster(inventory, file, name, config)));
    }
    let entries: Vec<RepoPath> = clusters
        .iter()
        .map(|cluster: &ValuesCluster| cluster.entry.clone())
        .collect();
    for (cluster, name) in clusters.iter_mut().zip(naming::names_of_files(&entries)) {
        if cluster.name.is_empty() {
            cluster.name.clone_from(&name);
            cluster.found_as = name;
        }
    }
    found.values.extend(clusters);
}

/// The `ClusterConfig`, with the name that the cluster has besides.
fn configuration(root: &Node) -> Option<(Option<&str>, &Node)> {
    match root.text_at(&["kind"]) {
        Some("ClusterConfig") => Some((None, root)),
        Some("Cluster") => {
            let config = root.at(&["spec", "k0s", "config"])?;
            let name = root.text_at(&["metadata", "name"]);
            // The name that `k0sctl init` writes.
            Some((name.filter(|name| *name != "k0s-cluster"), config))
        }
        _ => None,
    }
}

fn cluster(inventory: &Inventory, file: FileId, name: Option<&str>, config: &Node) -> Option<ValuesCluster> {
    let charts = config.at(&["spec", "extensions", "helm", "charts"])?.items();
    let chart = charts
        .iter()
        .find(|chart| charts::is_cilium(chart.text_at(&["chartname"]).unwrap_or_default()))?;
    let mut layers = Layers::at(chart.span());
    if let Some(text) = chart.get("values") {
        match parse_embedded(text, inventory.sources).root() {
            Some(values) => layers.add(values),
            None => layers.hide(text.span(), UnknownReason::Unparsable),
        }
    }
    Some(ValuesCluster {
        chart_version: chart.get("version").cloned(),
        machines: machines(config).into_iter().collect(),
        ..ValuesCluster::of(
            name.unwrap_or_default().to_owned(),
            inventory.path_of(file).clone(),
            config.span(),
            layers.finish(),
        )
    })
}

/// The ranges, in the form of k3s.
fn machines(config: &Node) -> Option<Node> {
    let network = config.at(&["spec", "network"])?;
    let keys = [("podCIDR", "cluster-cidr"), ("serviceCIDR", "service-cidr")];
    let ranges = keys.into_iter().filter_map(|(from, to)| {
        let value = network.get(from)?.clone();
        let key = Node::string(to, value.span());
        Some(crate::yaml::Entry { key, value })
    });
    Some(Node::mapping(ranges.collect(), network.span()))
}
