//! Which files some cluster has to do with. Generous: whatever a manifest that is reached names counts as reached, so
//! that what is left is named by nothing.

use std::collections::BTreeSet;

use memchr::memmem;

use super::unread;
use crate::fleet::{Delivery, Fleet};
use crate::flux::{Kustomization, Source};
use crate::kustomize::{FILE_NAMES, Object};
use crate::source::{FileId, Lookup, RepoPath};
use crate::yaml::{Node, Store, Walk};

/// Files and directories.
#[derive(Debug, Default)]
pub(crate) struct Reached {
    files: BTreeSet<FileId>,
    /// Directories that are reached with everything below.
    trees: BTreeSet<RepoPath>,
    /// Every directory on the way to something that is reached.
    directories: BTreeSet<RepoPath>,
    built: BTreeSet<RepoPath>,
}

impl Reached {
    /// What the clusters reach; `None` where that cannot be told, or something does not parse that may lead anywhere. Flux
    /// Kustomizations in directories that `by_hand` tells are applied by people or their tools.
    pub(crate) fn of(fleet: &Fleet, store: &Store<'_>, by_hand: &dyn Fn(&RepoPath) -> bool) -> Option<Self> {
        if unread::beginnings(fleet, store).next().is_some() {
            return None;
        }
        let mut reached = Self::default();
        let clusters = fleet.clusters.iter();
        for cluster in clusters.filter(|cluster| cluster.delivery == Delivery::Flux) {
            reached.build(store, &cluster.entry);
            reached.files.extend(cluster.entry_span.map(|span| span.file));
            let loose = cluster.loose_values.iter();
            reached
                .files
                .extend(loose.map(|loose| loose.values.tree.span().file));
            for owner in &cluster.kustomizations {
                reached.follow(store, owner)?;
            }
            for (_, object) in cluster.objects() {
                reached.name(store, object);
            }
        }
        if reached.files.is_empty() {
            return None;
        }
        reached.other_tools(fleet, store, by_hand);
        let files = reached
            .files
            .iter()
            .map(|file| store.sources().file(*file).path());
        let mut below: Vec<RepoPath> = files.map(RepoPath::parent).collect();
        below.extend(reached.trees.iter().chain(&reached.built).cloned());
        for mut directory in below {
            while reached.directories.insert(directory.clone()) && !directory.is_root() {
                directory = directory.parent();
            }
        }
        Some(reached)
    }

    /// Whether some cluster has to do with the file.
    pub(crate) fn holds(&self, file: FileId, path: &RepoPath) -> bool {
        self.files.contains(&file) || self.trees.iter().any(|tree| path.starts_with(tree))
    }

    /// The highest directory around a file below which nothing is reached; `None` when something is reached in the
    /// file's own directory.
    pub(crate) fn highest_unreached(&self, path: &RepoPath) -> Option<RepoPath> {
        let mut highest = None;
        let mut directory = path.parent();
        while !directory.is_root() && !self.directories.contains(&directory) {
            let above = directory.parent();
            highest = Some(std::mem::replace(&mut directory, above));
        }
        highest
    }

    fn follow(&mut self, store: &Store<'_>, owner: &Kustomization) -> Option<()> {
        if owner.build.as_ref().is_some_and(|build| !build.unread.is_empty()) {
            return None;
        }
        let spans = owner
            .variables
            .known
            .values()
            .filter_map(|variable| variable.span);
        self.files.extend(spans.map(|span| span.file));
        self.files.insert(owner.object.node.span().file);
        let objects = owner
            .objects
            .iter()
            .chain(owner.build.iter().flat_map(|build| &build.objects));
        self.files.extend(objects.map(|object| object.node.span().file));
        let stated = owner.spec().and_then(|spec| spec.get("path"));
        let text = stated.and_then(Node::as_text).unwrap_or_default();
        let path = match (&owner.path, &owner.source) {
            (Some(path), _) => path.clone(),
            (None, Source::Elsewhere(_)) => RepoPath::clamp(text),
            (None, _) if stated.is_some_and(|path| path.origin().is_unknown()) || text.contains("${") => {
                // What stands in front of the variable is all that is known.
                let known = text.split("${").next().unwrap_or_default();
                let tree = RepoPath::clamp(known.rsplit_once('/').map_or("", |(directory, _)| directory));
                if tree.is_root() {
                    return None;
                }
                self.trees.insert(tree);
                return Some(());
            }
            (None, _) => return Some(()),
        };
        // A path in another repository may exist here by chance, most often the root.
        if !path.is_root() || owner.path.is_some() {
            self.build(store, &path);
        }
        let components = owner.spec().and_then(|spec| spec.get("components"));
        for component in components
            .map_or(&[][..], Node::items)
            .iter()
            .filter_map(Node::as_text)
        {
            self.build(store, &path.clamp_join(component));
        }
        Some(())
    }

