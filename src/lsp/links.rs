//! What refers to what: names to the objects of every cluster, paths to files and directories.

use std::collections::{BTreeMap, BTreeSet};

use crate::cluster::references::ConfigReference;
use crate::cluster::references::config::{references_of, references_of_flux};
use crate::cluster::{ClusterIndex, GroupKind, Index, Reconciled};
use crate::fleet::Fleet;
use crate::kustomize::FILE_NAMES;
use crate::source::{FileId, Lookup, RepoPath, SourceMap, Span};
use crate::yaml::{Node, Store, Walk};

/// Lists of a kustomization file whose items are paths.
const PATHS: [&str; 8] = [
    "resources",
    "components",
    "bases",
    "crds",
    "configurations",
    "generators",
    "transformers",
    "patchesStrategicMerge",
];

/// References by the file that they stand in, each with what it leads to.
#[derive(Debug, Default)]
pub(super) struct Links(BTreeMap<FileId, BTreeSet<(Span, Span)>>);

impl Links {
    pub(super) fn of(fleet: &Fleet, store: &Store<'_>) -> Self {
        let mut links = Self::default();
        for cluster in &Index::new(fleet).clusters {
            links.add_cluster(store.sources(), cluster);
        }
        for (file, source) in store.sources().iter() {
            if !source.is_ignored() && FILE_NAMES.contains(&source.path().file_name()) {
                links.add_kustomization_file(store, file);
            }
        }
        links
    }

    /// Where the references at a byte lead to.
    pub(super) fn from(&self, file: FileId, offset: usize) -> BTreeSet<Span> {
        let all = self.0.get(&file).into_iter().flatten();
        let here = all.filter(|(from, _)| holds(*from, file, offset));
        here.map(|(_, to)| *to).collect()
    }

    /// What leads to one of these places.
    pub(super) fn to(&self, targets: &BTreeSet<Span>) -> BTreeSet<Span> {
        let all = self.0.values().flatten();
        all.filter(|(_, to)| targets.contains(to))
            .map(|(from, _)| *from)
            .collect()
    }

    /// The places at a byte that something leads to.
    pub(super) fn targets_at(&self, file: FileId, offset: usize) -> BTreeSet<Span> {
        let all = self.0.values().flatten().map(|(_, to)| *to);
        all.filter(|to| holds(*to, file, offset)).collect()
    }

    fn add(&mut self, from: Span, to: Span) {
        if from != to {
            self.0.entry(from.file).or_default().insert((from, to));
        }
    }

    fn add_cluster(&mut self, sources: &SourceMap, index: &ClusterIndex<'_>) {
        for (_, object) in index.cluster.objects() {
            for reference in references_of(object) {
                self.add_reference(index, &reference);
            }
        }
        for user in index.reconciled() {
            for reference in references_of_flux(&user) {
                self.add_reference(index, &reference);
            }
            self.add_named(index, &user);
            if user.is_kustomization() {
                self.add_path(sources, index, &user);
            }
        }
    }

    fn add_reference(&mut self, index: &ClusterIndex<'_>, reference: &ConfigReference<'_>) {
        self.add_object(
            index,
            reference.kind,
            reference.namespace,
            reference.name,
            reference.place,
        );
    }

    fn add_object(
        &mut self,
        index: &ClusterIndex<'_>,
        kind: GroupKind<'_>,
        namespace: Option<&str>,
        name: &str,
        from: Span,
    ) {
        for placed in index.named(kind, name) {
            if namespace.is_none() || placed.namespace == namespace {
                self.add(from, placed.object.name_span());
            }
        }
    }

    /// Sources, what is waited for, and settings, which all objects of Flux name alike.
    fn add_named(&mut self, index: &ClusterIndex<'_>, user: &Reconciled<'_>) {
        let mut named = Vec::new();
        user.object.node.walk(&mut |_, key, node| {
            match key.and_then(Node::as_text) {
                Some("sourceRef" | "chartRef") => named.push((node, None)),
                Some("substituteFrom") => named.extend(node.items().iter().map(|item| (item, None))),
                Some("dependsOn") => named.extend(node.items().iter().map(|item| (item, Some(user.kind)))),
                _ => return Walk::Enter,
            }
            Walk::Skip
        });
        for (reference, kind) in named {
            let Some(name) = reference.get("name") else {
                continue;
            };
            let written = reference.text_at(&["kind"]).unwrap_or_default();
            let kind = kind.unwrap_or(match written {
                "ConfigMap" => GroupKind::CONFIG_MAP,
                "Secret" => GroupKind::SECRET,
                other => GroupKind::source(other),
            });
            let namespace = reference.text_at(&["namespace"]).unwrap_or(user.namespace);
            let place = name.origin().edit_span();
            let name = name.as_text().unwrap_or_default();
            self.add_object(index, kind, Some(namespace), name, place);
        }
    }

    fn add_path(&mut self, sources: &SourceMap, index: &ClusterIndex<'_>, user: &Reconciled<'_>) {
        let kustomization = index.cluster.kustomization(user.namespace, user.name);
        let path = kustomization.and_then(|one| one.path.as_ref());
        let written = user.object.node.at(&["spec", "path"]);
        if let Some((path, written)) = path.zip(written)
            && let Some(to) = target(sources, path)
        {
            self.add(written.origin().edit_span(), to);
        }
    }

    fn add_kustomization_file(&mut self, store: &Store<'_>, file: FileId) {
        let sources = store.sources();
        let directory = sources.file(file).path().parent();
        let Some(root) = store.parsed(file).root() else {
            return;
        };
        for written in paths(root) {
            let text = written.as_text().unwrap_or_default();
            // `key=path` in what generators read.
            let path = text.rsplit_once('=').map_or(text, |(_, path)| path);
            let to = directory.join(path).ok().and_then(|path| target(sources, &path));
            if let Some(to) = to {
                self.add(written.span(), to);
            }
        }
    }
}

fn holds(span: Span, file: FileId, offset: usize) -> bool {
    span.file == file && (span.start as usize..=span.end as usize).contains(&offset)
}

/// The paths in a kustomization file.
fn paths(root: &Node) -> Vec<&Node> {
    let items = |key: &str| root.get(key).map_or(&[][..], Node::items);
    let mut paths: Vec<&Node> = PATHS.iter().flat_map(|key| items(key)).collect();
    for key in ["patches", "patchesJson6902", "replacements"] {
        paths.extend(items(key).iter().filter_map(|item| item.get("path")));
    }
    for generator in ["configMapGenerator", "secretGenerator"]
        .iter()
        .flat_map(|key| items(key))
    {
        paths.extend(generator.get("env"));
        for key in ["files", "envs"] {
            paths.extend(generator.get(key).map_or(&[][..], Node::items));
        }
    }
    paths.retain(|path| path.as_text().is_some_and(|text| !text.is_empty()));
    paths
}

/// The start of a file, or of the kustomization file of a directory.
fn target(sources: &SourceMap, path: &RepoPath) -> Option<Span> {
    let file = match sources.lookup(path) {
        Lookup::File(file) => file,
        Lookup::Directory(directory) => {
            let files = FILE_NAMES.iter().map(|name| directory.child(name));
            files.into_iter().find_map(|path| sources.file_at(&path))?
        }
        _ => return None,
    };
    Some(Span::at_start(file))
}
