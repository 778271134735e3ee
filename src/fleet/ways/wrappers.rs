//! Charts in the repository that bring Cilium in as a dependency, and that nothing there installs: a person or a pipeline does, with the
//! values of a cluster each.

use std::collections::{BTreeMap, BTreeSet};

use super::charts::LocalChart;
use crate::fleet::found::{Found, ValuesCluster};
use crate::fleet::inventory::Inventory;
use crate::fleet::naming;
use crate::flux::Discovery;
use crate::helm::Layers;
use crate::source::{FileId, RepoPath, Span};
use crate::tables::cilium::telling;

/// Finds such charts. Of several files of values in one, that of the chart itself is what the others build on.
pub(super) fn find(inventory: &Inventory<'_>, _: &Discovery, found: &mut Found) {
    let mut by_chart: BTreeMap<RepoPath, Vec<FileId>> = BTreeMap::new();
    for file in inventory.live.iter().copied() {
        let path = inventory.path_of(file);
        let directory = path.parent();
        if inventory
            .sources
            .file_at(&directory.child("Chart.yaml"))
            .is_some()
        {
            by_chart.entry(directory).or_default().push(file);
        }
    }
    let mut clusters = Vec::new();
    for (directory, files) in by_chart {
        if found.claimed.contains(&directory.child("Chart.yaml")) {
            continue;
        }
        let Some(chart) = LocalChart::at(inventory, &directory) else {
            continue;
        };
        let own = files
            .iter()
            .copied()
            .filter(|file| is_for_a_cluster(inventory, &chart, *file));
        let own: Vec<FileId> = own.collect();
        let is_base = |file: &FileId| own.len() > 1 && inventory.path_of(*file).file_name() == "values.yaml";
        for file in own.iter().filter(|file| !is_base(file)) {
            clusters.push(cluster(inventory, &chart, *file, &mut found.claimed));
        }
    }
    let entries: Vec<RepoPath> = clusters.iter().map(|cluster| cluster.entry.clone()).collect();
    for (cluster, name) in clusters.iter_mut().zip(naming::names_of_places(&entries)) {
        cluster.name.clone_from(&name);
        cluster.found_as = name;
        found.claimed.insert(cluster.entry.clone());
    }
    found.values.extend(clusters);
}

fn is_for_a_cluster(inventory: &Inventory, chart: &LocalChart, file: FileId) -> bool {
    let below = chart
        .key
        .as_ref()
        .and_then(|key| inventory.documents(file).next()?.get(key));
    below.is_some_and(|values| telling::is_values(values) && telling::names_its_cluster(values))
}

fn cluster(
    inventory: &Inventory,
    chart: &LocalChart,
    file: FileId,
    claimed: &mut BTreeSet<RepoPath>,
) -> ValuesCluster {
    let span = Span::at_start(file);
    let mut layers = Layers::at(span);
    chart.add_defaults(inventory, &mut layers, claimed);
    inventory.add_values(&mut layers, file);
    ValuesCluster {
        chart_version: chart.version.clone(),
        ..ValuesCluster::of(
            String::new(),
            inventory.path_of(file).clone(),
            span,
            chart.own_values(layers.finish()),
        )
    }
}
