//! Fleets rendered as Flux's own Go packages render them (`testdata/flux-golden/README.md` says how that was done).

#![allow(clippy::unwrap_used, clippy::panic)]

use std::path::{Path, PathBuf};

use meshlint::fleet::{self, Cluster};
use meshlint::flux::Discovery;
use meshlint::kustomize::Builder;
use meshlint::postbuild::Substituter;
use meshlint::source::SourceMap;
use meshlint::yaml::{Store, to_yaml};

fn golden() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("testdata/flux-golden")
}

fn with_clusters(repository: &Path, judge: impl FnOnce(&[Cluster])) {
    let sources = SourceMap::open(repository).unwrap();
    let store = Store::new(&sources);
    let builder = Builder::new(&store);
    let fleet = fleet::load(
        &sources,
        &store,
        &builder,
        &Substituter::new(&sources),
        &Discovery::default(),
    );
    judge(&fleet.clusters);
}

/// Holds every Kustomization of the cluster against the file of its name, and every file against a Kustomization.
fn assert_is_rendered_as(cluster: &Cluster, expected: &Path) {
    let mut rendered: Vec<String> = Vec::new();
    for kustomization in &cluster.kustomizations {
        let name = kustomization.name.as_str();
        let documents: Vec<String> = kustomization
            .objects
            .iter()
            .map(|object| to_yaml(&object.node))
            .collect();
        let made = std::fs::read_to_string(expected.join(format!("{name}.yaml"))).unwrap();
        assert_eq!(documents.join("---\n"), made, "`{name}` of `{}`", cluster.name);
        assert!(
            kustomization.problems.is_empty(),
            "`{name}`: {:?}",
            kustomization.problems
        );
        let build = kustomization.build.as_ref().unwrap();
        assert!(!build.failed(), "`{name}`: {:?}", build.problems);
        rendered.push(format!("{name}.yaml"));
    }
    rendered.sort_unstable();
    let mut made: Vec<String> = std::fs::read_dir(expected)
        .unwrap()
        .map(|file| file.unwrap().file_name().into_string().unwrap())
        .collect();
    made.sort_unstable();
    assert_eq!(rendered, made, "`{}`", cluster.name);
}

#[test]
fn every_kustomization_is_rendered_as_flux_renders_it() {
    with_clusters(&golden().join("repository"), |clusters| {
        let [cluster] = clusters else {
            let names: Vec<&str> = clusters.iter().map(|cluster| cluster.name.as_str()).collect();
            panic!("one cluster, not {names:?}");
        };
        assert_is_rendered_as(cluster, &golden().join("expected"));
    });
}

#[test]
fn clusters_that_share_their_directories_are_each_rendered_as_flux_renders_them() {
    let mesh = golden().join("mesh");
    with_clusters(&mesh.join("repository"), |clusters| {
        let names: Vec<&str> = clusters.iter().map(|cluster| cluster.name.as_str()).collect();
        assert_eq!(names, ["east", "west"]);
        for cluster in clusters {
            assert_is_rendered_as(cluster, &mesh.join("expected").join(&cluster.name));
        }
    });
}
