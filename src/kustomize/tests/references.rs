//! Names that change, and who refers to them.

use super::Built;

const DEPLOYMENT: &str = "apiVersion: apps/v1
kind: Deployment
metadata: {name: web}
spec:
  template:
    spec:
      containers:
      - name: web
        envFrom:
        - configMapRef: {name: settings}
        - configMapRef: {name: elsewhere}
";

#[test]
fn a_reference_follows_prefix_and_hash() {
    let built = Built::kustomize(
        "",
        &[
            (
                "kustomization.yaml",
                "resources: [d.yaml]\nnamePrefix: p-\nconfigMapGenerator: [{name: settings, literals: [a=b]}]",
            ),
            ("d.yaml", DEPLOYMENT),
        ],
    );
    let yaml = built.yaml();
    assert!(
        yaml.contains("- configMapRef:\n            name: p-settings-4h2mbtbbt6\n"),
        "{yaml}"
    );
    assert!(yaml.contains("name: elsewhere"), "{yaml}");
}

#[test]
fn each_overlay_refers_to_its_own() {
    let built = Built::kustomize(
        "",
        &[
            ("kustomization.yaml", "resources: [a, b]"),
            ("a/kustomization.yaml", "resources: [../base]\nnamePrefix: a-"),
            ("b/kustomization.yaml", "resources: [../base]\nnamePrefix: b-"),
            (
                "base/kustomization.yaml",
                "resources: [d.yaml]\nconfigMapGenerator: [{name: settings}]\ngeneratorOptions: {disableNameSuffixHash: true}",
            ),
            ("base/d.yaml", DEPLOYMENT),
        ],
    );
    let yaml = built.yaml();
    assert!(
        yaml.contains("name: a-settings") && yaml.contains("name: b-settings"),
        "{yaml}"
    );
}

#[test]
fn a_reference_that_could_mean_two_objects_fails() {
    let built = Built::kustomize(
        "",
        &[
            ("kustomization.yaml", "resources: [a, b, d.yaml]\nnamePrefix: z-"),
            (
                "a/kustomization.yaml",
                "configMapGenerator: [{name: settings}]\nnamePrefix: a-",
            ),
            (
                "b/kustomization.yaml",
                "configMapGenerator: [{name: settings}]\nnamePrefix: b-",
            ),
            ("d.yaml", DEPLOYMENT),
        ],
    );
    let failure = built.failure();
    assert!(
        failure.starts_with("d.yaml:10: updating name reference"),
        "{failure}"
    );
    assert!(failure.contains("found multiple possible referrals"), "{failure}");
}

#[test]
fn subjects_follow_their_service_account_only_from_its_own_namespace() {
    let text = "apiVersion: v1
kind: ServiceAccount
metadata: {name: robot, namespace: old}
---
apiVersion: rbac.authorization.k8s.io/v1
kind: RoleBinding
metadata: {name: b}
roleRef: {apiGroup: rbac.authorization.k8s.io, kind: Role, name: r}
subjects:
- {kind: ServiceAccount, name: robot, namespace: old}
- {kind: ServiceAccount, name: robot, namespace: other}
- {kind: ServiceAccount, name: default, namespace: old}
";
    let built = Built::kustomize(
        "",
        &[
            ("kustomization.yaml", "resources: [a.yaml]\nnamespace: new"),
            ("a.yaml", text),
        ],
    );
    let yaml = built.yaml();
    let namespaces: Vec<&str> = yaml
        .split_once("subjects:")
        .unwrap()
        .1
        .lines()
        .filter_map(|line| line.trim().strip_prefix("namespace: "))
        .collect();
    assert_eq!(namespaces, ["new", "other", "new"]);
}

#[test]
fn configurations_make_custom_resources_refer() {
    let built = Built::kustomize(
        "",
        &[
            (
                "kustomization.yaml",
                "resources: [r.yaml]\nconfigMapGenerator: [{name: settings, literals: [a=b]}]\nconfigurations: [c.yaml]",
            ),
            (
                "c.yaml",
                "nameReference:\n- kind: ConfigMap\n  version: v1\n  fieldSpecs:\n  - {kind: HelmRelease, path: spec/valuesFrom/name}\n",
            ),
            (
                "r.yaml",
                "apiVersion: x/v2\nkind: HelmRelease\nmetadata: {name: r}\nspec: {valuesFrom: [{kind: ConfigMap, name: settings}]}\n",
            ),
        ],
    );
    assert!(built.yaml().contains("name: settings-4h2mbtbbt6\n"));
}
