//! `meshlint services`: who is served by each global Service, and what is left of it.
#![allow(missing_docs, clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod common;

use std::path::Path;

use common::{code, fleet, meshlint, run, schema, stderr, stdout};
use serde_json::Value;

const FLEET: &str = "testdata/fleets/shared-services";

fn document(path: &str, arguments: &[&str]) -> Value {
    let output = run(&[&["services", path, "--format", "json"], arguments].concat());
    assert_eq!(code(&output), 0, "{}", stderr(&output));
    let document: Value = serde_json::from_str(&stdout(&output)).unwrap();
    let faults = schema::faults(&schema::ours("meshlint-services-v1.json"), &document);
    assert!(faults.is_empty(), "{faults:#?}");
    document
}

fn by_name<'a>(all: &'a Value, key: &str, name: &str) -> &'a Value {
    all.as_array()
        .unwrap()
        .iter()
        .find(|one| one[key] == name)
        .unwrap()
}

/// What a cluster gets of a Service: the answer, and the answer for each loss that matters.
fn answers(document: &Value, service: &str, cluster: &str) -> Vec<String> {
    let view = by_name(
        &by_name(&document["services"], "name", service)["from"],
        "cluster",
        cluster,
    );
    let losses = view["losses"].as_array().unwrap();
    let text = |answer: &Value| {
        let by: Vec<&str> = answer["by"]
            .as_array()
            .unwrap()
            .iter()
            .map(|one| one.as_str().unwrap())
            .collect();
        let lost = if answer["toLost"] == true { " lost" } else { "" };
        format!("{} {}{lost}", answer["answer"].as_str().unwrap(), by.join("+"))
    };
    let words = |loss: &Value| {
        let (lost, cluster) = (loss["lost"].as_str().unwrap(), loss["cluster"].as_str().unwrap());
        format!("{lost} {cluster}: {}", text(loss))
    };
    std::iter::once(text(view))
        .chain(losses.iter().map(words))
        .collect()
}

#[test]
fn a_cluster_without_pods_depends_on_the_one_that_has_them() {
    let document = document(FLEET, &[]);
    assert_eq!(
        answers(&document, "api", "apps"),
        ["served infra", "cluster infra: not-served  lost"]
    );
    assert_eq!(answers(&document, "api", "infra"), ["served infra"]);
    let api = by_name(&document["services"], "name", "api");
    let apps = by_name(&api["clusters"], "cluster", "apps");
    assert_eq!(
        (&apps["backends"], &apps["shared"]),
        (&"none".into(), &false.into())
    );
    assert_eq!(apps["place"]["path"], "clusters/apps/shop/api.yaml");
}

#[test]
fn one_loss_can_be_asked_for() {
    let document = document(FLEET, &["--without", "infra"]);
    let api = by_name(&document["services"], "name", "api");
    assert_eq!(api["from"].as_array().unwrap().len(), 1);
    assert_eq!(
        answers(&document, "api", "apps"),
        ["served infra", "cluster infra: not-served  lost"]
    );
    let refused = run(&["services", FLEET, "--without", "infr"]);
    assert_eq!(code(&refused), 2);
    assert!(
        stderr(&refused).contains("did you mean `infra`?"),
        "{}",
        stderr(&refused)
    );
}

/// The fleet with pods of `api` in both clusters, `apps` with this affinity, and this version of Cilium.
fn with_affinity(at: &Path, affinity: &str, version: &str, cilium: &str) {
    let mut files = fleet::read("shared-services");
    let workloads = files["clusters/infra/shop/workloads.yaml"].clone();
    let own = files.get_mut("clusters/apps/shop/workloads.yaml").unwrap();
    own.push_str("---\n");
    own.push_str(&workloads.replace(
        "image: registry.example.org/api:1\n",
        "image: registry.example.org/api:2\n",
    ));
    let annotations = format!("global: \"true\"\n    service.cilium.io/affinity: \"{affinity}\"");
    fleet::replace(
        &mut files,
        "clusters/apps/shop/api.yaml",
        "global: \"true\"",
        &annotations,
    );
    for cluster in ["apps", "infra"] {
        let path = format!("clusters/{cluster}/cilium.yaml");
        let text = files.get_mut(&path).unwrap();
        let line = text
            .lines()
            .find(|line| line.trim_start().starts_with("version:"))
            .unwrap()
            .to_owned();
        let indent = line.len() - line.trim_start().len();
        *text = text.replace(&line, &format!("{}version: {version}", " ".repeat(indent)));
        *text = text.replace("  values:\n", &format!("  values:\n{cilium}"));
    }
    for (path, text) in files {
        let path = at.join(path);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text).unwrap();
    }
}

#[test]
fn affinity_decides_by_version() {
    const TTL: &str = "    extraConfig:\n      clustermesh-cache-ttl: 15m\n";
    let cases: &[(&str, &str, &str, &[&str])] = &[
        (
            "none",
            "1.17.8",
            "",
            &["served apps+infra", "cluster infra: served apps lost"],
        ),
        // cilium/cilium#46623
        ("none", "1.18.3", "", &["served apps"]),
        (
            "none",
            "1.19.6",
            "",
            &["served apps+infra", "cluster infra: served apps lost"],
        ),
        ("Local", "1.18.3", "", &["served apps"]),
        (
            "remote",
            "1.18.3",
            "",
            &["served infra", "cluster infra: not-served  lost"],
        ),
        ("remote", "1.19.6", TTL, &["served infra"]),
    ];
    for (affinity, version, cilium, expected) in cases {
        let scratch = tempfile::tempdir().unwrap();
        with_affinity(scratch.path(), affinity, version, cilium);
        let document = document(scratch.path().to_str().unwrap(), &[]);
        assert_eq!(
            answers(&document, "api", "apps"),
            *expected,
            "{affinity} {version}"
        );
    }
}

#[test]
fn lines_fit_the_width() {
    for columns in [60, 80, 120] {
        let output = meshlint()
            .args(["services", FLEET])
            .env("COLUMNS", columns.to_string())
            .output()
            .unwrap();
        let text = stdout(&output);
        assert!(text.contains("from apps: served by infra"), "{text}");
        let widest = text.lines().map(|line| line.chars().count()).max().unwrap();
        assert!(widest <= columns, "{columns}: {text}");
    }
}
