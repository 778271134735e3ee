//! The raw Flux objects and kustomization files of a repository, before anything is rendered. Only the search for
//! entry points works on these; everything below an entry point is read from what its parent renders.

use std::collections::{BTreeMap, BTreeSet};

use memchr::memmem;

use super::dead::is_dead;
use crate::helm::Layers;
use crate::kustomize::FILE_NAMES;
use crate::source::{FileId, Lookup, RepoPath, SourceMap};
use crate::yaml::{Node, Store};

/// One document of one file.
#[derive(Debug, Clone)]
pub(crate) struct RawObject {
    pub(crate) file: FileId,
    pub(crate) node: Node,
}

impl RawObject {
    pub(crate) fn text(&self, keys: &[&str]) -> Option<&str> {
        self.node.text_at(keys)
    }

    /// `spec.path` of a Flux Kustomization; absent means the root of the source.
    pub(crate) fn path(&self) -> &str {
        self.text(&["spec", "path"]).unwrap_or("./")
    }
}

/// What discovery works on.
pub(crate) struct Inventory<'a> {
    pub(crate) sources: &'a SourceMap,
    store: &'a Store<'a>,
    /// Flux Kustomizations with a `spec`, dead trees left out.
    pub(crate) kustomizations: Vec<RawObject>,
    /// FluxInstance objects with a `spec.sync`.
    pub(crate) instances: Vec<RawObject>,
    /// HelmReleases of the chart `flux-instance`, also inside ResourceSets.
    pub(crate) instance_releases: Vec<RawObject>,
    /// GitRepositories, OCIRepositories and Buckets.
    pub(crate) source_objects: Vec<RawObject>,
    /// The directories with a kustomization file, dead trees included.
    pub(crate) kustomize_dirs: BTreeMap<RepoPath, FileId>,
    /// Live YAML files.
    pub(crate) live: Vec<FileId>,
}

impl<'a> Inventory<'a> {
    pub(crate) fn take(sources: &'a SourceMap, store: &'a Store<'a>) -> Self {
        let mut inventory = Self {
            sources,
            store,
            kustomizations: Vec::new(),
            instances: Vec::new(),
            instance_releases: Vec::new(),
            source_objects: Vec::new(),
            kustomize_dirs: BTreeMap::new(),
            live: Vec::new(),
        };
        for (file, source) in sources.iter() {
            let path = source.path();
            if FILE_NAMES.contains(&path.file_name()) {
                inventory.kustomize_dirs.entry(path.parent()).or_insert(file);
            }
            if source.is_ignored() || !path.is_yaml() || is_dead(path) {
                continue;
            }
            inventory.live.push(file);
            if source.bytes().is_ok_and(mentions_flux) {
                inventory.sort_in(file);
            }
        }
        inventory
    }

    fn sort_in(&mut self, file: FileId) {
        for document in &self.store.parsed(file).documents {
            for node in with_resource_set_members(&document.root) {
                self.sort_in_object(RawObject { file, node });
            }
        }
    }

    fn sort_in_object(&mut self, object: RawObject) {
        let api = object.text(&["apiVersion"]).unwrap_or_default();
        let group = api.split('/').next().unwrap_or_default();
        match (group, object.text(&["kind"]).unwrap_or_default()) {
            ("kustomize.toolkit.fluxcd.io", "Kustomization") if object.node.get("spec").is_some() => {
                self.kustomizations.push(object);
            }
            ("fluxcd.controlplane.io", "FluxInstance") if object.node.at(&["spec", "sync"]).is_some() => {
                self.instances.push(object);
            }
            ("helm.toolkit.fluxcd.io", "HelmRelease") if is_flux_instance_release(&object) => {
                self.instance_releases.push(object);
            }
            ("source.toolkit.fluxcd.io", "GitRepository" | "OCIRepository" | "Bucket") => {
                self.source_objects.push(object);
            }
            _ => {}
        }
    }

