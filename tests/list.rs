//! `meshlint list`: what each cluster gets.
#![allow(missing_docs, clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod common;

use common::{code, run, schema, stderr, stdout};
use serde_json::Value;

const FLEET: &str = "testdata/fleets/two-clusters";

fn document(arguments: &[&str]) -> Value {
    let output = run(&[&["list", FLEET, "--format", "json"], arguments].concat());
    assert_eq!(code(&output), 0, "{}", stderr(&output));
    let document: Value = serde_json::from_str(&stdout(&output)).unwrap();
    let faults = schema::faults(&schema::ours("meshlint-list-v1.json"), &document);
    assert!(faults.is_empty(), "{faults:#?}");
    document
}

#[test]
fn kustomizations_and_releases_are_listed_with_what_they_come_from() {
    let document = document(&["--cluster", "apps"]);
    let clusters = document["clusters"].as_array().unwrap();
    assert_eq!(clusters.len(), 1);
    let owners = clusters[0]["kustomizations"].as_array().unwrap();
    let catalogue = owners.iter().find(|one| one["name"] == "catalogue").unwrap();
    assert_eq!(catalogue["path"], "services/catalogue");
    assert_eq!(catalogue["parent"], "flux-system/flux-system");
    assert_eq!(catalogue["source"], "here");
    let releases = clusters[0]["helmReleases"].as_array().unwrap();
    let cilium = releases.iter().find(|one| one["name"] == "cilium").unwrap();
    assert_eq!(cilium["chart"], "cilium");
    assert_eq!(cilium["kustomization"], "flux-system/cilium");
    assert!(clusters[0].get("objects").is_none());
}

#[test]
fn objects_come_when_asked_for_and_are_those_that_are_counted() {
    let document = document(&["--objects"]);
    for cluster in document["clusters"].as_array().unwrap() {
        let counts = cluster["kustomizations"].as_array().unwrap().iter();
        let count: u64 = counts.map(|one| one["objects"].as_u64().unwrap()).sum();
        assert_eq!(cluster["objects"].as_array().unwrap().len() as u64, count);
    }
    let text = stdout(&run(&["list", FLEET, "--objects", "--cluster", "infra"]));
    assert!(
        text.contains("flux-system/catalogue  services/catalogue"),
        "{text}"
    );
    assert!(
        text.contains("Deployment catalogue/catalogue  services/catalogue/deployment.yaml:1"),
        "{text}"
    );
}
