//! A fleet rendered as Flux's own Go packages render it (`testdata/flux-golden/README.md` says how that was done).

#![allow(clippy::unwrap_used, clippy::panic)]

use std::path::{Path, PathBuf};

use meshlint::flux::{self, Discovery};
use meshlint::kustomize::Builder;
use meshlint::source::SourceMap;
use meshlint::yaml::{Store, to_yaml};

fn golden() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("testdata/flux-golden")
}

#[test]
fn every_kustomization_is_rendered_as_flux_renders_it() {
    let sources = SourceMap::open(&golden().join("repository")).unwrap();
    let store = Store::new(&sources);
    let builder = Builder::new(&store);
    let fleet = flux::load(&sources, &store, &builder, &Discovery::default());
    let [cluster] = fleet.clusters.as_slice() else {
        let names: Vec<&str> = fleet
            .clusters
            .iter()
            .map(|cluster| cluster.name.as_str())
            .collect();
        panic!("one cluster, not {names:?}");
    };
    let mut rendered: Vec<&str> = Vec::new();
    for kustomization in &cluster.kustomizations {
        let name = kustomization.name.as_str();
        let documents: Vec<String> = kustomization
            .objects
            .iter()
            .map(|object| to_yaml(&object.node))
            .collect();
        let expected = std::fs::read_to_string(golden().join(format!("expected/{name}.yaml"))).unwrap();
        assert_eq!(documents.join("---\n"), expected, "`{name}`");
        assert!(
            kustomization.problems.is_empty(),
            "`{name}`: {:?}",
            kustomization.problems
        );
        let build = kustomization.build.as_ref().unwrap();
        assert!(!build.failed(), "`{name}`: {:?}", build.problems);
        rendered.push(name);
    }
    rendered.sort_unstable();
    let mut made: Vec<String> = std::fs::read_dir(golden().join("expected"))
        .unwrap()
        .map(|file| file.unwrap().file_name().into_string().unwrap())
        .collect();
    made.sort_unstable();
    assert_eq!(
        rendered
            .iter()
            .map(|name| format!("{name}.yaml"))
            .collect::<Vec<_>>(),
        made
    );
}
