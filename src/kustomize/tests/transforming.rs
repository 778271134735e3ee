//! The transformers of a kustomization.

use super::{Built, config_map};
use crate::yaml::to_yaml;

#[test]
fn namespace_goes_everywhere_but_on_cluster_scoped_kinds() {
    let text = "apiVersion: v1
kind: Namespace
metadata: {name: old}
---
apiVersion: v1
kind: PersistentVolume
metadata: {name: pv}
---
apiVersion: cert-manager.io/v1
kind: ClusterIssuer
metadata: {name: i}
---
apiVersion: apiregistration.k8s.io/v1
kind: APIService
metadata: {name: a}
spec: {service: {name: s}}
";
    let built = Built::kustomize(
        "",
        &[
            ("kustomization.yaml", "resources: [a.yaml]\nnamespace: new"),
            ("a.yaml", text),
        ],
    );
    let found: Vec<_> = built
        .build
        .objects
        .iter()
        .map(|object| {
            (
                object.name(),
                object.namespace(),
                object.node.text_at(&["spec", "service", "namespace"]),
            )
        })
        .collect();
    assert_eq!(
        found,
        [
            ("new", None, None),
            ("pv", None, None),
            ("a", None, Some("new")),
            ("i", Some("new"), None),
        ]
    );
}

#[test]
fn a_namespace_that_makes_two_objects_one_fails() {
    let text = format!("{0}  namespace: a\n---\n{0}  namespace: b\n", config_map("x"));
    let built = Built::kustomize(
        "",
        &[
            ("kustomization.yaml", "resources: [a.yaml]\nnamespace: new"),
            ("a.yaml", &text),
        ],
    );
    assert_eq!(
        built.failure(),
        "kustomization.yaml:2: namespace transformation produces ID conflict: `ConfigMap.v1.[noGrp]/x.new`"
    );
    assert_eq!(built.failures()[0].related.len(), 2);
}

#[test]
fn annotations_always_become_text() {
    let text = "apiVersion: v1\nkind: Service\nmetadata:\n  name: s\n  annotations: {a: true, b: 012, c: }\n  labels: {l: true}\n";
    let built = Built::kustomize(
        "",
        &[("kustomization.yaml", "resources: [a.yaml]"), ("a.yaml", text)],
    );
    assert!(
        built
            .yaml()
            .contains("annotations:\n    a: \"true\"\n    b: \"012\"\n    c: \"\"\n  labels:\n    l: true\n"),
        "{}",
        built.yaml()
    );
}

#[test]
fn labels_reach_what_they_are_asked_to() {
    let text = "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: d}\nspec: {template: {spec: {}}}\n";
    let labels = |options: &str| {
        let kustomization = format!("resources: [a.yaml]\nlabels: [{{pairs: {{l: v}}{options}}}]");
        let built = Built::kustomize("", &[("kustomization.yaml", &kustomization), ("a.yaml", text)]);
        let node = built.build.objects[0].node.clone();
        [
            node.at(&["metadata", "labels", "l"]).is_some(),
            node.at(&["spec", "selector", "matchLabels", "l"]).is_some(),
            node.at(&["spec", "template", "metadata", "labels", "l"])
                .is_some(),
        ]
    };
    assert_eq!(labels(""), [true, false, false]);
    assert_eq!(labels(", includeTemplates: true"), [true, false, true]);
    assert_eq!(labels(", includeSelectors: true"), [true, true, true]);
}

#[test]
fn images_are_found_below_any_list_of_containers() {
    let text = "apiVersion: x/v1\nkind: Custom\nmetadata: {name: c}\nspec: {deep: {containers: [{image: 'nginx:1'}, {image: 'nginxx:1'}]}, image: 'nginx:1'}\n";
    let built = Built::kustomize(
        "",
        &[
            (
                "kustomization.yaml",
                "resources: [a.yaml]\nimages: [{name: nginx, newName: reg:5000/nginx, newTag: '2'}]",
            ),
            ("a.yaml", text),
        ],
    );
    let yaml = built.yaml();
    assert!(
        yaml.contains("- image: reg:5000/nginx:2\n    - image: nginxx:1\n  image: nginx:1\n"),
        "{yaml}"
    );
}

