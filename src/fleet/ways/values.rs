//! Repositories without Flux: each set of Cilium Helm values is one cluster.

use std::collections::{BTreeMap, BTreeSet};

use memchr::memmem;

use crate::fleet::dead;
use crate::fleet::found::{Found, ValuesCluster};
use crate::fleet::inventory::Inventory;
use crate::fleet::naming;
use crate::flux::Discovery;
use crate::helm::Layers;
use crate::source::{FileId, RepoPath};
use crate::tables::cilium::telling;
use crate::template::jinja;
use crate::yaml::Node;

/// The clusters that sets of Cilium values speak of, where nothing delivers any.
pub(super) fn find(inventory: &Inventory<'_>, _: &Discovery, found: &mut Found) {
    let mut files = cilium_files(inventory);
    files.retain(|(file, _)| !found.claimed.contains(inventory.path_of(*file)));
    if files
        .iter()
        .any(|(file, _)| !dead::is_sample(inventory.path_of(*file)))
    {
        files.retain(|(file, _)| !dead::is_sample(inventory.path_of(*file)));
    }
    let special: Vec<RepoPath> = files
        .iter()
        .filter(|(_, node)| telling::names_its_cluster(node))
        .map(|(file, _)| inventory.path_of(*file))
        .filter(|path| !is_base_name(path))
        .map(RepoPath::parent)
        .collect();
    // A file that says nothing about its cluster is a base that others build on, unless its directory does: then there is
    // another of that name in a directory beside. A plain `values.yaml` beside or above files that name theirs is a base too.
    let told_by_directory = told_by_directory(inventory, &files);
    let (bases, own): (Vec<_>, Vec<_>) = files.into_iter().partition(|(file, node)| {
        let path = inventory.path_of(*file);
        let others_build_on_it = || {
            special
                .iter()
                .any(|directory| directory.starts_with(&path.parent()))
        };
        let is_told = telling::names_its_cluster(node) || told_by_directory.contains(path);
        !is_told || (is_base_name(path) && others_build_on_it())
    });
    let bases: BTreeMap<RepoPath, &Node> = bases
        .into_iter()
        .filter(|(file, _)| !lies_in_chart_as_defaults(inventory, *file))
        .map(|(file, node)| (inventory.path_of(file).parent(), node))
        .collect();
    found.values.extend(named(inventory, own, &bases));
}

/// Directories that hold what clusters share.
fn is_shared(directory: &str) -> bool {
    let name = directory.trim_start_matches('_').to_ascii_lowercase();
    matches!(
        name.as_str(),
        "base" | "bases" | "common" | "shared" | "default" | "defaults" | "global" | "all" | "library"
    )
}

/// Files that say nothing about their cluster, in directories that can only be told apart by its name: `east/cilium/values.yaml`
/// and `west/cilium/values.yaml`. None is below another's directory, and none is in a directory that is shared.
fn told_by_directory(inventory: &Inventory, files: &[(FileId, &Node)]) -> BTreeSet<RepoPath> {
    let paths: Vec<&RepoPath> = files
        .iter()
        .filter(|(_, node)| !telling::names_its_cluster(node))
        .map(|(file, _)| inventory.path_of(*file))
        .filter(|path| !path.components().any(is_shared))
        .collect();
    let is_beside = |a: &RepoPath, b: &RepoPath| {
        let (a, b): (Vec<&str>, Vec<&str>) = (a.components().collect(), b.components().collect());
        let different: Vec<usize> = (0..a.len().min(b.len()))
            .filter(|at| a.get(*at) != b.get(*at))
            .collect();
        a.len() == b.len() && different.len() == 1 && different.first() != Some(&(a.len() - 1))
    };
    let named: Vec<RepoPath> = files
        .iter()
        .filter(|(_, node)| telling::names_its_cluster(node))
        .map(|(file, _)| inventory.path_of(*file).parent())
        .collect();
    paths
        .iter()
        .filter(|path| {
            !named
                .iter()
                .any(|directory| directory.starts_with(&path.parent()))
        })
        .filter(|path| paths.iter().any(|other| is_beside(path, other)))
        .map(|path| (*path).clone())
        .collect()
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
    let directories: Vec<RepoPath> = paths.iter().map(RepoPath::parent).collect();
    let by_directory = naming::names(&naming::without_common_end(&directories));
    // Where no file says what its cluster is called, whoever installs them does: as the directories are, if peers are called so.
    let nobody_says = own
        .iter()
        .all(|(_, node)| node.at(&["cluster", "name"]).is_none());
    let peers: BTreeSet<&str> = own.iter().flat_map(|(_, node)| telling::peers(node)).collect();
    let is_unique = |name: &&String| stems.iter().flatten().filter(|other| other == name).count() == 1;
    let names: Vec<String> = stems
        .iter()
        .zip(by_directory)
        .map(|(stem, directory)| stem.as_ref().filter(is_unique).cloned().unwrap_or(directory))
        .collect();
    let are_called_so = names.iter().any(|name| peers.contains(&**name));
    let clusters = own.iter().zip(paths.iter().zip(names));
    let unread = unread_values(inventory, &paths);
    clusters
        .map(|((_, node), (path, name))| {
            let mut values = Layers::at(node.span());
            if let Some(base) = base_of(path, bases) {
                values.add(base);
            }
            values.add(node);
            if nobody_says && own.len() + unread > 1 && node.at(&["cluster", "id"]).is_some() {
                let called = if are_called_so {
                    Node::string(&*name, node.span())
                } else {
                    jinja::unknown("cluster.name", node.span())
                };
                values.set("cluster.name", &called, true);
            }
            ValuesCluster {
                chart_version: vendored_version(inventory, path),
                ..ValuesCluster::of(name, path.clone(), node.span(), values.finish())
            }
        })
        .collect()
}

/// The values that a file builds on: beside it, above it, or in the directory that the clusters share, if there is one only.
fn base_of<'n>(path: &RepoPath, bases: &BTreeMap<RepoPath, &'n Node>) -> Option<&'n Node> {
    let near = bases
        .get(&path.parent())
        .or_else(|| bases.get(&path.parent().parent()));
    let shared = || {
        let is_for = |home: &RepoPath| {
            let mut above = home.clone();
            while !above.is_root() {
                if is_shared(above.file_name()) {
                    return path.starts_with(&above.parent());
                }
                above = above.parent();
            }
            false
        };
        let mut all = bases.iter().filter(|(home, _)| is_for(home));
        match (all.next(), all.next()) {
            (Some((_, only)), None) => Some(only),
            _ => None,
        }
    };
    near.or_else(shared).copied()
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

/// How many files of values there may be besides, which do not parse: they look like some, or are called like one.
fn unread_values(inventory: &Inventory, own: &[RepoPath]) -> usize {
    let is_called_like_one = |file: FileId| {
        let name = inventory.path_of(file).file_name();
        own.iter().any(|path| path.file_name() == name)
    };
    let live = inventory.live.iter().copied();
    let values = live.filter(|file| is_called_like_one(*file) || may_hold_values(inventory, *file));
    values
        .filter(|file| inventory.documents(*file).next().is_none())
        .count()
}

fn may_hold_values(inventory: &Inventory, file: FileId) -> bool {
    let bytes = inventory.sources.file(file).bytes().unwrap_or_default();
    let has = |key: &str| memmem::find(bytes, key.as_bytes()).is_some();
    !has("apiVersion:")
        && !has("\"apiVersion\"")
        && ["cluster", "clustermesh", "ipam", "hubble", "kubeProxyReplacement"]
            .into_iter()
            .any(|key| has(&format!("{key}:")) || has(&format!("\"{key}\"")))
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
