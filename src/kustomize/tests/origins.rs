//! Every value points at what gave it.

use super::{Built, config_map};

#[test]
fn transformers_leave_their_entries_as_origins() {
    let map = config_map("x");
    let built = Built::kustomize(
        "",
        &[
            (
                "kustomization.yaml",
                "resources: [x.yaml]\nnamespace: apps\nnamePrefix: p-\ncommonAnnotations:\n  team: mesh\nlabels:\n- pairs:\n    tier: edge\n",
            ),
            ("x.yaml", &map),
        ],
    );
    let origin = |route: &[&str]| built.origin("p-x", route);
    assert_eq!(
        origin(&["metadata", "namespace"]),
        ("kustomization.yaml:2".to_owned(), "apps")
    );
    assert_eq!(
        origin(&["metadata", "annotations", "team"]),
        ("kustomization.yaml:5".to_owned(), "mesh")
    );
    assert_eq!(
        origin(&["metadata", "labels", "tier"]),
        ("kustomization.yaml:8".to_owned(), "edge")
    );
    assert_eq!(origin(&["metadata", "name"]), ("x.yaml:4".to_owned(), "x"));
    assert_eq!(origin(&["kind"]), ("x.yaml:2".to_owned(), "ConfigMap"));
}

#[test]
fn generated_data_points_at_its_literal_line_or_file() {
    let built = Built::kustomize(
        "",
        &[
            (
                "kustomization.yaml",
                "configMapGenerator:\n- name: c\n  literals:\n  - a=1\n  files:\n  - values.yaml\n  envs:\n  - app.env\n",
            ),
            ("values.yaml", "replicas: 2\n"),
            ("app.env", "FIRST=1\nSECOND=2\n"),
        ],
    );
    let name = built.build.objects[0].name().to_owned();
    let origin = |route: &[&str]| built.origin(&name, route);
    assert_eq!(origin(&["data", "a"]), ("kustomization.yaml:4".to_owned(), "a=1"));
    assert_eq!(
        origin(&["data", "values.yaml"]),
        ("values.yaml:1".to_owned(), "replicas: 2\n")
    );
    assert_eq!(origin(&["data", "SECOND"]), ("app.env:2".to_owned(), "SECOND=2"));
    assert_eq!(
        origin(&["metadata", "name"]),
        ("kustomization.yaml:2".to_owned(), "c")
    );
}

#[test]
fn a_patched_field_points_into_the_patch() {
    let map = config_map("x") + "data: {kept: old}\n";
    let built = Built::kustomize(
        "",
        &[
            (
                "kustomization.yaml",
                "resources: [x.yaml]\npatches:\n- target: {kind: ConfigMap}\n  patch: |\n    - op: add\n      path: /data/inline\n      value: here\n- path: p.yaml\n",
            ),
            (
                "p.yaml",
                "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: x}\ndata:\n  merged: there\n",
            ),
            ("x.yaml", &map),
        ],
    );
    assert_eq!(
        built.origin("x", &["data", "inline"]),
        ("kustomization.yaml:7".to_owned(), "here")
    );
    assert_eq!(
        built.origin("x", &["data", "merged"]),
        ("p.yaml:5".to_owned(), "there")
    );
    assert_eq!(
        built.origin("x", &["data", "kept"]),
        ("x.yaml:5".to_owned(), "old")
    );
}

#[test]
fn an_image_and_a_replica_count_point_at_their_entries() {
    let text = "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: d}\nspec: {template: {spec: {containers: [{image: nginx}]}}}\n";
    let built = Built::kustomize(
        "",
        &[
            (
                "kustomization.yaml",
                "resources: [d.yaml]\nimages:\n- name: nginx\n  newTag: '2'\nreplicas:\n- name: d\n  count: 3\n",
            ),
            ("d.yaml", text),
        ],
    );
    assert_eq!(
        built.origin("d", &["spec", "replicas"]),
        ("kustomization.yaml:7".to_owned(), "3")
    );
    let containers = built.build.objects[0]
        .node
        .at(&["spec", "template", "spec", "containers"])
        .unwrap();
    let image = containers.items()[0].get("image").unwrap();
    assert_eq!(image.as_text(), Some("nginx:2"));
    assert_eq!(built.place(image.span()), "kustomization.yaml:4");
}
