use super::*;

const APP: &str =
    "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: app, namespace: apps}\ndata: {id: 'id-${ID}'}\n";

/// Two clusters with their own settings and one shared tree.
fn fleet() -> Vec<(String, String)> {
    let mut files = vec![("apps/app/app.yaml".to_owned(), APP.to_owned())];
    for (name, id) in [("east", "1"), ("west", "2")] {
        let directory = format!("clusters/{name}");
        let from = "postBuild: {substituteFrom: [{kind: ConfigMap, name: settings}]}";
        files.push((
            format!("{directory}/flux-system/gotk-sync.yaml"),
            bootstrap(&format!("./{directory}")),
        ));
        files.push((
            format!("{directory}/settings.yaml"),
            config_map("settings", &format!("{{ID: '{id}'}}")),
        ));
        files.push((
            format!("{directory}/apps.yaml"),
            kustomization("apps", "./apps", from),
        ));
    }
    files
}

fn with_shared<T>(look: impl FnOnce(&Fleet, &Builder) -> T) -> T {
    let files = fleet();
    let files: Vec<(&str, &str)> = files
        .iter()
        .map(|(path, text)| (path.as_str(), text.as_str()))
        .collect();
    with_fleet(&files, look)
}

#[test]
fn each_cluster_renders_the_shared_tree_with_its_own_settings() {
    with_shared(|fleet, _| {
        assert_eq!(names(fleet), ["east", "west"]);
        for (name, id) in [("east", "id-1"), ("west", "id-2")] {
            let cluster = cluster(fleet, name);
            assert_eq!(
                full_names(cluster),
                ["flux-system/flux-system", "flux-system/apps"]
            );
            assert_eq!(one(cluster, "apps").parent, Some(0));
            assert_eq!(text(object(cluster, "ConfigMap", "app"), &["data", "id"]), id);
            assert!(cluster.kustomizations.iter().all(|one| one.problems.is_empty()));
        }
    });
}

#[test]
fn what_clusters_share_is_built_once() {
    with_shared(|fleet, builder| {
        let [east, west] =
            ["east", "west"].map(|name| one(cluster(fleet, name), "apps").build.clone().unwrap());
        assert!(std::sync::Arc::ptr_eq(&east, &west));
        assert_eq!(
            builder.runs(),
            3,
            "two entry points and one shared tree, however many rounds"
        );
    });
}

#[test]
fn the_result_does_not_depend_on_the_number_of_threads() {
    let shown = |threads| {
        let pool = rayon::ThreadPoolBuilder::new()
            .num_threads(threads)
            .build()
            .unwrap();
        pool.install(|| with_shared(|fleet, _| format!("{:?}", fleet.clusters)))
    };
    assert_eq!(shown(1), shown(4));
}

#[test]
fn children_are_read_from_what_their_parent_renders() {
    let patch = "patches:\n- target: {kind: Kustomization}\n  patch: |\n    - {op: add, path: /spec/targetNamespace, value: web}\n\
                 targetNamespace: team\nnamePrefix: x-\n";
    with_cluster(
        &[
            ("flux/sync.yaml", &kustomization("sync", "./flux", "")),
            ("flux/apps.yaml", &kustomization("apps", "./apps", patch)),
            ("apps/child.yaml", &kustomization("child", "./leaf", "")),
            ("leaf/app.yaml", APP),
        ],
        |cluster| {
            assert_eq!(
                full_names(cluster),
                ["flux-system/sync", "flux-system/apps", "team/x-child"]
            );
            let child = one(cluster, "x-child");
            // Moved to a namespace in which nobody made the source.
            assert_eq!(child.source, Source::Missing);
            assert_eq!(child.spec().unwrap().text_at(&["targetNamespace"]), Some("web"));
        },
    );
}

#[test]
fn an_entry_point_that_patches_itself_is_rendered_as_patched() {
    let patched = "resources: [gotk-sync.yaml]\npatches:\n- target: {kind: Kustomization}\n  patch: |\n    \
                   - {op: add, path: /spec/postBuild, value: {substitute: {NAME: patched}}}\n";
    with_cluster(
        &[
            (
                "clusters/a/flux-system/gotk-sync.yaml",
                &bootstrap("./clusters/a"),
            ),
            ("clusters/a/flux-system/kustomization.yaml", patched),
            (
                "clusters/a/config.yaml",
                &config_map("config", "{name: '${NAME}-x'}"),
            ),
        ],
        |cluster| {
            assert_eq!(
                text(object(cluster, "ConfigMap", "config"), &["data", "name"]),
                "patched-x"
            );
            assert!(
                cluster.kustomizations[0]
                    .spec()
                    .unwrap()
                    .get("postBuild")
                    .is_some()
            );
        },
    );
}

#[test]
fn a_flux_instance_makes_its_source_and_a_kustomization_with_its_patches() {
    let instance = "apiVersion: fluxcd.controlplane.io/v1\nkind: FluxInstance\nmetadata: {name: flux, namespace: flux-system}\n\
                    spec:\n  distribution: {version: 2.8.x}\n  sync: {kind: GitRepository, url: 'https://example.org/acme/fleet.git', ref: refs/heads/main, path: clusters/a}\n  \
                    kustomize:\n    patches:\n    - target: {kind: Kustomization}\n      patch: |\n        \
                    - {op: add, path: /spec/postBuild, value: {substitute: {ID: '7'}}}\n";
    with_cluster(
        &[
            ("bootstrap/instance.yaml", instance),
            ("clusters/a/config.yaml", &config_map("config", "{id: 'n${ID}'}")),
            ("clusters/a/apps.yaml", &kustomization("apps", "./apps", "")),
            ("apps/app.yaml", APP),
        ],
        |cluster| {
            assert_eq!(
                full_names(cluster),
                ["flux-system/flux-system", "flux-system/apps"]
            );
            assert_eq!(
                text(object(cluster, "ConfigMap", "config"), &["data", "id"]),
                "n7"
            );
            assert!(matches!(one(cluster, "apps").source, Source::Here(_)));
            assert!(!cluster.strict_substitution, "Flux 2.8 substitutes leniently");
        },
    );
}