#[test]
fn replicas_of_nobody_fail() {
    let map = config_map("x");
    let built = Built::kustomize(
        "",
        &[
            (
                "kustomization.yaml",
                "resources: [a.yaml]\nreplicas:\n- {name: x, count: 3}\n",
            ),
            ("a.yaml", &map),
        ],
    );
    assert!(
        built
            .failure()
            .starts_with("kustomization.yaml:3: resource with name `x` does not match a config")
    );
}

#[test]
fn objects_for_local_tools_are_left_out() {
    let text = config_map("x") + "  annotations: {config.kubernetes.io/local-config: \"yes\"}\n";
    let built = Built::kustomize(
        "",
        &[("kustomization.yaml", "resources: [a.yaml]"), ("a.yaml", &text)],
    );
    assert!(built.build.objects.is_empty() && !built.build.failed());
}

#[test]
fn patches_see_names_before_and_after_other_layers() {
    let map = config_map("x");
    for name in ["x", "p-x"] {
        let patch = format!(
            "resources: [b]\npatches: [{{patch: '{{apiVersion: v1, kind: ConfigMap, metadata: {{name: {name}}}, data: {{a: b}}}}'}}]"
        );
        let built = Built::kustomize(
            "",
            &[
                ("kustomization.yaml", &patch),
                ("b/kustomization.yaml", "resources: [x.yaml]\nnamePrefix: p-"),
                ("b/x.yaml", &map),
            ],
        );
        assert!(built.yaml().contains("data:\n  a: b\n"), "{name}");
    }
}

#[test]
fn a_patch_for_nobody_is_an_error_and_a_target_for_nobody_a_remark() {
    use crate::kustomize::ProblemKind;
    let map = config_map("x");
    let patch = "{apiVersion: v1, kind: ConfigMap, metadata: {name: other}}";
    let by_name = format!("resources: [x.yaml]\npatches:\n- patch: '{patch}'\n");
    let built = Built::kustomize("", &[("kustomization.yaml", &by_name), ("x.yaml", &map)]);
    assert!(
        built
            .failure()
            .starts_with("kustomization.yaml:3: no resource matches strategic merge patch"),
        "{}",
        built.failure()
    );
    let by_target = format!("resources: [x.yaml]\npatches:\n- patch: '{patch}'\n  target: {{name: other}}\n");
    let built = Built::kustomize("", &[("kustomization.yaml", &by_target), ("x.yaml", &map)]);
    assert!(!built.build.failed());
    let problem = &built.build.problems[0];
    assert_eq!(problem.kind, ProblemKind::PatchMatchesNothing);
    assert_eq!(built.place(problem.span), "kustomization.yaml:4");
    assert_eq!(problem.message, "the build has no object called `other`");
    let by_label = by_target.replace(
        "target: {name: other}",
        "target: {kind: Ingress, labelSelector: tier=none}",
    );
    let built = Built::kustomize("", &[("kustomization.yaml", &by_label), ("x.yaml", &map)]);
    let problem = &built.build.problems[0];
    assert_eq!(problem.kind, ProblemKind::SelectorMatchesNothing);
    assert_eq!(
        problem.message,
        "the build has no `Ingress` with labels `tier=none`"
    );
}

