//! Manifests that something else than Flux applies: all there is to know of them is where they lie.

use std::collections::BTreeSet;
use std::sync::Arc;

use memchr::memmem;

use crate::flux::{Kustomization, Source};
use crate::kustomize::{
    Build, BuildOptions, Builder, FILE_NAMES, Object, Overlay, Problem, ProblemKind, Unread,
};
use crate::postbuild::Variables;
use crate::source::{FileId, Lookup, RepoPath, SourceMap};
use crate::unknown::UnknownReason;
use crate::yaml::Node;

/// Reads the manifests of directories and files.
pub(super) struct Plain<'a> {
    pub(super) sources: &'a SourceMap,
    pub(super) builder: &'a Builder<'a>,
    /// The files that are no template and in no archive.
    pub(super) live: &'a BTreeSet<FileId>,
}

/// What lies in directories and files.
#[derive(Default)]
struct PlainObjects {
    objects: Vec<Arc<Object>>,
    /// Where files do not parse.
    unread: Vec<Problem>,
    /// What these may state.
    names: Unread,
}

impl Plain<'_> {
    /// What something applies to a cluster, from these paths too, each object once; `None` where nothing is there.
    pub(super) fn applied(&self, paths: &[RepoPath], objects: Vec<Arc<Object>>) -> Option<Kustomization> {
        let mut found = PlainObjects {
            objects,
            ..PlainObjects::default()
        };
        for path in paths {
            match self.sources.lookup(path) {
                Lookup::File(file) => self.take(file, &mut found),
                Lookup::Directory(directory) => self.below(directory, &mut found),
                Lookup::Missing | Lookup::LeavesRepository => {}
            }
        }
        let objects = once_each(found.objects);
        let unread = found.unread.iter().map(|problem| problem.span);
        let nameless = unread.map(|span| Arc::new(Object::new(Node::mapping(Vec::new(), span))));
        let first = objects.iter().cloned().chain(nameless).next()?;
        let mut applied = applied(first, objects, "nothing known");
        applied.build = (!found.unread.is_empty()).then(|| {
            Arc::new(Build {
                problems: found.unread,
                unread: found.names,
                ..Build::default()
            })
        });
        Some(applied)
    }

    fn take(&self, file: FileId, found: &mut PlainObjects) {
        let parsed = self.builder.store().parsed(file);
        if self.is_read(file) && parsed.is_cut() {
            found.unread.extend(parsed.errors.first().map(|error| {
                Problem::new(
                    ProblemKind::Unparsable,
                    error.span,
                    error.message.as_ref(),
                    "does not parse",
                )
            }));
            found
                .names
                .add(self.sources.file(file).text().unwrap_or_default());
        }
        found.objects.extend(self.in_file(file));
    }

    fn is_read(&self, file: FileId) -> bool {
        self.live.contains(&file) && self.sources.file(file).path().is_yaml()
    }

    /// The objects of the files that hold the mark.
    pub(super) fn marked(&self, mark: &[u8]) -> Vec<Arc<Object>> {
        let holds = |file: &&FileId| {
            let bytes = self.sources.file(**file).bytes().unwrap_or_default();
            memmem::find(bytes, mark).is_some()
        };
        let files = self.live.iter().filter(holds);
        files.flat_map(|file| self.in_file(*file)).collect()
    }

    /// The objects of all files.
    pub(super) fn all(&self) -> Vec<Arc<Object>> {
        let files = self.live.iter();
        files.flat_map(|file| self.in_file(*file)).collect()
    }

    /// A directory with a kustomization is built. Of one without, every manifest counts, and every directory below that no
    /// kustomization beside it takes in.
    fn below(&self, directory: RepoPath, found: &mut PlainObjects) {
        // Links may lead to a directory several times, or back.
        let mut seen = BTreeSet::new();
        let mut todo = vec![Lookup::Directory(directory)];
        while let Some(next) = todo.pop() {
            match next {
                Lookup::File(file) => self.take(file, found),
                Lookup::Directory(directory) if seen.insert(directory.clone()) => {
                    let list = self.sources.list(&directory);
                    if list.iter().any(|(name, _)| FILE_NAMES.contains(name)) {
                        self.build(&directory, found);
                        continue;
                    }
                    let inside = |what: &Lookup| match what {
                        Lookup::Directory(path) => path.starts_with(&directory),
                        _ => true,
                    };
                    let list = list.into_iter().map(|(_, what)| what);
                    todo.extend(list.rev().filter(inside));
                }
                Lookup::Directory(_) | Lookup::Missing | Lookup::LeavesRepository => {}
            }
        }
    }

    fn build(&self, directory: &RepoPath, found: &mut PlainObjects) {
        let options = BuildOptions::flux(RepoPath::root(), Overlay::default());
        let build = self.builder.build(directory, &options);
        let manifests = build.objects.iter().filter(|object| is_manifest(&object.node));
        found.objects.extend(manifests.cloned());
        let is_unread = |problem: &&Problem| problem.kind == ProblemKind::Unparsable;
        found
            .unread
            .extend(build.problems.iter().filter(is_unread).cloned());
        found.names.absorb(&build.unread);
    }

    fn in_file(&self, file: FileId) -> Vec<Arc<Object>> {
        if !self.is_read(file) {
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

fn once_each(mut all: Vec<Arc<Object>>) -> Vec<Arc<Object>> {
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
