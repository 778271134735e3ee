//! Talos: manifests that stand in the configuration of machines (`cluster.inlineManifests`) and are applied when the cluster is made:
//! the chart's output, or a Job that runs `cilium install`.

use std::sync::Arc;

use memchr::memmem;

use super::scripts;
use super::shell::Word;
use crate::fleet::found::{Found, ValuesCluster};
use crate::fleet::inventory::Inventory;
use crate::fleet::naming;
use crate::flux::Discovery;
use crate::helm::HelmValues;
use crate::kustomize::Object;
use crate::source::{FileId, RepoPath, Span};
use crate::yaml::{Node, parse_embedded};

/// Finds the configurations that bring Cilium.
pub(super) fn find(inventory: &Inventory<'_>, _: &Discovery, found: &mut Found) {
    let live = inventory.live.iter().copied();
    let marked = live.filter(|file| {
        let bytes = inventory.sources.file(*file).bytes().unwrap_or_default();
        memmem::find(bytes, b"inlineManifests").is_some()
    });
    let mut clusters: Vec<ValuesCluster> = marked.filter_map(|file| cluster(inventory, file)).collect();
    let entries: Vec<RepoPath> = clusters.iter().map(|cluster| cluster.entry.clone()).collect();
    for (cluster, name) in clusters.iter_mut().zip(naming::names_of_files(&entries)) {
        cluster.name.clone_from(&name);
        cluster.found_as = name;
    }
    found.values.extend(clusters);
}

fn cluster(inventory: &Inventory, file: FileId) -> Option<ValuesCluster> {
    let span = Span::at_start(file);
    let mut values = HelmValues::known(Node::mapping(Vec::new(), span));
    let mut version = None;
    let (mut objects, mut machines) = (Vec::new(), Vec::new());
    for patch in inventory
        .documents(file)
        .flat_map(|root| patches(inventory, root))
    {
        for root in manifests(inventory, &patch) {
            match installed(inventory, &root) {
                Some((own, stated)) => (values, version) = (own, stated),
                None => objects.push(Arc::new(Object::new(root))),
            }
        }
        machines.push(patch);
    }
    let is_config = |object: &Arc<Object>| object.kind() == "ConfigMap" && object.name() == "cilium-config";
    if values.is_empty() && !objects.iter().any(is_config) {
        return None;
    }
    Some(ValuesCluster {
        chart_version: version,
        machines,
        objects,
        ..ValuesCluster::of(String::new(), inventory.path_of(file).clone(), span, values)
    })
}

/// The configuration itself, and the patches that it lists as text (`talconfig.yaml`, `patches`).
fn patches(inventory: &Inventory, root: &Node) -> Vec<Node> {
    let lists: [&[&str]; 4] = [
        &["patches"],
        &["controlPlane", "patches"],
        &["configPatches"],
        &["configPatchesControlPlane"],
    ];
    let listed = lists
        .iter()
        .filter_map(|path| root.at(path))
        .flat_map(Node::items);
    let read = listed.filter_map(|patch| match patch.is_mapping() {
        true => Some(patch.clone()),
        false => parse_embedded(patch, inventory.sources).root().cloned(),
    });
    std::iter::once(root.clone()).chain(read).collect()
}

fn manifests(inventory: &Inventory, patch: &Node) -> Vec<Node> {
    let inline = patch.at(&["cluster", "inlineManifests"]).map(Node::items);
    let contents = inline
        .unwrap_or_default()
        .iter()
        .filter_map(|one| one.get("contents"));
    let documents = contents.flat_map(|text| parse_embedded(text, inventory.sources).documents);
    let roots = documents.map(|document| document.root);
    roots
        .filter(|root| root.text_at(&["metadata", "name"]).is_some())
        .collect()
}

/// What a Job that runs the command of Cilium's own tool installs.
fn installed(inventory: &Inventory, object: &Node) -> Option<(HelmValues, Option<Node>)> {
    let containers = object.at(&["spec", "template", "spec", "containers"])?.items();
    containers.iter().find_map(|container| {
        let parts = ["command", "args"]
            .into_iter()
            .filter_map(|key| container.get(key));
        let words: Vec<Word> = parts
            .flat_map(Node::items)
            .map(|word| Word::of_node(word, inventory.sources))
            .collect();
        scripts::of_command(&words)
    })
}
