//! Rancher Fleet: bundles described by `fleet.yaml`, with a cluster for each target.

use super::charts::{self, LocalChart};
use crate::fleet::found::{Found, ValuesCluster};
use crate::fleet::inventory::Inventory;
use crate::flux::Discovery;
use crate::helm::Layers;
use crate::source::{FileId, RepoPath};
use crate::unknown::UnknownReason;
use crate::yaml::Node;

/// Finds bundles of Cilium.
pub(super) fn find(inventory: &Inventory<'_>, _: &Discovery, found: &mut Found) {
    let bundles = inventory.live.iter().copied().filter(|file| {
        let name = inventory.path_of(*file).file_name();
        matches!(name, "fleet.yaml" | "fleet.yml")
    });
    for file in bundles {
        if let Some(bundle) = inventory.documents(file).next() {
            take(inventory, file, bundle, found);
        }
    }
}

fn take(inventory: &Inventory, file: FileId, bundle: &Node, found: &mut Found) {
    let directory = inventory.path_of(file).parent();
    let Some(helm) = bundle.get("helm") else { return };
    let chart = helm.text_at(&["chart"]).unwrap_or("./");
    let local = directory
        .join(chart)
        .ok()
        .and_then(|path| LocalChart::at(inventory, &path));
    if local.is_none() && !charts::is_cilium(chart) {
        return;
    }
    let targets = ["targetCustomizations", "targets"]
        .iter()
        .find_map(|key| bundle.get(key))
        .map(Node::items)
        .unwrap_or_default();
    let own = [bundle.clone()];
    let (targets, is_only) = match targets {
        [] => (own.as_slice(), true),
        some => (some, false),
    };
    for target in targets {
        if target.text_at(&["doNotDeploy"]) == Some("true") {
            continue;
        }
        let special = target.get("helm").filter(|_| !is_only);
        let mut layers = Layers::at(helm.span());
        if let Some(local) = &local {
            local.add_defaults(inventory, &mut layers, &mut found.claimed);
        }
        for part in [Some(helm), special].into_iter().flatten() {
            add(inventory, &directory, part, &mut layers, found);
        }
        let version = special
            .and_then(|special| special.get("version"))
            .or(helm.get("version"))
            .cloned()
            .or_else(|| local.as_ref()?.version.clone());
        let values = layers.finish();
        let values = local
            .as_ref()
            .map_or(values.clone(), |local| local.own_values(values));
        let name = if is_only { None } else { name_of(target) };
        let span = name.map_or(bundle.span(), Node::span);
        let name = name
            .and_then(Node::as_text)
            .map_or_else(|| directory_name(&directory), str::to_owned);
        found.values.push(ValuesCluster {
            chart_version: version,
            ..ValuesCluster::of(name, inventory.path_of(file).clone(), span, values)
        });
    }
}

/// `valuesFiles` in their order, then `values` (rancher/fleet `internal/bundlereader`).
fn add(inventory: &Inventory, directory: &RepoPath, helm: &Node, layers: &mut Layers, found: &mut Found) {
    for name in helm.get("valuesFiles").map(Node::items).unwrap_or_default() {
        let path = name.as_text().and_then(|name| directory.join(name).ok());
        let file = path.as_ref().and_then(|path| inventory.sources.file_at(path));
        if !file.is_some_and(|file| inventory.add_values(layers, file)) {
            layers.hide(name.span(), UnknownReason::External);
        }
        found.claimed.extend(path.filter(RepoPath::is_yaml));
    }
    if let Some(from) = helm.get("valuesFrom").filter(|from| !from.items().is_empty()) {
        layers.hide(from.span(), UnknownReason::External);
    }
    if let Some(values) = helm.get("values") {
        layers.add(values);
    }
}

/// The cluster that a target means: by its name, else by what its selector asks for.
fn name_of(target: &Node) -> Option<&Node> {
    let labels = target.at(&["clusterSelector", "matchLabels"]);
    let by_label = || {
        let labels = labels?.entries();
        let telling = ["name", "cluster", "cluster-name"];
        let named = labels.iter().find(|entry| {
            let key = entry.key.as_text().unwrap_or_default();
            telling
                .iter()
                .any(|name| key == *name || key.ends_with(&format!("/{name}")))
        });
        named.or_else(|| labels.first()).map(|entry| &entry.value)
    };
    target
        .get("clusterName")
        .or_else(|| target.get("name"))
        .or_else(by_label)
        .or_else(|| target.get("clusterGroup"))
}

/// A bundle without targets is for the cluster that its directory is named after.
fn directory_name(directory: &RepoPath) -> String {
    let is_telling = |name: &&str| !matches!(*name, "cilium" | "fleet" | "cni" | "charts" | "bundles");
    let parts: Vec<&str> = directory.components().collect();
    let name = parts
        .iter()
        .rev()
        .copied()
        .find(is_telling)
        .or(parts.last().copied());
    name.unwrap_or(".").to_owned()
}