    /// The documents of a file that parse.
    pub(crate) fn documents(&self, file: FileId) -> impl Iterator<Item = &'a Node> {
        self.store
            .parsed(file)
            .documents
            .iter()
            .map(|document| &document.root)
    }

    /// Puts the values of a file over the layers so far; `false` where it has none.
    pub(crate) fn add_values(&self, layers: &mut Layers, file: FileId) -> bool {
        layers.add_file(self.store, file)
    }

    pub(crate) fn path_of(&self, file: FileId) -> &'a RepoPath {
        self.sources.file(file).path()
    }

    /// Whether a file lies in the directory that no `.gitignore`, configuration or dead tree leaves out.
    pub(crate) fn is_live(&self, directory: &RepoPath) -> bool {
        if directory.is_root() {
            return !self.live.is_empty();
        }
        // The files are in path order, so that those of a directory stand side by side.
        let below = format!("{directory}/");
        let first = self
            .live
            .partition_point(|file| self.path_of(*file).as_str() < below.as_str());
        let next = self.live.get(first);
        next.is_some_and(|file| self.path_of(*file).starts_with(directory))
    }

    /// What a kustomization file names, as paths: resources, components, bases and the files of patches.
    pub(crate) fn references(&self, directory: &RepoPath) -> Vec<RepoPath> {
        let Some(&file) = self.kustomize_dirs.get(directory) else {
            return Vec::new();
        };
        let Some(node) = self.documents(file).next() else {
            return Vec::new();
        };
        let mut texts: Vec<&str> = Vec::new();
        for key in ["resources", "bases", "components", "generators", "transformers"] {
            texts.extend(
                node.get(key)
                    .into_iter()
                    .flat_map(Node::items)
                    .filter_map(Node::as_text),
            );
        }
        let mut paths = local_paths(directory, texts);
        paths.extend(self.patch_files(directory));
        paths
    }

    /// Whether the kustomization file of the directory is a component, which only works inside another build.
    pub(crate) fn is_component(&self, directory: &RepoPath) -> bool {
        let file = self.kustomize_dirs.get(directory);
        file.is_some_and(|&file| {
            self.documents(file)
                .any(|node| node.text_at(&["kind"]) == Some("Component"))
        })
    }

    /// The files of patches that a kustomization file names.
    pub(crate) fn patch_files(&self, directory: &RepoPath) -> Vec<RepoPath> {
        let file = self.kustomize_dirs.get(directory);
        let Some(node) = file.and_then(|&file| self.documents(file).next()) else {
            return Vec::new();
        };
        let items = |key| node.get(key).into_iter().flat_map(Node::items);
        let mut texts: Vec<&str> = items("patchesStrategicMerge").filter_map(Node::as_text).collect();
        for key in ["patches", "patchesJson6902"] {
            texts.extend(items(key).filter_map(|patch| patch.text_at(&["path"])));
        }
        local_paths(directory, texts)
    }

    /// Everything that building `directory` reads: files, and directories with or without a kustomization file.
    pub(crate) fn reach(&self, directory: &RepoPath) -> Reach {
        let mut reach = Reach::default();
        let mut todo = vec![directory.clone()];
        while let Some(directory) = todo.pop() {
            if !reach.directories.insert(directory.clone()) {
                continue;
            }
            if !self.kustomize_dirs.contains_key(&directory) {
                self.reach_generated(&directory, &mut reach, &mut todo);
                continue;
            }
            for path in self.references(&directory) {
                match self.sources.lookup(&path) {
                    Lookup::File(file) => {
                        reach.files.insert(file);
                    }
                    Lookup::Directory(path) => todo.push(path),
                    Lookup::Missing | Lookup::LeavesRepository => {}
                }
            }
        }
        reach
    }

    /// Flux takes every YAML file below a directory without a kustomization file, and every directory with one.
    fn reach_generated(&self, directory: &RepoPath, reach: &mut Reach, todo: &mut Vec<RepoPath>) {
        for (_, what) in self.sources.list(directory) {
            match what {
                Lookup::File(file) if self.path_of(file).is_yaml() => {
                    reach.files.insert(file);
                }
                Lookup::Directory(path) if path.starts_with(directory) => todo.push(path),
                _ => {}
            }
        }
    }
}

fn local_paths(directory: &RepoPath, texts: Vec<&str>) -> Vec<RepoPath> {
    let local = texts
        .into_iter()
        .filter(|text| !text.contains("://") && !text.contains('\n'));
    local.filter_map(|text| directory.join(text).ok()).collect()
}

/// What a build reads.
#[derive(Default)]
pub(crate) struct Reach {
    pub(crate) files: BTreeSet<FileId>,
    pub(crate) directories: BTreeSet<RepoPath>,
}

/// Cheap test that spares most files the parser.
fn mentions_flux(bytes: &[u8]) -> bool {
    ["toolkit.fluxcd.io/", "fluxcd.controlplane.io/"]
        .iter()
        .any(|needle| memmem::find(bytes, needle.as_bytes()).is_some())
}

/// The object itself, or for a ResourceSet its `resources` (read only for entry points, whose paths are literal).
fn with_resource_set_members(node: &Node) -> Vec<Node> {
    if node.text_at(&["kind"]) == Some("ResourceSet") {
        let members = node
            .at(&["spec", "resources"])
            .map(Node::items)
            .unwrap_or_default();
        return members.to_vec();
    }
    vec![node.clone()]
}

fn is_flux_instance_release(release: &RawObject) -> bool {
    const CHART: &str = "flux-instance";
    release.text(&["spec", "chart", "spec", "chart"]) == Some(CHART)
        || release.text(&["spec", "chartRef", "name"]) == Some(CHART)
        || release.text(&["metadata", "name"]) == Some(CHART)
}
