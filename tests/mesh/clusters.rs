//! Who the clusters are, and what of it can be known.

use crate::repository::*;

#[test]
fn a_correct_mesh_is_silent() {
    for size in [2, 3, 8] {
        assert_eq!(Repository::mesh(size).found(), [""; 0], "{size} clusters");
    }
}

#[test]
fn quotes_around_a_variable_do_not_matter_because_flux_removes_them() {
    let quoted = Repository::mesh(2)
        .with(RELEASE, "${CLUSTER_ID}", "\"${CLUSTER_ID}\"")
        .with(RELEASE, "name: ${CLUSTER}", "name: \"${CLUSTER}\"");
    assert_eq!(quoted.found(), [""; 0]);
}

#[test]
fn a_planted_fault_is_named_where_it_was_planted_and_nothing_else_is() {
    let (one, two) = (settings("c001"), settings("c002"));
    let cases: &[(&str, &str, &str, &[&str])] = &[
        (
            &two,
            "\"2\"",
            "\"03\"",
            &["duplicate-cluster-id clusters/c002/cluster-settings.yaml:8"],
        ),
        (
            &two,
            "\"2\"",
            "\"256\"",
            &["cluster-id-out-of-range clusters/c002/cluster-settings.yaml:8"],
        ),
        (
            &two,
            "\"2\"",
            "\"two\"",
            &["cluster-id-out-of-range clusters/c002/cluster-settings.yaml:8"],
        ),
        (
            &two,
            "\"2\"",
            "\"0\"",
            &["missing-cluster-id clusters/c002/cluster-settings.yaml:8"],
        ),
        (
            &two,
            "\"2\"",
            "\"\"",
            &["missing-cluster-id clusters/c002/cluster-settings.yaml:8"],
        ),
        (
            &two,
            "CLUSTER: c002",
            "CLUSTER: c001",
            &["duplicate-cluster-name clusters/c001/cluster-settings.yaml:7"],
        ),
        (
            &two,
            "CLUSTER: c002",
            "CLUSTER: C_2",
            &["malformed-cluster-name clusters/c002/cluster-settings.yaml:7"],
        ),
        (
            &two,
            "10.64.4.0",
            "10.64.2.0",
            &["pod-cidr-overlap clusters/c001/cluster-settings.yaml:9"],
        ),
        (
            &two,
            "10.96.4.0",
            "10.96.2.0",
            &["service-cidr-overlap clusters/c001/cluster-settings.yaml:10"],
        ),
        (
            &one,
            "10.96.2.0",
            "10.64.4.0",
            &["cidr-kind-overlap clusters/c002/cluster-settings.yaml:9"],
        ),
        (
            &two,
            "10.64.4.0/24",
            "10.64.4.0/16",
            &[
                "pod-cidr-overlap clusters/c001/cluster-settings.yaml:9",
                "malformed-cidr clusters/c002/cluster-settings.yaml:9",
            ],
        ),
        (
            RELEASE,
            "10.64.0.0/12",
            "10.64.0.0/22",
            &["native-routing-cidr-gap infrastructure/cilium/release.yaml:31"],
        ),
        (
            SERVICE,
            "\"true\"",
            "\"yes\"",
            &["illegal-annotation-value apps/api.yaml:7"],
        ),
        (
            SERVICE,
            "io/affinity",
            "io/afinity",
            &["unknown-cilium-annotation apps/api.yaml:8"],
        ),
        (
            SERVICE,
            "    service.cilium.io/global: \"true\"\n",
            "",
            &["annotation-without-global apps/api.yaml:7"],
        ),
        (
            &two,
            "AFFINITY: local",
            "AFFINITY: near",
            &["illegal-annotation-value clusters/c002/cluster-settings.yaml:11"],
        ),
    ];
    for (path, from, to, wanted) in cases {
        let found = Repository::mesh(3).with(path, from, to).found();
        assert_eq!(found, *wanted, "`{from}` became `{to}` in {path}");
    }
}

#[test]
fn one_mistake_in_many_clusters_is_one_finding_that_names_them_all() {
    let shared = Repository::mesh(3).with(RELEASE, "id: ${CLUSTER_ID}", "id: 7");
    let (sources, findings) = shared.check();
    let [only] = findings.as_slice() else {
        panic!("{findings:?}")
    };
    assert_eq!(
        only.finding.message,
        "clusters `c001`, `c002` and `c003` all have cluster id 7"
    );
    assert_eq!(only.finding.clusters, ["c001", "c002", "c003"]);
    assert_eq!(only.finding.labels.len(), 1);
    assert_eq!(
        place(&sources, only.finding.primary().span),
        format!("{RELEASE}:27")
    );
}

#[test]
fn a_finding_shows_every_settings_file_and_where_the_values_take_effect() {
    let (sources, findings) = Repository::mesh(2)
        .with(&settings("c002"), "\"2\"", "\"1\"")
        .check();
    let [only] = findings.as_slice() else {
        panic!("{findings:?}")
    };
    let labels = only.finding.labels.iter();
    let labels: Vec<_> = labels
        .map(|label| (place(&sources, label.span), label.text.as_str()))
        .collect();
    let wanted = [
        ("clusters/c001/cluster-settings.yaml:8", "`c001` takes id 1 here"),
        (
            "infrastructure/cilium/release.yaml:27",
            "takes effect here as `cluster.id`",
        ),
        ("clusters/c002/cluster-settings.yaml:8", "`c002` takes id 1 here"),
    ];
    assert_eq!(labels, wanted.map(|(place, text)| (place.to_owned(), text)));
}

