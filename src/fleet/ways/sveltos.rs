//! Sveltos: charts that a ClusterProfile or a Profile brings into the clusters that it selects.

use memchr::memmem;

use super::charts;
use crate::fleet::found::{Found, ValuesCluster};
use crate::fleet::inventory::Inventory;
use crate::flux::Discovery;
use crate::helm::Layers;
use crate::source::FileId;
use crate::unknown::UnknownReason;
use crate::yaml::{Node, parse_embedded};

/// Finds profiles with Cilium's chart.
pub(super) fn find(inventory: &Inventory<'_>, _: &Discovery, found: &mut Found) {
    const GROUP: &str = "config.projectsveltos.io/";
    for file in inventory.live.iter().copied() {
        let bytes = inventory.sources.file(file).bytes().unwrap_or_default();
        if memmem::find(bytes, GROUP.as_bytes()).is_none() {
            continue;
        }
        let profiles = inventory.documents(file).filter(|root| {
            root.text_at(&["apiVersion"])
                .is_some_and(|api| api.starts_with(GROUP))
        });
        found
            .values
            .extend(profiles.filter_map(|profile| cluster(inventory, file, profile)));
    }
}

fn cluster(inventory: &Inventory, file: FileId, profile: &Node) -> Option<ValuesCluster> {
    let charts = profile.at(&["spec", "helmCharts"])?.items();
    let is_cilium = |chart: &&Node| charts::is_cilium(chart.text_at(&["chartName"]).unwrap_or_default());
    let chart = charts.iter().find(is_cilium)?;
    let mut layers = Layers::at(chart.span());
    if let Some(text) = chart.get("values") {
        // A template is filled in from the cluster, which only the management cluster knows.
        let parsed = parse_embedded(text, inventory.sources);
        let is_template = text.as_text().is_some_and(|text| text.contains("{{"));
        match parsed.root().filter(|_| !is_template) {
            Some(values) => layers.add(values),
            None => layers.hide(text.span(), UnknownReason::Generated),
        }
    }
    if let Some(from) = chart.get("valuesFrom").filter(|from| !from.items().is_empty()) {
        layers.hide(from.span(), UnknownReason::External);
    }
    Some(ValuesCluster {
        chart_version: chart.get("chartVersion").cloned(),
        ..ValuesCluster::of(
            selected(profile),
            inventory.path_of(file).clone(),
            profile.span(),
            layers.finish(),
        )
    })
}

/// What the profile selects its cluster by, else its own name without the chart's.
fn selected(profile: &Node) -> String {
    let labels = profile.at(&["spec", "clusterSelector", "matchLabels"]);
    let labels = labels.map(Node::entries).unwrap_or_default();
    let is_name = |key: &str| key == "name" || key == "cluster" || key.ends_with("/name");
    let label = labels
        .iter()
        .find(|entry| entry.key.as_text().is_some_and(is_name))
        .and_then(|entry| entry.value.as_text());
    let reference = profile
        .at(&["spec", "clusterRefs"])
        .and_then(|references| references.items().first()?.text_at(&["name"]));
    let own = profile.text_at(&["metadata", "name"]).unwrap_or_default();
    let told = own.trim_start_matches("cilium-").trim_end_matches("-cilium");
    label.or(reference).unwrap_or(told).to_owned()
}
