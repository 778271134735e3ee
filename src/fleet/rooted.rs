//! Telling whether a directory is the root that the paths of its Flux objects start from.

use super::discover;
use crate::flux::Discovery;
use crate::source::SourceMap;
use crate::yaml::Store;

/// Whether some cluster starts below this root, and the object that says so lies in the directory that it names: such
/// an object can only be true of this root. Fleets in a subdirectory, as examples and test data are, are told by it.
pub fn is_root_of_clusters(sources: &SourceMap, store: &Store<'_>, options: &Discovery) -> bool {
    discover::discover(sources, store, options)
        .flux
        .iter()
        .any(|entry| {
            let lies_in_it = entry
                .span
                .is_some_and(|span| sources.file(span.file).path().starts_with(&entry.directory));
            entry.root.is_root() && !entry.directory.is_root() && lies_in_it
        })
}

/// Whether a fleet without Flux lies below this root: more than one cluster, and nothing of Flux.
pub fn is_fleet_without_flux(sources: &SourceMap, store: &Store<'_>, options: &Discovery) -> bool {
    let found = discover::discover(sources, store, options);
    found.flux.is_empty() && found.values.len() > 1
}

#[cfg(test)]
mod tests {
    use super::*;

    fn is_root(path: &str, states: &str) -> bool {
        let sync = format!(
            "apiVersion: source.toolkit.fluxcd.io/v1\nkind: GitRepository\nmetadata:\n  name: flux-system\n  \
             namespace: flux-system\nspec:\n  url: ssh://git@git.example.org/fleet\n---\n\
             apiVersion: kustomize.toolkit.fluxcd.io/v1\nkind: Kustomization\nmetadata:\n  name: flux-system\n  \
             namespace: flux-system\nspec:\n  path: {states}\n  sourceRef:\n    kind: GitRepository\n    name: flux-system\n"
        );
        let sources = SourceMap::from_memory([(path, sync)]);
        is_root_of_clusters(&sources, &Store::new(&sources), &Discovery::default())
    }

    #[test]
    fn the_root_is_where_the_path_leads_to_the_object_itself() {
        assert!(is_root(
            "clusters/east/flux-system/gotk-sync.yaml",
            "./clusters/east"
        ));
        assert!(!is_root("east/flux-system/gotk-sync.yaml", "./clusters/east"));
        assert!(!is_root(
            "fleet/clusters/east/flux-system/gotk-sync.yaml",
            "./clusters/east"
        ));
    }
}
