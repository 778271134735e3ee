use super::*;
use crate::flux::StatedCluster;
use crate::source::RepoPath;

fn found(files: &[(&str, &str)]) -> Found {
    let sources = SourceMap::from_memory(files.iter().map(|(path, text)| (*path, *text)));
    let store = Store::new(&sources);
    discover(&sources, &store, &Discovery::default())
}

fn names(files: &[(&str, &str)]) -> Vec<(String, String)> {
    let found = found(files);
    let flux = found
        .flux
        .into_iter()
        .map(|entry| (entry.name, entry.directory.to_string()));
    let values = found
        .values
        .into_iter()
        .map(|cluster| (cluster.name, cluster.entry.to_string()));
    flux.chain(values).collect()
}

fn pair(name: &str, entry: &str) -> (String, String) {
    (name.to_owned(), entry.to_owned())
}

fn kustomization(name: &str, path: &str) -> String {
    format!(
        "apiVersion: kustomize.toolkit.fluxcd.io/v1\nkind: Kustomization\nmetadata: {{name: {name}, namespace: flux-system}}\n\
         spec: {{path: \"{path}\", sourceRef: {{kind: GitRepository, name: flux-system}}}}\n"
    )
}

#[test]
fn bootstrapped_clusters_are_found_by_the_kustomization_that_renders_itself() {
    let east = kustomization("flux-system", "./clusters/east");
    let west = kustomization("flux-system", "./clusters/west");
    let apps = kustomization("apps", "./apps");
    assert_eq!(
        names(&[
            ("clusters/east/flux-system/gotk-sync.yaml", &east),
            (
                "clusters/east/flux-system/kustomization.yaml",
                "resources: [gotk-sync.yaml]"
            ),
            ("clusters/east/apps.yaml", &apps),
            ("clusters/west/flux-system/gotk-sync.yaml", &west),
            ("clusters/west/apps.yaml", &apps),
            ("apps/kustomization.yaml", "resources: []"),
        ]),
        [pair("east", "clusters/east"), pair("west", "clusters/west")]
    );
}

#[test]
fn bootstrap_applies_its_file_even_where_the_directory_does_not_list_it() {
    let sync = kustomization("flux-system", "./clusters/east");
    assert_eq!(
        names(&[
            ("clusters/east/flux-system/gotk-sync.yaml", &sync),
            (
                "clusters/east/flux-system/kustomization.yaml",
                "resources: [gotk-sync.yaml]"
            ),
            ("clusters/east/kustomization.yaml", "resources: [apps.yaml]"),
            ("clusters/east/apps.yaml", &kustomization("apps", "./apps")),
            ("apps/kustomization.yaml", "resources: []"),
        ]),
        [pair("east", "clusters/east")]
    );
}

#[test]
fn a_neighbour_that_nothing_names_is_a_cluster_but_a_shared_base_is_none() {
    let sync = kustomization("flux-system", "./clusters/east");
    let apps = kustomization("apps", "./apps");
    let files = [
        ("clusters/east/flux-system/gotk-sync.yaml", sync.as_str()),
        ("clusters/east/apps.yaml", &apps),
        ("clusters/west/kustomization.yaml", "resources: [apps.yaml]"),
        ("clusters/west/apps.yaml", &apps),
        ("clusters/base/apps.yaml", &apps),
        ("clusters/notes/deployment.yaml", "kind: Deployment"),
        ("apps/kustomization.yaml", "resources: []"),
    ];
    assert_eq!(
        names(&files),
        [pair("east", "clusters/east"), pair("west", "clusters/west")]
    );
    let listed = ("clusters/east/kustomization.yaml", "resources: [../west]");
    assert_eq!(
        names(&[&files[..], &[listed]].concat()),
        [pair("east", "clusters/east")]
    );
}

#[test]
fn a_child_that_renders_its_own_file_is_no_cluster() {
    let sync = kustomization("cluster", "./flux/config");
    let app = kustomization("app", "./apps/app");
    assert_eq!(
        names(&[
            ("flux/config/cluster.yaml", &sync),
            ("flux/config/apps.yaml", &kustomization("apps", "./apps")),
            ("apps/app/ks.yaml", &app),
            ("apps/app/deployment.yaml", "kind: Deployment"),
        ]),
        [pair("config", "flux/config")]
    );
}