#[test]
fn the_namespace_of_an_instance_is_the_one_that_its_children_name() {
    let release = "apiVersion: helm.toolkit.fluxcd.io/v2\nkind: HelmRelease\nmetadata: {name: flux-instance}\n\
                   spec: {values: {instance: {sync: {kind: GitRepository, url: u, ref: r, path: flux}}}}\n";
    let child = "metadata: {name: apps, namespace: gitops}\nspec: {path: ./apps, sourceRef: {kind: GitRepository, name: gitops}}\n";
    with_cluster(
        &[
            ("apps/flux/release.yaml", release),
            ("flux/apps.yaml", &format!("{KUSTOMIZATION}{child}")),
        ],
        |cluster| {
            assert_eq!(full_names(cluster), ["gitops/gitops", "gitops/apps"]);
            assert!(matches!(one(cluster, "apps").source, Source::Here(_)));
        },
    );
}

#[test]
fn a_kustomization_that_makes_ever_new_ones_comes_to_an_end() {
    let endless = kustomization("a", "./loop", "namePrefix: a");
    with_cluster(
        &[
            ("clusters/x/gotk-sync.yaml", &bootstrap("./clusters/x")),
            ("clusters/x/a.yaml", &endless),
            ("loop/a.yaml", &endless),
        ],
        |cluster| {
            assert!(
                cluster.kustomizations.len() < 100,
                "{}",
                cluster.kustomizations.len()
            )
        },
    );
}

#[test]
fn common_metadata_comes_last() {
    let metadata =
        "commonMetadata: {labels: {team: '${TEAM}', own: common}}\npostBuild: {substitute: {TEAM: x}}";
    let labelled = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: app, labels: {own: mine}}\ndata: {}\n";
    with_cluster(
        &[
            ("clusters/x/gotk-sync.yaml", &bootstrap("./clusters/x")),
            ("clusters/x/apps.yaml", &kustomization("apps", "./apps", metadata)),
            ("apps/app.yaml", labelled),
        ],
        |cluster| {
            let app = object(cluster, "ConfigMap", "app");
            assert_eq!(app.label("own").unwrap().as_text(), Some("common"));
            assert_eq!(
                app.label("team").unwrap().as_text(),
                Some("${TEAM}"),
                "after substitution nothing is filled in"
            );
        },
    );
}

#[test]
fn values_of_a_release_come_from_a_generated_config_map() {
    let generator = "resources: [release.yaml]\nconfigMapGenerator:\n- {name: cilium-values, files: [values.yaml]}\n\
                     generatorOptions: {disableNameSuffixHash: true}\n";
    let release = "apiVersion: helm.toolkit.fluxcd.io/v2\nkind: HelmRelease\nmetadata: {name: cilium}\n\
                   spec: {valuesFrom: [{kind: ConfigMap, name: cilium-values}], values: {cluster: {name: own}}}\n";
    with_cluster(
        &[
            ("clusters/x/gotk-sync.yaml", &bootstrap("./clusters/x")),
            (
                "clusters/x/cilium.yaml",
                &kustomization("cilium", "./cilium", "targetNamespace: kube-system"),
            ),
            ("cilium/kustomization.yaml", generator),
            ("cilium/release.yaml", release),
            ("cilium/values.yaml", "cluster:\n  id: 7\n  name: file\n"),
        ],
        |cluster| {
            let values = cluster.helm_values(object(cluster, "HelmRelease", "cilium"));
            let text = |route: &[&str]| match values.lookup(route) {
                Lookup::Value(node) => node.as_text().unwrap_or_default().to_owned(),
                other => format!("{other:?}"),
            };
            assert_eq!(text(&["cluster", "id"]), "7");
            assert_eq!(text(&["cluster", "name"]), "own");
        },
    );
}

#[test]
fn bootstrap_values_belong_to_the_cluster_whose_name_their_path_bears() {
    let mut files = fleet();
    let values = "cluster: {name: east, id: 1}\nipam: {mode: kubernetes}\n";
    files.push((
        "bootstrap/clusters/east/cilium-values.yaml".to_owned(),
        values.to_owned(),
    ));
    files.push(("bootstrap/cilium-values.yaml".to_owned(), values.to_owned()));
    let helmfile =
        "releases:\n- {name: cilium, chart: cilium/cilium, version: 1.18.3, values: [cilium.yaml]}\n";
    files.push((
        "bootstrap/clusters/west/helmfile.yaml".to_owned(),
        helmfile.to_owned(),
    ));
    files.push((
        "bootstrap/clusters/west/cilium.yaml".to_owned(),
        "cluster: {id: 2}\nbpf: {}\n".to_owned(),
    ));
    let files: Vec<(&str, &str)> = files
        .iter()
        .map(|(path, text)| (path.as_str(), text.as_str()))
        .collect();
    with_fleet(&files, |fleet, _| {
        let loose = |name| &cluster(fleet, name).loose_values;
        assert_eq!(
            loose("east").len(),
            1,
            "the file that both could mean is nobody's"
        );
        assert_eq!(loose("west").len(), 1);
        assert_eq!(
            loose("west")[0].chart_version.as_ref().unwrap().as_text(),
            Some("1.18.3")
        );
    });
}
