//! What kustomize-controller adds.

use super::{Built, config_map};
use crate::kustomize::Overlay;
use crate::yaml::Node;

fn list(spec: &Node, field: &str) -> Vec<Node> {
    spec.get(field).map(Node::items).unwrap_or_default().to_vec()
}

fn overlay(spec: &Node) -> Overlay {
    Overlay {
        target_namespace: spec.get("targetNamespace").cloned(),
        name_prefix: spec.get("namePrefix").cloned(),
        name_suffix: spec.get("nameSuffix").cloned(),
        patches: list(spec, "patches"),
        components: list(spec, "components"),
        ignore_missing_components: spec.get("ignoreMissingComponents").and_then(Node::as_bool) == Some(true),
        images: list(spec, "images"),
        build_metadata: list(spec, "buildMetadata"),
    }
}

#[test]
fn a_kustomization_is_made_of_what_lies_below() {
    let (a, b, c) = (config_map("a"), config_map("b"), config_map("c"));
    let built = Built::flux(
        "apps",
        &[
            ("apps/z.yaml", &a),
            ("apps/plain/.hidden/b.yml", &b),
            ("apps/plain/notes.txt", "no manifest"),
            (
                "apps/nested/kustomization.yaml",
                "resources: [c.yaml]\nnamePrefix: n-",
            ),
            ("apps/nested/c.yaml", &c),
            ("apps/nested/unlisted.yaml", "{}"),
        ],
        overlay,
    );
    assert_eq!(built.names(), ["ConfigMap/n-c", "ConfigMap/b", "ConfigMap/a"]);
}

#[test]
fn a_file_that_is_no_manifest_fails_a_made_kustomization() {
    let built = Built::flux("apps", &[("apps/values.yaml", "replicas: 2\n")], overlay);
    assert!(
        built
            .failure()
            .starts_with("apps/values.yaml:1: missing kind in object"),
        "{}",
        built.failure()
    );
}

#[test]
fn an_empty_directory_builds_to_nothing() {
    let built = Built::flux("apps", &[("apps/README.md", "")], overlay);
    assert!(built.build.objects.is_empty() && !built.build.failed());
}

#[test]
fn the_spec_overrides_and_adds() {
    let map = config_map("x");
    let spec = "targetNamespace: apps\nnamePrefix: p-\npatches:\n- patch: |\n    - {op: add, path: /data, value: {from: spec}}\n  target: {kind: ConfigMap}\n";
    let built = Built::flux(
        "apps",
        &[
            ("apps/kustomization.yaml", "resources: [x.yaml]\nnamespace: own\n"),
            ("apps/x.yaml", &map),
            ("flux/spec.yaml", spec),
        ],
        overlay,
    );
    assert_eq!(built.build.objects[0].namespace(), Some("apps"));
    assert_eq!(
        built.origin("p-x", &["metadata", "namespace"]),
        ("flux/spec.yaml:1".to_owned(), "apps")
    );
    assert_eq!(
        built.origin("p-x", &["data", "from"]),
        ("flux/spec.yaml:5".to_owned(), "spec")
    );
}

#[test]
fn components_of_the_spec_may_be_missing_when_it_says_so() {
    let map = config_map("x");
    let build = |spec: &str| {
        Built::flux(
            "apps",
            &[
                ("apps/kustomization.yaml", "resources: [x.yaml]"),
                ("apps/x.yaml", &map),
                ("flux/spec.yaml", spec),
            ],
            overlay,
        )
    };
    assert!(
        build("components:\n- ../nowhere\n")
            .failure()
            .starts_with("flux/spec.yaml:2: accumulating components")
    );
    assert!(
        !build("components: [../nowhere]\nignoreMissingComponents: true\n")
            .build
            .failed()
    );
    assert!(
        build("components: [https://host/x]\n")
            .failure()
            .contains("must be local and relative")
    );
}

#[test]
fn images_of_the_spec_join_those_of_the_file() {
    let pod = "apiVersion: v1\nkind: Pod\nmetadata: {name: p}\nspec: {containers: [{image: 'a:1'}, {image: 'b:1'}]}\n";
    let built = Built::flux(
        "apps",
        &[
            (
                "apps/kustomization.yaml",
                "resources: [p.yaml]\nimages: [{name: a, newName: c, digest: 'sha256:0'}]",
            ),
            ("apps/p.yaml", pod),
            (
                "flux/spec.yaml",
                "images: [{name: a, newTag: '2'}, {name: b, newTag: '3'}]",
            ),
        ],
        overlay,
    );
    assert!(
        built.yaml().contains("- image: c:2\n  - image: b:3\n"),
        "{}",
        built.yaml()
    );
}

#[test]
fn the_top_file_is_read_leniently_and_nested_ones_are_not() {
    let map = config_map("x");
    let built = Built::flux(
        "apps",
        &[
            (
                "apps/kustomization.yaml",
                "resources: [x.yaml, nested]\nunknown: field\nnamespace: 123\n",
            ),
            ("apps/x.yaml", &map),
            (
                "apps/nested/kustomization.yaml",
                "resources: []\nunknown: field\n",
            ),
        ],
        overlay,
    );
    assert_eq!(
        built.failure(),
        "apps/nested/kustomization.yaml:2: invalid Kustomization: unknown field `unknown`"
    );
    assert_eq!(built.build.objects[0].namespace(), Some("123"));
}

#[test]
fn without_resources_origins_show() {
    let built = Built::flux(
        "apps",
        &[(
            "apps/kustomization.yaml",
            "configMapGenerator: [{name: c, options: {disableNameSuffixHash: true}}]",
        )],
        overlay,
    );
    let expected = "    config.kubernetes.io/origin: |\n      configuredIn: kustomization.yaml\n";
    assert!(built.yaml().contains(expected), "{}", built.yaml());
    assert!(
        !Built::flux("apps", &[("apps/kustomization.yaml", "# nothing\n")], overlay)
            .build
            .failed()
    );
}