#[test]
fn flux_instances_and_the_values_of_their_chart_name_the_entry() {
    let instance = "apiVersion: fluxcd.controlplane.io/v1\nkind: FluxInstance\nmetadata: {name: flux}\n\
                    spec: {sync: {kind: GitRepository, path: kubernetes/main/flux}}\n";
    let release = "apiVersion: helm.toolkit.fluxcd.io/v2\nkind: HelmRelease\nmetadata: {name: flux-instance}\n\
                   spec: {values: {instance: {sync: {path: kubernetes/edge/flux}}}}\n";
    assert_eq!(
        names(&[
            ("kubernetes/main/apps/flux/instance.yaml", instance),
            (
                "kubernetes/main/flux/apps.yaml",
                &kustomization("apps", "./kubernetes/main/apps")
            ),
            ("kubernetes/edge/apps/flux/release.yaml", release),
            (
                "kubernetes/edge/flux/apps.yaml",
                &kustomization("apps", "./kubernetes/edge/apps")
            ),
        ]),
        [
            pair("edge", "kubernetes/edge/flux"),
            pair("main", "kubernetes/main/flux")
        ]
    );
}

#[test]
fn the_path_of_an_artifact_may_lie_below_the_repository_root() {
    let kustomization_file = "configMapGenerator:\n- name: values\n  files: [values.yaml=./values.yaml]\n";
    let release = "apiVersion: helm.toolkit.fluxcd.io/v2\nkind: HelmRelease\nmetadata: {name: flux-instance}\n\
                   spec: {valuesFrom: [{kind: ConfigMap, name: values}]}\n";
    let files = [
        (
            "deploy/clusters/one/instance/kustomization.yaml",
            kustomization_file,
        ),
        ("deploy/clusters/one/instance/release.yaml", release),
        (
            "deploy/clusters/one/instance/values.yaml",
            "instance: {sync: {kind: OCIRepository, path: ./clusters/one}}",
        ),
    ];
    let found = found(&files);
    assert_eq!(found.flux.len(), 1);
    assert_eq!(found.flux[0].directory.as_str(), "deploy/clusters/one");
    assert_eq!(found.flux[0].root.as_str(), "deploy");
}

#[test]
fn variables_in_an_entry_path_are_filled_from_settings_and_env_files() {
    let release = "apiVersion: helm.toolkit.fluxcd.io/v2\nkind: HelmRelease\nmetadata: {name: flux-instance}\n\
                   spec: {values: {instance: {sync: {path: '${SYNC}'}}}}\n";
    assert_eq!(
        names(&[
            ("apps/flux/release.yaml", release),
            (
                "clusters/a/settings.yaml",
                "kind: ConfigMap\ndata: {SYNC: clusters/a}"
            ),
            ("b.env", "# x\nSYNC=clusters/b\n"),
            ("clusters/b/apps.yaml", &kustomization("apps", "./apps")),
        ]),
        [pair("a", "clusters/a"), pair("b", "clusters/b")]
    );
}

#[test]
fn variables_nobody_fills_stand_for_any_name_but_shared_bases_are_no_clusters() {
    let own = kustomization("flux-system", "./clusters/${ENV}/${NUMBER}");
    assert_eq!(
        names(&[
            ("flux/kustomize.yaml", &own),
            (
                "clusters/dev/base/kustomization.yaml",
                "resources: [../../../flux/kustomize.yaml]"
            ),
            ("clusters/dev/00/kustomization.yaml", "resources: [../base]"),
            ("clusters/dev/01/kustomization.yaml", "resources: [../base]"),
            (
                "clusters/prod/00/kustomization.yaml",
                "resources: [../../dev/base]"
            ),
        ]),
        [
            pair("dev/00", "clusters/dev/00"),
            pair("dev/01", "clusters/dev/01"),
            pair("prod/00", "clusters/prod/00")
        ]
    );
}

#[test]
fn directories_that_nothing_names_are_clusters_when_no_bootstrap_is_in_sight() {
    let apps = kustomization("apps", "./apps/production");
    assert_eq!(
        names(&[
            ("clusters/production/apps.yaml", &apps),
            (
                "clusters/production/more/infra.yaml",
                &kustomization("infra", "./infra")
            ),
            (
                "clusters/staging/apps.yaml",
                &kustomization("apps", "./apps/staging")
            ),
            (
                "clusters/staging-addons/apps.yaml",
                &kustomization("x", "./apps/x")
            ),
            (
                "clusters/staging/addons.yaml",
                &kustomization("addons", "./clusters/staging-addons")
            ),
            ("apps/production/kustomization.yaml", "resources: []"),
        ]),
        [
            pair("production", "clusters/production"),
            pair("staging", "clusters/staging")
        ]
    );
}

#[test]
fn a_source_elsewhere_is_no_entry_however_its_path_looks() {
    let flux = "apiVersion: source.toolkit.fluxcd.io/v1\nkind: OCIRepository\nmetadata: {name: manifests}\nspec: {url: 'oci://x/y'}\n\
                ---\napiVersion: kustomize.toolkit.fluxcd.io/v1\nkind: Kustomization\nmetadata: {name: flux}\n\
                spec: {path: ./, sourceRef: {kind: OCIRepository, name: manifests}}\n";
    let cluster = kustomization("cluster", "./a/flux");
    assert_eq!(
        names(&[("a/flux/flux.yaml", flux), ("a/flux/cluster.yaml", &cluster)]),
        [pair("a", "a/flux")]
    );
}