#[test]
fn objects_come_in_legacy_order_or_as_they_stand() {
    let text = format!(
        "{}---\napiVersion: v1\nkind: Namespace\nmetadata: {{name: n}}\n---\n{}",
        config_map("b"),
        config_map("a")
    );
    let order = |options: &str| {
        let kustomization = format!("resources: [a.yaml]\n{options}");
        Built::kustomize("", &[("kustomization.yaml", &kustomization), ("a.yaml", &text)]).names()
    };
    assert_eq!(order(""), ["Namespace/n", "ConfigMap/a", "ConfigMap/b"]);
    assert_eq!(
        order("sortOptions: {order: fifo}"),
        ["ConfigMap/b", "Namespace/n", "ConfigMap/a"]
    );
    let custom =
        "sortOptions: {order: legacy, legacySortOptions: {orderFirst: [ConfigMap], orderLast: [Namespace]}}";
    assert_eq!(order(custom), ["ConfigMap/a", "ConfigMap/b", "Namespace/n"]);
}

#[test]
fn built_in_plugins_run_and_others_do_not() {
    let map = config_map("x");
    let plugin = "apiVersion: builtin\nkind: NamespaceTransformer\nmetadata: {name: n, namespace: apps}\n";
    let run = |plugin: &str| {
        Built::kustomize(
            "",
            &[
                (
                    "kustomization.yaml",
                    "resources: [x.yaml]\ntransformers: [t.yaml]",
                ),
                ("x.yaml", &map),
                ("t.yaml", plugin),
            ],
        )
    };
    assert_eq!(run(plugin).build.objects[0].namespace(), Some("apps"));
    let foreign = plugin.replace("builtin", "example.com/v1");
    assert!(run(&foreign).failure().contains("external plugins disabled"));
}

/// What a build of a Deployment in a base prints, with these lines in the base's kustomization and in the overlay's.
fn overlaid(base: &str, overlay: &str) -> String {
    let object = "apiVersion: apps/v1
kind: Deployment
metadata: {name: a}
spec:
  replicas: \"2\"
  selector: {matchLabels: {app: a}}
  template:
    metadata: {labels: {app: a}}
";
    let built = Built::kustomize(
        "over",
        &[
            ("base/kustomization.yaml", &format!("resources: [a.yaml]\n{base}")),
            ("base/a.yaml", object),
            (
                "over/kustomization.yaml",
                &format!("resources: [../base]\n{overlay}"),
            ),
        ],
    );
    assert!(!built.build.failed(), "{:?}", built.build.problems);
    to_yaml(&built.build.objects[0].node)
}

// What is expected here and below, `kustomize build` 5.8.1 printed.
#[test]
fn a_label_of_the_base_changes_wherever_its_transformer_put_it() {
    let base = "labels: [{pairs: {env: base}, includeSelectors: true}]\n";
    let strategic = "patches: [{patch: '{apiVersion: apps/v1, kind: Deployment, metadata: {name: a, labels: {env: over}}}'}]";
    let replaced = "replacements: [{sourceValue: over, targets: [{select: {kind: Deployment}, fieldPaths: [metadata.labels.env]}]}]";
    for overlay in ["labels: [{pairs: {env: over}}]", strategic, replaced] {
        let printed = overlaid(base, overlay);
        assert_eq!(printed.matches("env: over").count(), 3, "{overlay}\n{printed}");
    }
    // Behind a JSON patch each has a value of its own.
    let json = "patches: [{target: {kind: Deployment}, patch: '[{\"op\": \"add\", \"path\": \"/metadata/labels/env\", \"value\": \"over\"}]'}]";
    let printed = overlaid(base, json);
    assert_eq!(printed.matches("env: over").count(), 1, "{printed}");
    // So has what the file wrote itself.
    let printed = overlaid("", "labels: [{pairs: {app: over}}]");
    assert_eq!(printed.matches("app: over").count(), 1, "{printed}");
}

#[test]
fn a_count_takes_over_the_quotes_of_the_one_before() {
    let printed = overlaid("", "replicas: [{name: a, count: 5}]");
    assert!(printed.contains("replicas: \"5\"\n"), "{printed}");
}