    /// Everything that the kustomization of a directory names, in whatever field, and everything that those name. Without
    /// a kustomization it is every file below.
    fn build(&mut self, store: &Store<'_>, directory: &RepoPath) {
        let sources = store.sources();
        let mut todo = vec![directory.clone()];
        while let Some(directory) = todo.pop() {
            if !sources.is_directory(&directory) || !self.built.insert(directory.clone()) {
                continue;
            }
            let entries = sources.list(&directory);
            let own: Vec<FileId> = FILE_NAMES
                .iter()
                .filter_map(|name| sources.file_at(&directory.child(name)))
                .collect();
            if own.is_empty() {
                for (_, what) in entries {
                    match what {
                        Lookup::File(file) => {
                            self.files.insert(file);
                        }
                        Lookup::Directory(path) => todo.push(path),
                        Lookup::Missing | Lookup::LeavesRepository => {}
                    }
                }
                continue;
            }
            self.files.extend(&own);
            for text in own.iter().flat_map(|file| texts(store, *file)) {
                // `key=path` in generators
                let paths = [Some(text), text.split_once('=').map(|(_, path)| path)];
                for path in paths
                    .into_iter()
                    .flatten()
                    .filter_map(|path| directory.join(path).ok())
                {
                    match sources.lookup(&path) {
                        Lookup::File(file) => {
                            self.files.insert(file);
                        }
                        Lookup::Directory(path) => todo.push(path),
                        Lookup::Missing | Lookup::LeavesRepository => {}
                    }
                }
            }
        }
    }

    /// Directories that an object names: a chart in the repository, or what another tool is told to deliver.
    fn name(&mut self, store: &Store<'_>, object: &Object) {
        let reads_nothing = object.group().is_empty()
            || matches!(
                object.kind(),
                "Kustomization" | "ImageUpdateAutomation" | "CustomResourceDefinition"
            );
        if !reads_nothing {
            self.name_in(store, &object.node);
        }
    }

    fn name_in(&mut self, store: &Store<'_>, node: &Node) {
        let mut named = Vec::new();
        node.walk(&mut |_, _, node| {
            let is_path =
                |text: &&str| text.contains('/') && text.len() < 200 && !text.contains([' ', ':', '\n']);
            named.extend(node.as_text().filter(is_path).map(RepoPath::clamp));
            Walk::Enter
        });
        let trees = named
            .into_iter()
            .filter(|path| !path.is_root() && store.sources().is_directory(path));
        self.trees.extend(trees);
    }

    /// What Argo CD is told to deliver, whoever tells it, and Flux by hand.
    fn other_tools(&mut self, fleet: &Fleet, store: &Store<'_>, by_hand: &dyn Fn(&RepoPath) -> bool) {
        for file in &fleet.live {
            let source = store.sources().file(*file);
            let bytes = source.bytes().unwrap_or_default();
            let mentions = |text: &str| memmem::find(bytes, text.as_bytes()).is_some();
            if !mentions("argoproj.io/") && !mentions("kustomize.toolkit.fluxcd.io/") {
                continue;
            }
            for document in &store.parsed(*file).documents {
                match document.root.text_at(&["kind"]) {
                    Some("Application" | "ApplicationSet") => {
                        self.files.insert(*file);
                        self.name_in(store, &document.root);
                    }
                    Some("Kustomization") if by_hand(&source.path().parent()) => {
                        let path = document.root.text_at(&["spec", "path"]).unwrap_or_default();
                        let path = RepoPath::clamp(path);
                        if !path.is_root() {
                            self.build(store, &path);
                        }
                    }
                    _ => {}
                }
            }
        }
    }
}

/// Every text of a file.
pub(crate) fn texts<'s>(store: &'s Store<'_>, file: FileId) -> Vec<&'s str> {
    let mut texts = Vec::new();
    for document in &store.parsed(file).documents {
        document.root.walk(&mut |_, _, node| {
            texts.extend(node.as_text().filter(|text| !text.contains('\n')));
            Walk::Enter
        });
    }
    texts
}
