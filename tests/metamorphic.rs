//! What is written in another way but means the same is found the same.
#![allow(missing_docs, clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod common;

use common::fleet::{Files, findings, read, replace};

/// A fleet with faults of several kinds: two clusters with one id, a dependency and a path that do not exist, a variable
/// without a value, and a component that is missing.
fn faulty() -> Files {
    let mut files = read("duplicate-id");
    replace(
        &mut files,
        "delivery/catalogue.yaml",
        "- name: cilium-pools",
        "- name: cilium-pool",
    );
    replace(
        &mut files,
        "delivery/cilium.yaml",
        "path: ./infrastructure/cilium/pools",
        "path: ./infrastructure/cilium/pool",
    );
    replace(
        &mut files,
        "services/catalogue/deployment.yaml",
        "value: ${CLUSTER_NAME}",
        "value: ${REGION}",
    );
    replace(
        &mut files,
        "infrastructure/cert-manager/app/kustomization.yaml",
        "  - namespace.yaml",
        "  - namespaces.yaml",
    );
    files
}

fn every_file(change: impl Fn(&str) -> String) -> Files {
    faulty()
        .into_iter()
        .map(|(path, text)| (path, change(&text)))
        .collect()
}

/// The same findings, under the same fingerprints; only the order may differ.
fn assert_same(changed: &Files) {
    let sorted = |files: &Files| {
        let mut found = findings(files);
        found.sort();
        found
    };
    let expected = sorted(&faulty());
    assert!(expected.len() >= 5, "{expected:#?}");
    assert_eq!(sorted(changed), expected);
}

#[test]
fn line_breaks_of_windows() {
    assert_same(&every_file(|text| text.replace('\n', "\r\n")));
}

#[test]
fn a_byte_order_mark() {
    assert_same(&every_file(|text| format!("\u{feff}{text}")));
}

#[test]
fn comments_and_empty_lines_that_move_everything() {
    assert_same(&every_file(|text| {
        let lines = text.lines().map(|line| format!("\n# moved\n{line}\n"));
        lines.collect()
    }));
}

#[test]
fn markers_of_documents() {
    assert_same(&every_file(|text| format!("---\n{text}\n---\n")));
}

#[test]
fn quotes_around_what_is_text_anyway() {
    assert_same(&every_file(|text| {
        let quoted = |line: &str| match line.split_once("name: ") {
            Some((before, name)) if !name.contains(['"', '$']) => format!("{before}name: '{name}'\n"),
            _ => format!("{line}\n"),
        };
        text.lines().map(quoted).collect()
    }));
}

#[test]
fn documents_in_files_of_their_own() {
    let mut files = faulty();
    let both = files.remove("delivery/cilium.yaml").unwrap();
    let (first, second) = both.split_once("---\n").unwrap();
    files.insert("delivery/cilium-itself.yaml".to_owned(), first.to_owned());
    files.insert("delivery/cilium-pools.yaml".to_owned(), second.to_owned());
    replace(
        &mut files,
        "delivery/kustomization.yaml",
        "  - cilium.yaml",
        "  - cilium-itself.yaml\n  - cilium-pools.yaml",
    );
    assert_same(&files);
}

#[test]
fn resources_in_another_order() {
    let mut files = faulty();
    let list = "  - cert-manager.yaml\n  - cilium.yaml\n  - catalogue.yaml";
    replace(
        &mut files,
        "delivery/kustomization.yaml",
        list,
        "  - catalogue.yaml\n  - cilium.yaml\n  - cert-manager.yaml",
    );
    assert_same(&files);
}

#[test]
fn a_directory_that_moves() {
    let moved = |text: &str| text.replace("services/catalogue", "workloads/shop/catalogue");
    let files = faulty()
        .into_iter()
        .map(|(path, text)| (moved(&path), moved(&text)))
        .collect();
    assert_same(&files);
}

#[test]
fn files_that_nobody_names() {
    let mut files = faulty();
    files.insert("notes/broken.yaml".to_owned(), "a: [\n".to_owned());
    files.insert(
        "docs/example.yaml".to_owned(),
        files["delivery/catalogue.yaml"].clone(),
    );
    assert_same(&files);
}
