//! Charts that kustomize inflates itself, outside of Flux: `helmCharts`, `helmChartInflationGenerator`, and generators of kind
//! `HelmChartInflationGenerator`.

use std::collections::BTreeSet;

use super::charts::{self, LocalChart};
use crate::fleet::found::{Found, ValuesCluster};
use crate::fleet::inventory::Inventory;
use crate::fleet::{dead, naming};
use crate::flux::Discovery;
use crate::helm::Layers;
use crate::source::{RepoPath, Span};
use crate::unknown::UnknownReason;
use crate::yaml::Node;

/// Finds overlays with Cilium's chart.
pub(super) fn find(inventory: &Inventory<'_>, _: &Discovery, found: &mut Found) {
    let with_chart: Vec<(RepoPath, Vec<(RepoPath, Node)>)> = inventory
        .kustomize_dirs
        .keys()
        .filter(|directory| !dead::is_dead(&directory.child("x")))
        .map(|directory| (directory.clone(), charts_of(inventory, directory)))
        .filter(|(_, charts)| !charts.is_empty())
        .collect();
    let named: BTreeSet<RepoPath> = inventory
        .kustomize_dirs
        .keys()
        .flat_map(|directory| inventory.references(directory))
        .collect();
    let tops: Vec<(RepoPath, Vec<(RepoPath, Node)>)> = with_chart
        .into_iter()
        .filter(|(directory, _)| !named.contains(directory))
        .collect();
    let directories: Vec<RepoPath> = tops.iter().map(|(directory, _)| directory.clone()).collect();
    let names = naming::names(&naming::without_common_end(&directories));
    for ((directory, charts), name) in tops.into_iter().zip(names) {
        for (home, chart) in charts {
            take(inventory, found, (&directory, &name), &home, &chart);
        }
    }
}

/// The charts that building a directory inflates, with the directories that ask for them.
fn charts_of(inventory: &Inventory, directory: &RepoPath) -> Vec<(RepoPath, Node)> {
    let mut charts = Vec::new();
    for home in inventory.reach(directory).directories {
        let Some(file) = inventory.kustomize_dirs.get(&home) else {
            continue;
        };
        for node in inventory.documents(*file) {
            for key in ["helmCharts", "helmChartInflationGenerator"] {
                charts.extend(
                    node.get(key)
                        .into_iter()
                        .flat_map(Node::items)
                        .cloned()
                        .map(|one| (home.clone(), one)),
                );
            }
            for generator in node.get("generators").into_iter().flat_map(Node::items) {
                let path = generator.as_text().and_then(|path| home.join(path).ok());
                let Some(file) = path.as_ref().and_then(|path| inventory.sources.file_at(path)) else {
                    continue;
                };
                let own = inventory
                    .documents(file)
                    .filter(|node| node.text_at(&["kind"]) == Some("HelmChartInflationGenerator"));
                charts.extend(own.cloned().map(|one| (home.clone(), one)));
            }
        }
    }
    charts.retain(|(home, chart)| {
        let name = name_of(chart);
        charts::is_cilium(name) || local(inventory, home, name).is_some()
    });
    charts
}

fn name_of(chart: &Node) -> &str {
    let name = chart.text_at(&["name"]).or_else(|| chart.text_at(&["chartName"]));
    name.unwrap_or_default()
}

fn local(inventory: &Inventory, home: &RepoPath, name: &str) -> Option<LocalChart> {
    let directory = home.join(&format!("charts/{name}")).ok()?;
    LocalChart::at(inventory, &directory)
}

/// `valuesMerge: override` lets inline values win, `merge` the file's; `replace` drops the file
/// (kubernetes-sigs/kustomize `HelmChartInflationGenerator.go`).
fn take(
    inventory: &Inventory,
    found: &mut Found,
    (directory, name): (&RepoPath, &str),
    home: &RepoPath,
    chart: &Node,
) {
    let local = local(inventory, home, name_of(chart));
    let mut layers = Layers::at(chart.span());
    if let Some(local) = &local {
        local.add_defaults(inventory, &mut layers, &mut found.claimed);
    }
    let inline = chart.get("valuesInline");
    let merge = chart.text_at(&["valuesMerge"]).unwrap_or("override");
    if let (Some(inline), "merge") = (inline, merge) {
        layers.add(inline);
    }
    let file = chart.get("valuesFile").or_else(|| chart.get("values"));
    let more = chart
        .get("additionalValuesFiles")
        .map(Node::items)
        .unwrap_or_default();
    if merge != "replace" || inline.is_none() {
        add_file(inventory, found, home, file, &mut layers);
    }
    if let (Some(inline), true) = (inline, merge != "merge") {
        layers.add(inline);
    }
    for name in more {
        add_file(inventory, found, home, Some(name), &mut layers);
    }
    let values = layers.finish();
    let values = local
        .as_ref()
        .map_or(values.clone(), |local| local.own_values(values));
    let version = chart
        .get("version")
        .or_else(|| chart.get("chartVersion"))
        .cloned();
    let file = inventory.kustomize_dirs.get(directory);
    let entry = file.map_or_else(|| directory.clone(), |file| inventory.path_of(*file).clone());
    found.values.push(ValuesCluster {
        chart_version: version.or_else(|| local.as_ref()?.version.clone()),
        ..ValuesCluster::of(
            name.to_owned(),
            entry,
            file.map_or(chart.span(), |file| Span::at_start(*file)),
            values,
        )
    });
}

fn add_file(
    inventory: &Inventory,
    found: &mut Found,
    home: &RepoPath,
    name: Option<&Node>,
    layers: &mut Layers,
) {
    let Some(name) = name else { return };
    let path = name.as_text().and_then(|name| home.join(name).ok());
    let file = path.as_ref().and_then(|path| inventory.sources.file_at(path));
    if !file.is_some_and(|file| inventory.add_values(layers, file)) {
        layers.hide(name.span(), UnknownReason::External);
    }
    found.claimed.extend(path.filter(RepoPath::is_yaml));
}
