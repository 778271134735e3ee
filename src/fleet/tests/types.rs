use super::*;
use crate::yaml::Node;

/// The values of a HelmRelease that one directory brings in, read after what `spec` says about substitution.
fn values(spec: &str) -> [Option<bool>; 4] {
    let release = "apiVersion: helm.toolkit.fluxcd.io/v2\nkind: HelmRelease\n\
                   metadata: {name: cilium, namespace: kube-system}\nspec:\n  values:\n    a: yes\n    b: true\n    \
                   c: ${answer:=yes}\n    d: '${answer:=true}'\n";
    with_cluster(
        &[
            ("clusters/a/gotk-sync.yaml", &bootstrap("./clusters/a")),
            ("clusters/a/apps.yaml", &kustomization("apps", "./apps", spec)),
            ("apps/cilium.yaml", release),
        ],
        |cluster| {
            let values = cluster.helm_values(object(cluster, "HelmRelease", "cilium"));
            ["a", "b", "c", "d"].map(|key| values.tree.get(key).and_then(Node::as_bool))
        },
    )
}

#[test]
fn a_word_is_text_for_kustomize_and_a_truth_value_only_once_flux_fills_it_in() {
    assert_eq!(values(""), [None, Some(true), None, None]);
    assert_eq!(
        values("postBuild: {substitute: {x: y}}"),
        [None, Some(true), Some(true), Some(true)]
    );
}

#[test]
fn helm_reads_its_values_files_by_itself() {
    let release = "apiVersion: helm.toolkit.fluxcd.io/v2\nkind: HelmRelease\n\
                   metadata: {name: cilium, namespace: flux-system}\n\
                   spec: {valuesFrom: [{kind: ConfigMap, name: values}]}\n";
    with_cluster(
        &[
            ("clusters/a/gotk-sync.yaml", &bootstrap("./clusters/a")),
            ("clusters/a/cilium.yaml", release),
            (
                "clusters/a/values.yaml",
                &config_map("values", "{values.yaml: 'enabled: yes'}"),
            ),
        ],
        |cluster| {
            let values = cluster.helm_values(object(cluster, "HelmRelease", "cilium"));
            assert_eq!(values.tree.get("enabled").and_then(Node::as_bool), Some(true));
        },
    );
}
