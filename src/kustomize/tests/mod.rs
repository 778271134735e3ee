//! Builds of small repositories in memory.

mod accumulating;
mod bounds;
mod costs;
mod flux;
mod generating;
mod origins;
mod references;
mod transforming;

use std::sync::Arc;

use super::{Build, BuildOptions, Builder, Overlay, Problem};
use crate::source::{RepoPath, SourceMap};
use crate::yaml::{Node, Store, to_yaml};

/// A repository and what was built of it.
struct Built {
    sources: SourceMap,
    build: Arc<Build>,
}

impl Built {
    /// What `kustomize build` makes of a directory.
    fn kustomize(directory: &str, files: &[(&str, &str)]) -> Self {
        Self::with(directory, files, |_| BuildOptions::kustomize(RepoPath::root()))
    }

    /// What kustomize-controller makes of a directory; `overlay` is the `spec` of the Flux object, in a file.
    fn flux(directory: &str, files: &[(&str, &str)], overlay: impl Fn(&Node) -> Overlay) -> Self {
        Self::with(directory, files, |store| {
            let file = store.sources().file_at(&RepoPath::clamp("flux/spec.yaml"));
            let spec = file.and_then(|file| store.parsed(file).root());
            BuildOptions::flux(RepoPath::root(), spec.map(&overlay).unwrap_or_default())
        })
    }

    fn with(directory: &str, files: &[(&str, &str)], options: impl Fn(&Store<'_>) -> BuildOptions) -> Self {
        let sources = SourceMap::from_memory(files.iter().copied());
        let build = {
            let store = Store::new(&sources);
            Builder::new(&store).build(&RepoPath::clamp(directory), &options(&store))
        };
        Self { sources, build }
    }

    /// The objects as kustomize prints them.
    fn yaml(&self) -> String {
        let failures: Vec<_> = self.failures().iter().map(|problem| &problem.message).collect();
        assert!(failures.is_empty(), "{failures:#?}");
        let documents: Vec<String> = self
            .build
            .objects
            .iter()
            .map(|object| to_yaml(&object.node))
            .collect();
        documents.join("---\n")
    }

    fn names(&self) -> Vec<String> {
        let name = |object: &Arc<super::Object>| format!("{}/{}", object.kind(), object.name());
        self.build.objects.iter().map(name).collect()
    }

    fn failures(&self) -> Vec<&Problem> {
        let all = self.build.problems.iter();
        all.filter(|problem| problem.kind.is_failure()).collect()
    }

    /// The only failure: `path:line: message`.
    fn failure(&self) -> String {
        let failures = self.failures();
        assert_eq!(failures.len(), 1, "{failures:#?}");
        self.place(failures[0].span) + ": " + &failures[0].message
    }

    /// `path:line`
    fn place(&self, span: crate::source::Span) -> String {
        let file = self.sources.file(span.file);
        format!("{}:{}", file.path(), file.line_column(span.start).line)
    }

    /// Where the value at a route of the named object comes from, and the bytes there.
    fn origin(&self, name: &str, route: &[&str]) -> (String, &str) {
        let object = self
            .build
            .objects
            .iter()
            .find(|object| object.name() == name)
            .unwrap();
        let span = object.node.at(route).unwrap().origin().edit_span();
        (self.place(span), self.sources.snippet(span))
    }
}

/// A ConfigMap of that name.
fn config_map(name: &str) -> String {
    format!("apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: {name}\n")
}
