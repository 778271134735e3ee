//! Repositories without Flux: each set of Cilium Helm values is one cluster.

use std::collections::BTreeMap;

use memchr::memmem;

use crate::fleet::dead;
use crate::fleet::discover::Found;
use crate::fleet::inventory::Inventory;
use crate::fleet::naming;
use crate::flux::Discovery;
use crate::helm::{HelmValues, Layers};
use crate::source::{FileId, RepoPath, Span};
use crate::tables::cilium::telling;
use crate::yaml::Node;

/// A cluster of which only Cilium values are known.
#[derive(Debug)]
pub(crate) struct ValuesCluster {
    pub(crate) name: String,
    /// Its name while none is stated.
    pub(crate) found_as: String,
    /// The file with the values.
    pub(crate) entry: RepoPath,
    pub(crate) span: Span,
    pub(crate) values: HelmValues,
    /// Where something states the chart's version.
    pub(crate) chart_version: Option<Node>,
    /// What configures its machines, where that was made for it alone.
    pub(crate) machines: Vec<Node>,
}

/// The clusters that sets of Cilium values speak of, where nothing delivers any.
pub(super) fn find(inventory: &Inventory<'_>, _: &Discovery, found: &mut Found) {
    if !found.flux.is_empty() {
        return;
    }
    let mut files = cilium_files(inventory);
    files.retain(|(file, _)| !found.claimed.contains(inventory.path_of(*file)));
    if files
        .iter()
        .any(|(file, _)| !dead::is_sample(inventory.path_of(*file)))
    {
        files.retain(|(file, _)| !dead::is_sample(inventory.path_of(*file)));
    }
    // A file that says nothing about its cluster is a base that others build on, and so is a plain `values.yaml`
    // beside or above files that name theirs.
    let special: Vec<RepoPath> = files
        .iter()
        .map(|(file, _)| inventory.path_of(*file))
        .filter(|path| !is_base_name(path))
        .map(RepoPath::parent)
        .collect();
    let (bases, own): (Vec<_>, Vec<_>) = files.into_iter().partition(|(file, node)| {
        let path = inventory.path_of(*file);
        let others_build_on_it = || {
            special
                .iter()
                .any(|directory| directory.starts_with(&path.parent()))
        };
        !telling::names_its_cluster(node) || (is_base_name(path) && others_build_on_it())
    });
    let bases: BTreeMap<RepoPath, &Node> = bases
        .into_iter()
        .filter(|(file, _)| !lies_in_chart_as_defaults(inventory, *file))
        .map(|(file, node)| (inventory.path_of(file).parent(), node))
        .collect();
    found.values.extend(named(inventory, own, &bases));
}

fn named(
    inventory: &Inventory,
    own: Vec<(FileId, &Node)>,
    bases: &BTreeMap<RepoPath, &Node>,
) -> Vec<ValuesCluster> {
    let paths: Vec<RepoPath> = own
        .iter()
        .map(|(file, _)| inventory.path_of(*file).clone())
        .collect();
    let stems: Vec<Option<String>> = paths.iter().map(naming::values_file_name).collect();
    let by_directory = naming::names(&paths.iter().map(RepoPath::parent).collect::<Vec<_>>());
    let clusters: Vec<ValuesCluster> = own
        .iter()
        .zip(paths.iter().zip(stems.iter().zip(by_directory)))
        .map(|((_, node), (path, (stem, directory)))| {
            let unique = stem
                .as_ref()
                .filter(|name| stems.iter().flatten().filter(|other| other == name).count() == 1);
            let name = unique.cloned().unwrap_or(directory);
            let base = bases
                .get(&path.parent())
                .or_else(|| bases.get(&path.parent().parent()));
            ValuesCluster {
                found_as: name.clone(),
                name,
                entry: path.clone(),
                span: node.span(),
                values: layered(node.span(), base.into_iter().chain([node]).copied()),
                chart_version: vendored_version(inventory, path),
                machines: Vec::new(),
            }
        })
        .collect();
    clusters
}

/// Layers of which all can be read.
pub(crate) fn layered<'n>(span: Span, layers: impl Iterator<Item = &'n Node>) -> HelmValues {
    let mut values = Layers::at(span);
    layers.for_each(|layer| values.add(layer));
    values.finish()
}

/// The version of a Cilium chart that lies in the repository around the values.
fn vendored_version(inventory: &Inventory, values: &RepoPath) -> Option<Node> {
    let file = inventory.sources.file_at(&values.parent().child("Chart.yaml"))?;
    let chart = inventory.documents(file).next()?;
    (chart.text_at(&["name"]) == Some("cilium")).then(|| chart.get("version").cloned())?
}

/// The files whose first document is values of the Cilium chart.
pub(crate) fn cilium_files<'a>(inventory: &Inventory<'a>) -> Vec<(FileId, &'a Node)> {
    let live = inventory
        .live
        .iter()
        .copied()
        .filter(|file| may_hold_values(inventory, *file));
    live.filter_map(|file| Some((file, inventory.documents(file).next()?)))
        .filter(|(_, node)| telling::is_values(node))
        .collect()
}

fn may_hold_values(inventory: &Inventory, file: FileId) -> bool {
    let bytes = inventory.sources.file(file).bytes().unwrap_or_default();
    let has = |key: &str| memmem::find(bytes, key.as_bytes()).is_some();
    !has("apiVersion:")
        && [
            "cluster:",
            "clustermesh:",
            "ipam:",
            "hubble:",
            "kubeProxyReplacement:",
        ]
        .into_iter()
        .any(has)
}

fn is_base_name(path: &RepoPath) -> bool {
    let stem = path.file_name().rsplit_once('.').map_or("", |(stem, _)| stem);
    matches!(
        stem,
        "values"
            | "base"
            | "common"
            | "cilium"
            | "cilium-values"
            | "values-base"
            | "values-common"
            | "cilium-base"
            | "cilium-common"
    )
}

fn lies_in_chart_as_defaults(inventory: &Inventory, file: FileId) -> bool {
    let path = inventory.path_of(file);
    matches!(path.file_name(), "values.yaml" | "values.yml")
        && inventory
            .sources
            .file_at(&path.parent().child("Chart.yaml"))
            .is_some()
}
