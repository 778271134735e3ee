//! Telling whether a directory is the root that the paths of its Flux objects start from.

use super::discover;
use crate::flux::{Discovery, EntryPoint, SyncedBy};
use crate::source::{RepoPath, SourceMap};
use crate::yaml::Store;

/// What speaks for a directory as the root of a repository.
#[derive(Debug, Default)]
pub struct RootSigns {
    /// Some cluster starts in it, and the object that says so lies in the directory that it names: such an object can only be true of
    /// this root. Fleets in a subdirectory, as examples and test data are, are told by it.
    pub starts_here: bool,
    /// Clusters of Flux, or more than one without Flux, are found in it.
    pub has_fleet: bool,
    /// What Flux objects name that is not there: where it lies somewhere else, that is the root.
    pub paths: Vec<RepoPath>,
}

impl RootSigns {
    /// Looks through the files of a directory.
    pub fn of(sources: &SourceMap, store: &Store<'_>, options: &Discovery) -> Self {
        let found = discover::discover(sources, store, options);
        let starts_here = found.flux.iter().any(|entry| {
            let lies_in_it = entry
                .span
                .is_some_and(|span| sources.file(span.file).path().starts_with(&entry.directory));
            let is_meant = stated_path(entry).is_some_and(|path| path == entry.directory);
            entry.root.is_root() && !entry.directory.is_root() && lies_in_it && is_meant
        });
        Self {
            starts_here,
            has_fleet: !found.flux.is_empty() || found.values.len() > 1,
            paths: found.elsewhere,
        }
    }
}

/// The path that the object of an entry point states.
fn stated_path(entry: &EntryPoint) -> Option<RepoPath> {
    let path = match &entry.start {
        SyncedBy::Sync(object) => object.text_at(&["spec", "path"]),
        SyncedBy::Instance(instance) => instance.spec.text_at(&["sync", "path"]),
        SyncedBy::Directory => None,
    };
    path.map(RepoPath::clamp)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn signs(path: &str, states: &str) -> RootSigns {
        let sync = format!(
            "apiVersion: source.toolkit.fluxcd.io/v1\nkind: GitRepository\nmetadata:\n  name: flux-system\n  \
             namespace: flux-system\nspec:\n  url: ssh://git@git.example.org/fleet\n---\n\
             apiVersion: kustomize.toolkit.fluxcd.io/v1\nkind: Kustomization\nmetadata:\n  name: flux-system\n  \
             namespace: flux-system\nspec:\n  path: {states}\n  sourceRef:\n    kind: GitRepository\n    name: flux-system\n"
        );
        let sources = SourceMap::from_memory([(path, sync)]);
        RootSigns::of(&sources, &Store::new(&sources), &Discovery::default())
    }

    #[test]
    fn the_root_is_where_the_path_leads_to_the_object_itself() {
        let file = "clusters/east/flux-system/gotk-sync.yaml";
        assert!(signs(file, "./clusters/east").starts_here);
        assert!(!signs("east/flux-system/gotk-sync.yaml", "./clusters/east").starts_here);
        assert!(!signs(&format!("fleet/{file}"), "./clusters/east").starts_here);
    }

    #[test]
    fn what_is_not_there_may_be_elsewhere() {
        let part = signs("east/flux-system/gotk-sync.yaml", "./clusters/east");
        assert_eq!(part.paths, [RepoPath::clamp("clusters/east")]);
        let whole = signs("clusters/east/flux-system/gotk-sync.yaml", "./clusters/east");
        assert!(whole.has_fleet && whole.paths.is_empty());
    }
}
