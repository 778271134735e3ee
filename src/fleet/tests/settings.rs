use super::*;

const FROM: &str = "postBuild: {substituteFrom: [{kind: ConfigMap, name: settings}]}";
const SECRET_FROM: &str = "postBuild: {substituteFrom: [{kind: Secret, name: settings}]}";
const APP: &str = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: app}\ndata: {id: 'n${ID}'}\n";

/// A cluster with these files besides its bootstrap, an app that needs settings, and `apps` with this spec.
fn with_app<T>(spec: &str, files: &[(&str, &str)], look: impl FnOnce(&Cluster) -> T) -> T {
    let sync = bootstrap("./clusters/a");
    let apps = kustomization("apps", "./apps", spec);
    let mut all = vec![
        ("clusters/a/flux-system/gotk-sync.yaml", sync.as_str()),
        ("clusters/a/apps.yaml", apps.as_str()),
        ("apps/app.yaml", APP),
    ];
    all.extend_from_slice(files);
    with_cluster(&all, look)
}

fn missing(cluster: &Cluster) -> usize {
    let problems = cluster.kustomizations.iter().flat_map(|one| &one.problems);
    problems
        .filter(|problem| matches!(problem, RenderProblem::MissingSubstituteSource { .. }))
        .count()
}

#[test]
fn settings_may_be_rendered_later_than_they_are_used() {
    let later = kustomization("config", "./config", "");
    with_app(
        FROM,
        &[
            ("clusters/a/zz.yaml", &later),
            ("config/settings.yaml", &config_map("settings", "{ID: '3'}")),
        ],
        |cluster| {
            assert_eq!(text(object(cluster, "ConfigMap", "app"), &["data", "id"]), "n3");
            assert_eq!(missing(cluster), 0);
        },
    );
}

#[test]
fn settings_that_nothing_makes_are_missing() {
    with_app(FROM, &[], |cluster| {
        assert_eq!(missing(cluster), 1);
        assert!(
            one(cluster, "apps").variables.open.is_some(),
            "so that not every variable is reported too"
        );
    });
}

#[test]
fn secrets_that_a_controller_makes_are_unknown_and_not_missing() {
    let external = "apiVersion: external-secrets.io/v1\nkind: ExternalSecret\nmetadata: {name: x, namespace: flux-system}\n\
                    spec: {target: {name: settings}}\n";
    let sealed = "apiVersion: bitnami.com/v1alpha1\nkind: SealedSecret\nmetadata: {name: settings, namespace: flux-system}\nspec: {}\n";
    let copied = "apiVersion: bitnami.com/v1alpha1\nkind: SealedSecret\nmetadata: {name: settings, namespace: other}\n\
                  spec: {template: {metadata: {annotations: {reflector.v1.k8s.emberstack.com/reflection-auto-enabled: 'true'}}}}\n";
    for (maker, reason) in [
        (external, UnknownReason::External),
        (sealed, UnknownReason::Encrypted),
        (copied, UnknownReason::Encrypted),
    ] {
        with_app(SECRET_FROM, &[("clusters/a/maker.yaml", maker)], |cluster| {
            assert_eq!(missing(cluster), 0, "{maker}");
            assert_eq!(one(cluster, "apps").variables.open, Some(reason), "{maker}");
        });
    }
}

#[test]
fn values_of_an_encrypted_secret_are_known_to_be_there() {
    let secret = "apiVersion: v1\nkind: Secret\nmetadata: {name: settings, namespace: flux-system}\n\
                  stringData: {ID: 'ENC[AES256_GCM,data:x]'}\nsops: {mac: x}\n";
    with_app(
        SECRET_FROM,
        &[("clusters/a/secret.sops.yaml", secret)],
        |cluster| {
            let apps = one(cluster, "apps");
            assert!(apps.problems.is_empty());
            assert_eq!(apps.variables.known["ID"].value, Err(UnknownReason::Encrypted));
        },
    );
}

#[test]
fn a_file_that_bootstrap_applies_counts_as_settings() {
    with_app(
        FROM,
        &[("bootstrap/settings.yaml", &config_map("settings", "{ID: '4'}"))],
        |cluster| {
            assert_eq!(text(object(cluster, "ConfigMap", "app"), &["data", "id"]), "n4");
        },
    );
}

#[test]
fn bootstrap_settings_of_another_cluster_are_not_taken() {
    let sync = |name: &str| bootstrap(&format!("./clusters/{name}"));
    let apps = kustomization("apps", "./apps", FROM);
    let entry_only = "resources: [flux-system/gotk-sync.yaml, apps.yaml]";
    with_fleet(
        &[
            ("clusters/a/flux-system/gotk-sync.yaml", &sync("a")),
            ("clusters/a/kustomization.yaml", entry_only),
            ("clusters/a/apps.yaml", &apps),
            ("clusters/a/settings.yaml", &config_map("settings", "{ID: '5'}")),
            ("clusters/b/flux-system/gotk-sync.yaml", &sync("b")),
            ("clusters/b/kustomization.yaml", entry_only),
            ("clusters/b/apps.yaml", &apps),
            ("apps/app.yaml", APP),
        ],
        |fleet, _| {
            assert_eq!(missing(cluster(fleet, "a")), 0);
            assert_eq!(missing(cluster(fleet, "b")), 1);
        },
    );
}

#[test]
fn a_child_path_may_come_from_settings() {
    let apps = kustomization("apps", "./apps/${ENV}", "");
    let sync = bootstrap("./clusters/a");
    let patched = "resources: [gotk-sync.yaml]\npatches:\n- target: {kind: Kustomization}\n  patch: |\n    \
                   - {op: add, path: /spec/postBuild, value: {substituteFrom: [{kind: ConfigMap, name: settings}]}}\n";
    with_cluster(
        &[
            ("clusters/a/flux-system/gotk-sync.yaml", &sync),
            ("clusters/a/flux-system/kustomization.yaml", patched),
            ("clusters/a/settings.yaml", &config_map("settings", "{ENV: prod}")),
            ("clusters/a/apps.yaml", &apps),
            ("apps/prod/app.yaml", APP),
        ],
        |cluster| {
            assert_eq!(one(cluster, "apps").path.as_ref().unwrap().as_str(), "apps/prod");
            assert_eq!(object(cluster, "ConfigMap", "app").name(), "app");
        },
    );
}

#[test]
fn values_that_fill_objects_end_at_the_share_of_a_cluster() {
    let filled = |times: usize| {
        let app = format!(
            "apiVersion: v1\nkind: ConfigMap\nmetadata: {{name: full}}\ndata: {{a: '{}'}}\n",
            "${L}".repeat(times)
        );
        let spec = format!("postBuild: {{substitute: {{L: {}}}}}", "x".repeat(10_000));
        let is_bound = |cluster: &Cluster| {
            let mut problems = cluster.kustomizations.iter().flat_map(|one| &one.problems);
            let bound = problems.any(|problem| matches!(problem, RenderProblem::TooMuch { .. }));
            let objects = cluster.objects_of("ConfigMap").count();
            (bound, objects)
        };
        with_app(&spec, &[("apps/full.yaml", &app)], is_bound)
    };
    assert_eq!(filled(10), (false, 2));
    assert_eq!(filled(1_000), (true, 0));
}
