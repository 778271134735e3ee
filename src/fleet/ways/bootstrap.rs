//! Cilium values beside Flux: files that a helmfile or a script installs Cilium with before Flux runs.

use std::collections::BTreeSet;

use memchr::memmem;

use super::values::cilium_files;
use crate::fleet::found::{BootstrapValues, Found};
use crate::fleet::inventory::Inventory;
use crate::flux::Discovery;
use crate::source::{FileId, RepoPath};
use crate::yaml::Node;

/// All such values, by path.
pub(super) fn find(inventory: &Inventory<'_>, _: &Discovery, found: &mut Found) {
    if !found.flux.is_empty() {
        found.bootstrap = bootstrap_values(inventory);
    }
}

fn bootstrap_values(inventory: &Inventory) -> Vec<BootstrapValues> {
    let releases = helmfile_releases(inventory);
    let generated = files_of_generators(inventory);
    let named: BTreeSet<&RepoPath> = releases.iter().flat_map(|release| &release.files).collect();
    // A version that one helmfile states holds for every file of its repository that no helmfile names.
    let only_version = match releases.as_slice() {
        [only] => only.version.clone(),
        _ => None,
    };
    let mut found: Vec<BootstrapValues> = cilium_files(inventory)
        .into_iter()
        .map(|(file, node)| (inventory.path_of(file), node))
        .filter(|(path, _)| !generated.contains(path) && !named.contains(path))
        .map(|(path, node)| BootstrapValues {
            path: path.clone(),
            values: node.clone(),
            chart_version: only_version.clone(),
        })
        .collect();
    for release in releases {
        let from_files = release.files.iter().filter_map(|path| {
            let file = inventory.sources.file_at(path)?;
            Some((path.clone(), inventory.documents(file).next()?.clone()))
        });
        let inline = release
            .inline
            .into_iter()
            .map(|node| (release.helmfile.clone(), node));
        found.extend(from_files.chain(inline).map(|(path, values)| BootstrapValues {
            path,
            values,
            chart_version: release.version.clone(),
        }));
    }
    found.sort_by(|a, b| (&a.path, a.values.span()).cmp(&(&b.path, b.values.span())));
    found
}

/// The release of Cilium in a helmfile.
struct Release {
    helmfile: RepoPath,
    version: Option<Node>,
    /// Values files that exist; names with templates in them name none.
    files: Vec<RepoPath>,
    inline: Vec<Node>,
}

fn helmfile_releases(inventory: &Inventory) -> Vec<Release> {
    let mentions = |file: &FileId| {
        let bytes = inventory.sources.file(*file).bytes().unwrap_or_default();
        memmem::find(bytes, b"releases:").is_some() && memmem::find(bytes, b"cilium").is_some()
    };
    let mut found = Vec::new();
    for file in inventory.live.iter().copied().filter(mentions) {
        let helmfile = inventory.path_of(file);
        let releases = inventory
            .documents(file)
            .filter_map(|node| node.get("releases"))
            .flat_map(Node::items);
        for release in releases.filter(|release| is_cilium(release)) {
            let values = release.get("values").map(Node::items).unwrap_or_default();
            let files = values
                .iter()
                .filter_map(Node::as_text)
                .filter(|text| !text.contains("{{"));
            found.push(Release {
                helmfile: helmfile.clone(),
                version: release.get("version").cloned(),
                files: files
                    .filter_map(|text| helmfile.parent().join(text).ok())
                    .filter(RepoPath::is_yaml)
                    .collect(),
                inline: values.iter().filter(|node| node.is_mapping()).cloned().collect(),
            });
        }
    }
    found
}

fn is_cilium(release: &Node) -> bool {
    let chart = release.text_at(&["chart"]).unwrap_or_default();
    chart == "cilium" || chart.ends_with("/cilium")
}

/// Files that kustomizations make ConfigMaps and Secrets of: the values of HelmReleases.
fn files_of_generators(inventory: &Inventory) -> BTreeSet<RepoPath> {
    let mut files = BTreeSet::new();
    for (directory, file) in &inventory.kustomize_dirs {
        for node in inventory.documents(*file) {
            let generators = ["configMapGenerator", "secretGenerator"]
                .into_iter()
                .filter_map(|key| node.get(key));
            let entries = generators
                .flat_map(Node::items)
                .filter_map(|one| one.get("files"))
                .flat_map(Node::items);
            let paths = entries
                .filter_map(Node::as_text)
                .filter_map(|entry| entry.rsplit('=').next());
            files.extend(paths.filter_map(|path| directory.join(path).ok()));
        }
    }
    files
}
