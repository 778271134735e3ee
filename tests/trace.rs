//! `meshlint trace`: the line that is named holds the value, or what makes it.
#![allow(missing_docs, clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod common;

use std::time::{Duration, Instant};

use common::{code, run, schema, stderr, stdout};
use meshlint::engine::{self, RunOptions};
use meshlint::source::{SourceMap, Span};
use meshlint::yaml::{Node, Store, Walk};
use serde_json::Value;

const FLEET: &str = "testdata/fleets/two-clusters";

fn document(arguments: &[&str]) -> Value {
    let output = run(&[&["trace", FLEET, "--format", "json"], arguments].concat());
    assert_eq!(code(&output), 0, "{}", stderr(&output));
    let document: Value = serde_json::from_str(&stdout(&output)).unwrap();
    let faults = schema::faults(&schema::ours("meshlint-trace-v1.json"), &document);
    assert!(faults.is_empty(), "{faults:#?}");
    document
}

#[test]
fn a_variable_leads_to_the_settings_of_each_cluster() {
    let document = document(&["HelmRelease/cilium", "spec.values.cluster.id"]);
    let objects = document["objects"].as_array().unwrap();
    let of = |object: &Value| {
        let value = &object["values"][0];
        let step = &value["steps"][0];
        let place = &step["place"];
        (
            value["value"].to_string(),
            step["what"].as_str().unwrap().to_owned(),
            step["route"].as_str().unwrap().to_owned(),
            format!("{}:{}", place["path"].as_str().unwrap(), place["line"]),
        )
    };
    let expected = [("2", "apps"), ("1", "infra")].map(|(id, cluster)| {
        let place = format!("clusters/{cluster}/cluster-settings.yaml:8");
        (
            id.to_owned(),
            "variable".to_owned(),
            "data.CLUSTER_ID".to_owned(),
            place,
        )
    });
    assert_eq!(objects.iter().map(of).collect::<Vec<_>>(), expected);
    let applied: Vec<&str> = objects[0]["values"][0]["steps"]
        .as_array()
        .unwrap()
        .iter()
        .filter(|step| step["what"] == "applied-by")
        .map(|step| step["document"].as_str().unwrap())
        .collect();
    assert_eq!(
        applied,
        [
            "Kustomization flux-system/cilium",
            "Kustomization flux-system/flux-system"
        ]
    );
}

#[test]
fn a_value_that_kustomize_sets_leads_to_the_entry() {
    let document = document(&["Deployment/catalogue", "metadata.namespace", "--cluster", "apps"]);
    let steps = &document["objects"][0]["values"][0]["steps"];
    assert_eq!(
        (&steps[0]["what"], &steps[0]["route"]),
        (&"changed-by".into(), &"namespace".into())
    );
    assert_eq!(steps[0]["place"]["path"], "services/catalogue/kustomization.yaml");
    assert_eq!(steps[1]["place"]["path"], "services/catalogue/deployment.yaml");
}

#[test]
fn a_variable_is_told_with_everything_that_uses_it() {
    let output = run(&["trace", FLEET, "--variable", "CLUSTER_ID", "--format", "json"]);
    let document: Value = serde_json::from_str(&stdout(&output)).unwrap();
    let settings = document["settings"].as_array().unwrap();
    let values: Vec<&Value> = settings.iter().map(|one| &one["value"]).collect();
    assert_eq!(values, ["2", "1"]);
    for one in settings {
        assert_eq!(one["uses"][0]["path"], "spec.values.cluster.id");
    }
}

#[test]
fn what_is_not_there_is_said_in_words() {
    let refused = |arguments: &[&str]| {
        let output = run(&[&["trace", FLEET], arguments].concat());
        assert_eq!(
            (code(&output), stdout(&output)),
            (2, String::new()),
            "{arguments:?}"
        );
        stderr(&output)
    };
    assert!(refused(&["Deployment/catalog", "spec"]).contains("did you mean `catalogue`?"));
    assert!(refused(&["Deployment/catalogue", "spec.replica"]).contains("has no field `spec.replica`"));
    assert!(refused(&["Deployment/catalogue", "spec["]).contains("is no path of a field"));
    assert!(refused(&["--variable", "CLUSTER_IDS"]).contains("did you mean `CLUSTER_ID`?"));
    assert!(refused(&["catalogue", "spec"]).contains("is no object"));
    let alone = run(&["trace", "spec"]);
    assert!(
        stderr(&alone).contains("name an object and a field"),
        "{}",
        stderr(&alone)
    );
}

/// What the bytes at a place have to do with a value.
fn holds(sources: &SourceMap, span: Span, value: &str) -> bool {
    let Ok(text) = sources.file(span.file).text() else {
        return false;
    };
    let text = &text[span.start as usize..span.end as usize];
    let bare = |text: &str| -> String { text.chars().filter(|c| c.is_alphanumeric()).collect() };
    bare(text).contains(&bare(value))
}

/// Of sampled scalars of real repositories: how many are written where they are said to be. The rest are made of several pieces, by a
/// template, a prefix, a hash, an image transformer or an embedded file.
#[test]
#[ignore = "takes minutes, and MESHLINT_CORPUS"]
fn the_line_that_is_named_holds_the_value() {
    let end = Instant::now() + Duration::from_secs(120);
    let (mut sampled, mut held, mut by_template) = (0_usize, 0_usize, 0_usize);
    let mut others = Vec::new();
    for repository in common::corpus() {
        if Instant::now() > end {
            break;
        }
        let sources = SourceMap::open(&repository).unwrap();
        let store = Store::new(&sources);
        let fleet = engine::load(&store, &RunOptions::default());
        let mut nth = 0_usize;
        for (_, object) in fleet.clusters.iter().flat_map(|cluster| cluster.objects()) {
            object.node.walk(&mut |route, _, node: &Node| {
                if let Some(text) = node.as_text().filter(|text| !text.is_empty()) {
                    nth += 1;
                    if nth.is_multiple_of(53) {
                        sampled += 1;
                        let origin = node.origin();
                        if holds(&sources, origin.edit_span(), text) || holds(&sources, origin.span, text) {
                            held += 1;
                        } else if origin.substituted.is_some() {
                            by_template += 1;
                        } else if others.len() < 200 {
                            others.push(format!("{} {route}: {text:.60}", object.kind()));
                        }
                    }
                }
                Walk::Enter
            });
        }
    }
    println!("{sampled} sampled, {held} held, {by_template} of templates, others: {others:#?}");
    assert!(sampled > 1000, "{sampled}");
    assert!(
        (held + by_template) * 100 >= sampled * 97,
        "{held} and {by_template} of {sampled}: {others:#?}"
    );
}
