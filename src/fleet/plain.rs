//! Manifests that something else than Flux applies: all there is to know of them is where they lie.

use std::collections::BTreeSet;
use std::sync::Arc;

use memchr::memmem;

use crate::flux::{Kustomization, Source};
use crate::kustomize::{BuildOptions, Builder, FILE_NAMES, Object, Overlay};
use crate::postbuild::Variables;
use crate::source::{FileId, Lookup, RepoPath, SourceMap};
use crate::unknown::UnknownReason;
use crate::yaml::Node;

use super::inventory::is_yaml;

/// Directories below each other that are looked into.
const MAX_DEPTH: usize = 32;

/// Reads the manifests of directories and files.
pub(super) struct Plain<'a> {
    pub(super) sources: &'a SourceMap,
    pub(super) builder: &'a Builder<'a>,
    /// The files that are no template and in no archive.
    pub(super) live: &'a BTreeSet<FileId>,
}

impl Plain<'_> {
    /// The objects at these paths, each once.
    pub(super) fn objects(&self, paths: &[RepoPath]) -> Vec<Arc<Object>> {
        let mut all = Vec::new();
        for path in paths {
            match self.sources.lookup(path) {
                Lookup::File(file) => all.extend(self.in_file(file)),
                Lookup::Directory(directory) => self.below(&directory, 0, &mut all),
                Lookup::Missing | Lookup::LeavesRepository => {}
            }
        }
        let mut seen = BTreeSet::new();
        all.retain(|object| {
            let key = [
                object.group(),
                object.kind(),
                object.namespace().unwrap_or_default(),
                object.name(),
            ];
            seen.insert(key.map(str::to_owned))
        });
        all
    }

    /// The objects of all files that hold the mark, and of ConfigMaps and Secrets beside, which such objects name.
    pub(super) fn marked(&self, mark: &[u8]) -> Vec<Arc<Object>> {
        let holds = |file: &FileId| {
            let bytes = self.sources.file(*file).bytes().unwrap_or_default();
            memmem::find(bytes, mark).is_some()
        };
        if !self.live.iter().any(holds) {
            return Vec::new();
        }
        let all = self.live.iter().flat_map(|file| self.in_file(*file));
        all.collect()
    }

    /// A directory with a kustomization is built. Of one without, every manifest counts, and every directory below that no
    /// kustomization beside it takes in.
    fn below(&self, directory: &RepoPath, depth: usize, all: &mut Vec<Arc<Object>>) {
        if depth > MAX_DEPTH {
            return;
        }
        let list = self.sources.list(directory);
        if list.iter().any(|(name, _)| FILE_NAMES.contains(name)) {
            let options = BuildOptions::flux(RepoPath::root(), Overlay::default());
            let build = self.builder.build(directory, &options);
            all.extend(
                build
                    .objects
                    .iter()
                    .filter(|object| is_manifest(&object.node))
                    .cloned(),
            );
            return;
        }
        for (_, what) in list {
            match what {
                Lookup::File(file) => all.extend(self.in_file(file)),
                Lookup::Directory(path) if path.starts_with(directory) => self.below(&path, depth + 1, all),
                _ => {}
            }
        }
    }

    fn in_file(&self, file: FileId) -> Vec<Arc<Object>> {
        if !self.live.contains(&file) || !is_yaml(self.sources.file(file).path()) {
            return Vec::new();
        }
        let parsed = self.builder.store().parsed(file);
        let documents = parsed.documents.iter().map(|document| &document.root);
        let manifests = documents.filter(|root| is_manifest(root));
        manifests
            .map(|root| Arc::new(Object::new(root.clone())))
            .collect()
    }
}

/// Whether it is an object of a cluster, and not what tells a program on a workstation what to do.
fn is_manifest(node: &Node) -> bool {
    let text = |path: &[&str]| node.text_at(path).filter(|text| !text.contains("{{"));
    let api = text(&["apiVersion"]).unwrap_or_default();
    text(&["kind"]).is_some()
        && text(&["metadata", "name"]).is_some()
        && !api.is_empty()
        && !["argoproj.io/", "kustomize.config.k8s.io/"]
            .iter()
            .any(|group| api.starts_with(group))
}

/// What `by` applies to a cluster from outside, told by `object`.
pub(super) fn applied(object: Arc<Object>, objects: Vec<Arc<Object>>, by: &str) -> Kustomization {
    Kustomization {
        namespace: object.namespace().unwrap_or_default().to_owned(),
        name: object.name().to_owned(),
        object,
        parent: None,
        source: Source::Unknown(UnknownReason::External),
        path: None,
        build: None,
        objects,
        rendered_sets: Vec::new(),
        variables: Variables::default(),
        problems: Vec::new(),
        suspended: false,
        remote: false,
        hub: Some(by.to_owned()),
    }
}