/// A Secret as SOPS leaves it, in place of the settings of a cluster.
fn encrypted(cluster: &str) -> String {
    let mac = "ENC[AES256_GCM,data:q83v,iv:AAAA,tag:BBBB,type:str]";
    format!(
        "apiVersion: v1\nkind: Secret\nmetadata:\n  name: cluster-settings\n  namespace: flux-system\nstringData:\n  \
         CLUSTER: {mac}\n  CLUSTER_ID: {mac}\n  POD_CIDR: {mac}\n  SERVICE_CIDR: {mac}\n  AFFINITY: {mac}\n  MESH_IP: {mac}\nsops:\n  \
         mac: {mac}\n  version: 3.9.0\n# {cluster}\n"
    )
}

#[test]
fn what_is_encrypted_is_never_wrong() {
    let mut repository = Repository::mesh(3).with(RELEASE, "10.64.0.0/12", "${NATIVE}");
    for cluster in ["c001", "c002", "c003"] {
        let directory = format!("clusters/{cluster}");
        let text =
            encrypted(cluster).replace("  AFFINITY", "  NATIVE: ENC[AES256_GCM,data:q83v]\n  AFFINITY");
        // The root decrypts, as it must to apply the Secret at all.
        repository = repository
            .and(&settings(cluster), &text)
            .with(
                &format!("{directory}/cilium.yaml"),
                "kind: ConfigMap",
                "kind: Secret",
            )
            .with(
                &format!("{directory}/apps.yaml"),
                "kind: ConfigMap",
                "kind: Secret",
            )
            .with(
                &format!("{directory}/flux-system/gotk-sync.yaml"),
                "  prune: true",
                "  decryption: {provider: sops}\n  prune: true",
            );
    }
    assert_eq!(repository.found(), [""; 0]);
}

#[test]
fn values_from_a_secret_that_nobody_can_read_may_say_anything() {
    let repository = Repository::mesh(2)
        .with(&settings("c002"), "\"2\"", "\"1\"")
        .with(RELEASE, "      id: ${CLUSTER_ID}\n", "")
        .with(
            RELEASE,
            "  values:\n",
            "  valuesFrom:\n    - kind: Secret\n      name: cilium-values\n  values:\n",
        );
    assert_eq!(repository.found(), [""; 0]);
}

#[test]
fn an_undefined_variable_is_told_of_once() {
    let found = Repository::mesh(2)
        .with(&settings("c002"), "  CLUSTER_ID: \"2\"\n", "")
        .found();
    assert_eq!(
        found,
        ["undefined-variable clusters/c002/cluster-settings.yaml:7"]
    );
}

#[test]
fn clusters_without_a_mesh_may_be_alike() {
    let mut repository =
        Repository::mesh(2).with(SERVICE, "    service.cilium.io/affinity: ${AFFINITY}\n", "");
    repository = repository.with(
        SERVICE,
        "  annotations:\n    service.cilium.io/global: \"true\"\n",
        "",
    );
    let release = repository.0.get_mut(RELEASE).unwrap();
    let mesh = release.find("    clustermesh:").unwrap();
    release.truncate(mesh);
    let alike = repository
        .with(&settings("c002"), "\"2\"", "\"1\"")
        .with(&settings("c002"), "10.64.4.0", "10.64.2.0")
        .with(&settings("c002"), "10.96.4.0", "10.96.2.0")
        .with(&settings("c002"), "c002", "c001")
        .with(RELEASE, "10.64.0.0/12", "10.64.2.0/24");
    assert_eq!(alike.found(), [""; 0]);
}

#[test]
fn a_mesh_that_is_merely_switched_off_counts() {
    let off = Repository::mesh(2)
        .with(RELEASE, "useAPIServer: true", "useAPIServer: false")
        .with(RELEASE, "enabled: true", "enabled: false")
        .with(&settings("c002"), "\"2\"", "\"1\"");
    assert_eq!(
        off.found(),
        [
            "duplicate-cluster-id clusters/c001/cluster-settings.yaml:8".to_owned(),
            format!("mesh-switched-off {RELEASE}:{}", line("useAPIServer"))
        ]
    );
}

#[test]
fn a_global_service_of_one_cluster_is_told_of_unless_a_chart_may_have_it() {
    let only_one = Repository::mesh(2)
        .with("clusters/c002/apps.yaml", "./apps", "./other")
        .and(
            "other/config.yaml",
            "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: other\n  namespace: shop\n",
        );
    assert_eq!(only_one.found(), ["global-service-not-mirrored apps/api.yaml:7"]);
    let chart = RELEASE_HEAD
        .split("  values:")
        .next()
        .unwrap()
        .replace("cilium", "shop")
        .replace("kube-system", "shop");
    let with_chart = only_one.and("other/shop.yaml", &chart);
    assert_eq!(with_chart.found(), [""; 0]);
}

#[test]
fn a_mesh_of_255_clusters_with_one_fault_makes_one_finding() {
    let repository = Repository::mesh(255).with(&settings("c254"), "\"254\"", "\"255\"");
    let (_, findings) = repository.check();
    let messages: Vec<_> = findings.iter().map(|one| one.finding.message.as_str()).collect();
    assert_eq!(messages, ["clusters `c254` and `c255` both have cluster id 255"]);
}
