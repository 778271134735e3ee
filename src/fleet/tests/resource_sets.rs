use super::*;

fn resource_set(spec: &str) -> String {
    format!(
        "apiVersion: fluxcd.controlplane.io/v1\nkind: ResourceSet\nmetadata: {{name: set, namespace: flux-system}}\nspec:\n{spec}"
    )
}

const PROVIDER: &str = "apiVersion: fluxcd.controlplane.io/v1\nkind: ResourceSetInputProvider\n\
                        metadata: {name: cluster, namespace: flux-system}\n\
                        spec: {type: Static, defaultValues: {cluster: a, app: web}}\n";

#[test]
fn a_kustomization_that_a_resource_set_makes_is_rendered() {
    let set = resource_set(
        "  inputsFrom: [{kind: ResourceSetInputProvider, name: cluster}]\n  resources:\n  \
         - apiVersion: kustomize.toolkit.fluxcd.io/v1\n    kind: Kustomization\n    \
         metadata: {name: << inputs.app >>, namespace: flux-system}\n    spec:\n      path: ./apps/<< inputs.app >>\n      \
         sourceRef: {kind: GitRepository, name: flux-system}\n      postBuild:\n        substitute:\n          \
         CLUSTER: << inputs.cluster | quote >>\n"
            .replace("{name: << inputs.app >>,", "{name: '<< inputs.app >>',")
            .as_str(),
    );
    with_cluster(
        &[
            ("clusters/a/gotk-sync.yaml", &bootstrap("./clusters/a")),
            ("clusters/a/a-set.yaml", &set),
            // Rendered later than the set that needs it.
            (
                "clusters/a/providers.yaml",
                &kustomization("providers", "./providers", ""),
            ),
            ("providers/provider.yaml", PROVIDER),
            ("apps/web/web.yaml", &config_map("web", "{cluster: '${CLUSTER}'}")),
        ],
        |cluster| {
            assert_eq!(
                full_names(cluster),
                [
                    "flux-system/flux-system",
                    "flux-system/providers",
                    "flux-system/web"
                ]
            );
            assert_eq!(
                text(object(cluster, "ConfigMap", "web"), &["data", "cluster"]),
                "a"
            );
        },
    );
}

#[test]
fn a_set_that_is_switched_off_makes_nothing() {
    let set = resource_set("  resources: [{apiVersion: v1, kind: Namespace, metadata: {name: made}}]\n");
    let namespaces = |set: &str| {
        with_cluster(
            &[
                ("clusters/a/gotk-sync.yaml", &bootstrap("./clusters/a")),
                ("clusters/a/set.yaml", set),
            ],
            |cluster| cluster.objects_of("Namespace").count(),
        )
    };
    assert_eq!(namespaces(&set), 1);
    let off = set.replace(
        "namespace: flux-system}",
        "namespace: flux-system, annotations: {fluxcd.controlplane.io/reconcile: disabled}}",
    );
    assert_eq!(namespaces(&off), 0);
}

#[test]
fn settings_that_the_operator_copies_from_elsewhere_are_unknown() {
    let copy = resource_set(
        "  resources:\n  - apiVersion: v1\n    kind: ConfigMap\n    metadata:\n      name: settings\n      namespace: flux-system\n      \
         annotations: {fluxcd.controlplane.io/copyFrom: other/settings}\n",
    );
    let apps = kustomization(
        "apps",
        "./apps",
        "postBuild: {substituteFrom: [{kind: ConfigMap, name: settings}]}",
    );
    with_cluster(
        &[
            ("clusters/a/gotk-sync.yaml", &bootstrap("./clusters/a")),
            ("clusters/a/apps.yaml", &apps),
            ("clusters/a/copy.yaml", &copy),
            ("apps/app.yaml", &config_map("app", "{x: '${ANYTHING}'}")),
        ],
        |cluster| {
            let apps = one(cluster, "apps");
            assert!(apps.variables.open.is_some());
            assert!(apps.problems.is_empty(), "{:?}", apps.problems);
        },
    );
}

#[test]
fn a_set_that_is_rendered_hides_nothing() {
    let set = resource_set(
        "  inputsFrom: [{kind: ResourceSetInputProvider, selector: {matchLabels: {team: x}}}]\n  \
         resources: [{apiVersion: v1, kind: ConfigMap, metadata: {name: made, namespace: lab}}]\n",
    );
    let labelled = PROVIDER.replace("name: cluster,", "name: cluster, labels: {team: x},");
    let sees = |files: &[(&str, &str)], name: &str| {
        with_cluster(files, |cluster| {
            let index = ClusterIndex::new(cluster);
            index.find(GroupKind::CONFIG_MAP, Some("lab"), name).is_missing()
        })
    };
    let sync = bootstrap("./clusters/a");
    let files = [
        ("clusters/a/gotk-sync.yaml", sync.as_str()),
        ("clusters/a/set.yaml", &set),
        ("clusters/a/provider.yaml", &labelled),
    ];
    assert!(sees(&files, "other"));
    assert!(!sees(&files, "made"));
    let unknown = set.replace("name: made", "name: made-<< derivePassword >>");
    let files = [files[0], ("clusters/a/set.yaml", &unknown), files[2]];
    assert!(!sees(&files, "other"));
}