#[test]
fn without_flux_every_set_of_cilium_values_is_a_cluster() {
    let values = |id: u32| format!("cluster: {{id: {id}, name: c{id}}}\nipam: {{mode: kubernetes}}\n");
    let found = found(&[
        ("charts/values-east.yaml", &values(1)),
        ("charts/values-west.yaml", &values(2)),
        (
            "charts/values.yaml",
            "ipam: {mode: kubernetes}\nhubble: {}\nbpf: {}\n",
        ),
        ("charts/templates/x-values.yaml", &values(3)),
    ]);
    let names: Vec<&str> = found.values.iter().map(|cluster| cluster.name.as_str()).collect();
    assert_eq!(names, ["c1", "c2"]);
    assert!(
        found
            .values
            .iter()
            .all(|cluster| cluster.values.tree.get("hubble").is_some()),
        "the base is the first layer"
    );
}

#[test]
fn archives_hold_no_clusters_and_examples_only_when_nothing_else_does() {
    let sync = |path: &str| kustomization("flux-system", path);
    let archived =
        [(".archive/old/flux-system/gotk-sync.yaml", &*sync(".archive/old"))].map(|(p, t)| (p, t.to_owned()));
    assert_eq!(names(&archived.each_ref().map(|(p, t)| (*p, t.as_str()))), []);
    let example = sync("./examples/x");
    let real = sync("./clusters/y");
    let with_both: [(&str, &str); 2] = [
        ("examples/x/gotk-sync.yaml", &example),
        ("clusters/y/gotk-sync.yaml", &real),
    ];
    assert_eq!(names(&with_both), [pair("y", "clusters/y")]);
    assert_eq!(names(&with_both[..1]), [pair("x", "examples/x")]);
}

#[test]
fn stated_clusters_rename_and_add() {
    let sync = kustomization("flux-system", "./clusters/a");
    let sources = SourceMap::from_memory([
        ("clusters/a/gotk-sync.yaml", sync.as_str()),
        ("lab/apps.yaml", "kind: X"),
    ]);
    let store = Store::new(&sources);
    let stated = |name: &str, entry: &str| StatedCluster {
        name: name.to_owned(),
        entry: Some(RepoPath::clamp(entry)),
        ..StatedCluster::default()
    };
    let options = Discovery {
        clusters: vec![stated("alpha", "clusters/a"), stated("lab", "lab")],
        ..Discovery::default()
    };
    let names: Vec<String> = discover(&sources, &store, &options)
        .flux
        .into_iter()
        .map(|entry| entry.name)
        .collect();
    assert_eq!(names, ["alpha", "lab"]);
}

#[test]
fn remotes_make_sources_known_but_never_rule_one_out() {
    let source = |name: &str, url: &str| {
        format!(
            "apiVersion: source.toolkit.fluxcd.io/v1\nkind: GitRepository\nmetadata: {{name: {name}, namespace: flux-system}}\n\
             spec: {{url: \"{url}\"}}\n---\n"
        )
    };
    let by_hand = |name: &str, url: &str| {
        let sync = kustomization("cluster", &format!("./clusters/{name}"));
        source("flux-system", url) + &sync
    };
    let bootstrapped = source("flux-system", "ssh://git@git.example.org/acme/fleet")
        + &kustomization("flux-system", "./clusters/a");
    let mirrored = by_hand("b", "https://mirror.example.org/fleet.git");
    let other = by_hand("c", "https://example.org/acme/other");
    let found = |files: &[(&str, &String)], remotes: &[&str]| -> Vec<String> {
        let sources = SourceMap::from_memory(files.iter().map(|(path, text)| (*path, text.as_str())));
        let options = Discovery {
            remotes: remotes.iter().map(|remote| (*remote).to_owned()).collect(),
            ..Discovery::default()
        };
        let found = discover(&sources, &Store::new(&sources), &options).flux;
        found.into_iter().map(|entry| entry.name).collect()
    };
    let files = [
        ("clusters/a/gotk-sync.yaml", &bootstrapped),
        ("clusters/b/sync.yaml", &mirrored),
        ("clusters/c/sync.yaml", &other),
    ];
    assert_eq!(found(&files, &[]), ["a"]);
    assert_eq!(found(&files, &["git@mirror.example.org:fleet"]), ["a", "b"]);
    assert_eq!(found(&files, &["https://example.org/me/fork"]), ["a"]);
    for remotes in [
        &[][..],
        &["git@mirror.example.org:fleet"],
        &["https://example.org/me/fork"],
    ] {
        assert_eq!(found(&files[1..], remotes), ["b", "c"], "{remotes:?}");
    }
}
