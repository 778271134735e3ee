//! Cilium's chart, as the different ways name it.

use std::collections::BTreeSet;

use crate::fleet::inventory::Inventory;
use crate::helm::{HelmValues, Layers};
use crate::source::{FileId, RepoPath};
use crate::yaml::Node;

/// Whether the name of a chart, with or without its repository, is that of Cilium's.
pub(super) fn is_cilium(chart: &str) -> bool {
    let chart = chart.trim_end_matches('/');
    let chart = chart.split('@').next().unwrap_or_default();
    chart == "cilium" || chart.ends_with("/cilium")
}

/// A chart in the repository that is Cilium's, or brings it in as a dependency.
#[derive(Debug, Clone)]
pub(super) struct LocalChart {
    pub(super) version: Option<Node>,
    /// The key below which Cilium's values stand.
    pub(super) key: Option<String>,
    /// The chart's own `values.yaml`.
    defaults: Option<FileId>,
    /// Its `Chart.yaml`.
    pub(super) file: RepoPath,
}

impl LocalChart {
    /// The chart in a directory.
    pub(super) fn at(inventory: &Inventory, directory: &RepoPath) -> Option<Self> {
        let file = inventory.sources.file_at(&directory.child("Chart.yaml"))?;
        let chart = inventory.documents(file).next()?;
        let dependencies = chart.get("dependencies").map(Node::items).unwrap_or_default();
        let cilium = dependencies
            .iter()
            .find(|one| one.text_at(&["name"]) == Some("cilium"));
        let Some(cilium) = cilium else {
            return (chart.text_at(&["name"]) == Some("cilium") && dependencies.is_empty()).then(|| Self {
                version: chart.get("version").cloned(),
                key: None,
                defaults: None,
                file: inventory.path_of(file).clone(),
            });
        };
        let defaults = inventory.sources.file_at(&directory.child("values.yaml"));
        Some(Self {
            version: cilium.get("version").cloned(),
            key: Some(cilium.text_at(&["alias"]).unwrap_or("cilium").to_owned()),
            defaults,
            file: inventory.path_of(file).clone(),
        })
    }

    /// Puts the chart's own `values.yaml` into the layers. From then on the chart is installed by something.
    pub(super) fn add_defaults(
        &self,
        inventory: &Inventory,
        layers: &mut Layers,
        claimed: &mut BTreeSet<RepoPath>,
    ) {
        claimed.insert(self.file.clone());
        if let Some(file) = self.defaults {
            inventory.add_values(layers, file);
        }
    }

    /// The values of Cilium itself.
    pub(super) fn own_values(&self, values: HelmValues) -> HelmValues {
        match &self.key {
            Some(key) => values.below(key),
            None => values,
        }
    }
}