#[test]
fn a_label_that_looks_like_a_number_loses_its_quotes() {
    let text = config_map("a");
    let built = Built::kustomize(
        "",
        &[
            (
                "kustomization.yaml",
                "resources: [a.yaml]\nlabels: [{pairs: {\"1\": x}}]",
            ),
            ("a.yaml", &text),
        ],
    );
    assert!(built.build.failed(), "an integer as a key cannot be printed");
    let quoted = format!("{text}  annotations: {{\"true\": x}}\n");
    let built = Built::kustomize(
        "",
        &[("kustomization.yaml", "resources: [a.yaml]"), ("a.yaml", &quoted)],
    );
    assert!(built.build.failed(), "nor a boolean");
}

#[test]
fn a_json_patch_sees_what_yaml_makes_of_dates_and_folded_text() {
    let text = format!(
        "{}  annotations:\n    when: 2024-01-02\n    why: >\n      a\n        b\ndata:\n  m: >+\n    a\n\n\n",
        config_map("a")
    );
    let patch = |value: &str| {
        let kustomization = format!(
            "resources: [a.yaml]\npatches:\n- target: {{kind: ConfigMap}}\n  patch: |\n    - op: add\n      path: /data/k\n      value:{value}\n"
        );
        let built = Built::kustomize("", &[("kustomization.yaml", &kustomization), ("a.yaml", &text)]);
        assert!(!built.build.failed(), "{:?}", built.build.problems);
        to_yaml(&built.build.objects[0].node)
    };
    let printed = patch(" x");
    assert!(printed.contains("when: \"2024-01-02T00:00:00Z\"\n"), "{printed}");
    assert!(
        printed.contains("    why: |\n      a\n\n        b\n"),
        "{printed}"
    );
    assert!(printed.contains("  m: |+\n    a\n\n\n\n"), "{printed}");
    // The patch itself is read as Kubernetes reads YAML: its dates and its folded text stay, and its keys are text.
    assert!(patch(" 2024-01-02").contains("k: \"2024-01-02\"\n"));
    let folded = patch("\n        f: >\n          a\n            b\n        l: x");
    assert!(folded.contains("    f: |\n      a\n        b\n"), "{folded}");
    assert!(patch(" {n: 1}").contains("  k:\n    \"false\": 1\n"));
}

#[test]
fn the_configuration_of_a_plugin_is_read_as_json() {
    let transformer = "apiVersion: builtin
kind: LabelTransformer
metadata: {name: t}
labels: {when: 2024-01-02}
fieldSpecs: [{path: metadata/labels, create: true}]
---
apiVersion: builtin
kind: PatchJson6902Transformer
metadata: {name: j}
target: {kind: ConfigMap, name: a}
jsonOp: '[{\"op\": \"add\", \"path\": \"/data\", \"value\": {\"k\": \"v\"}}]'
";
    let built = Built::kustomize(
        "",
        &[
            (
                "kustomization.yaml",
                "resources: [a.yaml]\ntransformers: [t.yaml]",
            ),
            ("a.yaml", &config_map("a")),
            ("t.yaml", transformer),
        ],
    );
    assert!(!built.build.failed(), "{:?}", built.build.problems);
    let object = &built.build.objects[0].node;
    assert_eq!(
        object.text_at(&["metadata", "labels", "when"]),
        Some("2024-01-02T00:00:00Z")
    );
    assert_eq!(object.text_at(&["data", "k"]), Some("v"));
}

#[test]
fn annotations_are_missing_for_a_patch_that_notes_nothing() {
    let patch = "[{op: add, path: /metadata/annotations/k, value: v}]";
    for (field, fails) in [("patches", false), ("patchesJson6902", true)] {
        let kustomization = format!(
            "resources: [a.yaml]\n{field}: [{{target: {{version: v1, kind: ConfigMap, name: a}}, patch: '- {}'}}]",
            &patch[1..patch.len() - 1]
        );
        let built = Built::kustomize(
            "",
            &[
                ("kustomization.yaml", &kustomization),
                ("a.yaml", &config_map("a")),
            ],
        );
        assert_eq!(built.build.failed(), fails, "{field}");
    }
}
