//! The mesh and service rules on whole repositories: a correct mesh, the same with one fault planted, and the same with
//! something that cannot be known.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use std::collections::BTreeMap;

use meshlint::engine::{self, Config};
use meshlint::sink::Reported;
use meshlint::source::SourceMap;

/// The files of a repository.
#[derive(Clone)]
struct Repository(BTreeMap<String, String>);

const RELEASE: &str = "infrastructure/cilium/release.yaml";
const SERVICE: &str = "apps/api.yaml";
const CA: &str = "infrastructure/cilium/ca.yaml";

fn settings(cluster: &str) -> String {
    format!("clusters/{cluster}/cluster-settings.yaml")
}

impl Repository {
    /// A correct mesh of so many clusters, delivered by one HelmRelease and one set of settings per cluster.
    fn mesh(size: usize) -> Self {
        let names: Vec<String> = (1..=size).map(|number| format!("c{number:03}")).collect();
        let mut files = BTreeMap::new();
        for (number, name) in (1..).zip(&names) {
            let (high, low) = (number / 128, number % 128);
            let directory = format!("clusters/{name}");
            files.insert(format!("{directory}/flux-system/gotk-sync.yaml"), sync(name));
            files.insert(format!("{directory}/apps.yaml"), kustomization("apps", "./apps"));
            files.insert(
                format!("{directory}/cilium.yaml"),
                kustomization("cilium", "./infrastructure/cilium"),
            );
            let pods = format!("10.{}.{}.0/24", 64 + high, 2 * low);
            let services = format!("10.{}.{}.0/24", 96 + high, 2 * low);
            files.insert(
                settings(name),
                format!(
                    "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: cluster-settings\n  namespace: flux-system\n\
                     data:\n  CLUSTER: {name}\n  CLUSTER_ID: \"{number}\"\n  POD_CIDR: {pods}\n  \
                     SERVICE_CIDR: {services}\n  AFFINITY: local\n  MESH_IP: 10.20.{high}.{low}\n"
                ),
            );
        }
        let peers: String = (1..)
            .zip(&names)
            .map(|(number, name)| {
                let ip = format!("10.20.{}.{}", number / 128, number % 128);
                format!("          - {{name: {name}, ips: [{ip}], port: 2379}}\n")
            })
            .collect();
        files.insert(RELEASE.to_owned(), format!("{RELEASE_HEAD}{peers}"));
        files.insert(SERVICE.to_owned(), SERVICE_TEXT.to_owned());
        files.insert(CA.to_owned(), CA_TEXT.to_owned());
        Self(files)
    }

    /// The same with a text replaced in one file.
    fn with(mut self, path: &str, from: &str, to: &str) -> Self {
        let text = self.0.get_mut(path).unwrap_or_else(|| panic!("no file `{path}`"));
        assert!(text.contains(from), "`{path}` has no `{from}`");
        *text = text.replace(from, to);
        self
    }

    fn and(mut self, path: &str, text: &str) -> Self {
        self.0.insert(path.to_owned(), text.to_owned());
        self
    }

    fn check(&self) -> (SourceMap, Vec<Reported>) {
        let sources = SourceMap::from_memory(self.0.clone());
        let findings = engine::check(&sources, &Config::default()).outcome.findings;
        (sources, findings)
    }

    /// `rule path:line`, one for each finding.
    fn found(&self) -> Vec<String> {
        let (sources, findings) = self.check();
        let show = |one: &Reported| {
            format!(
                "{} {}",
                one.rule.name,
                place(&sources, one.finding.primary().span)
            )
        };
        findings.iter().map(show).collect()
    }
}

fn place(sources: &SourceMap, span: meshlint::source::Span) -> String {
    let file = sources.file(span.file);
    format!("{}:{}", file.path(), file.line_column(span.start).line)
}

fn sync(cluster: &str) -> String {
    format!(
        "apiVersion: source.toolkit.fluxcd.io/v1\nkind: GitRepository\nmetadata:\n  name: flux-system\n  \
         namespace: flux-system\nspec:\n  interval: 1h\n  url: ssh://git@git.example.org/fleet\n---\n{}",
        kustomization("flux-system", &format!("./clusters/{cluster}"))
    )
}

fn kustomization(name: &str, path: &str) -> String {
    let variables =
        "  postBuild:\n    substituteFrom:\n      - kind: ConfigMap\n        name: cluster-settings\n";
    format!(
        "apiVersion: kustomize.toolkit.fluxcd.io/v1\nkind: Kustomization\nmetadata:\n  name: {name}\n  \
         namespace: flux-system\nspec:\n  interval: 1h\n  path: {path}\n  prune: true\n  sourceRef:\n    \
         kind: GitRepository\n    name: flux-system\n{}",
        if name == "flux-system" { "" } else { variables }
    )
}

const RELEASE_HEAD: &str = "\
apiVersion: source.toolkit.fluxcd.io/v1
kind: HelmRepository
metadata:
  name: cilium
  namespace: kube-system
spec:
  interval: 1h
  url: https://helm.cilium.io
---
apiVersion: helm.toolkit.fluxcd.io/v2
kind: HelmRelease
metadata:
  name: cilium
  namespace: kube-system
spec:
  interval: 1h
  chart:
    spec:
      chart: cilium
      version: 1.18.3
      sourceRef:
        kind: HelmRepository
        name: cilium
  values:
    cluster:
      name: ${CLUSTER}
      id: ${CLUSTER_ID}
    ipam:
      mode: kubernetes
    routingMode: native
    ipv4NativeRoutingCIDR: 10.64.0.0/12
    encryption:
      enabled: true
      type: wireguard
    clustermesh:
      useAPIServer: true
      apiserver:
        service:
          type: LoadBalancer
          annotations:
            lbipam.cilium.io/ips: ${MESH_IP}
        tls:
          auto:
            method: cronJob
      config:
        enabled: true
        clusters:
";

/// One authority for all clusters, from a store.
const CA_TEXT: &str = "\
apiVersion: external-secrets.io/v1
kind: ExternalSecret
metadata:
  name: cilium-ca
  namespace: kube-system
spec:
  secretStoreRef:
    kind: ClusterSecretStore
    name: vault
  dataFrom:
    - extract:
        key: mesh/ca
";

const SERVICE_TEXT: &str = "\
apiVersion: v1
kind: Service
metadata:
  name: api
  namespace: shop
  annotations:
    service.cilium.io/global: \"true\"
    service.cilium.io/affinity: ${AFFINITY}
spec:
  selector:
    app: api
  ports:
    - name: http
      port: 80
";

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
        ["undefined-variable infrastructure/cilium/release.yaml:27"]
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

/// The line in the release that says so, of a mesh of three.
fn line(text: &str) -> usize {
    let release = &Repository::mesh(3).0[RELEASE];
    let found: Vec<_> = release
        .lines()
        .zip(1..)
        .filter(|(line, _)| line.contains(text))
        .collect();
    let [(_, number)] = found.as_slice() else {
        panic!("`{text}` stands in {} lines", found.len())
    };
    *number
}

#[test]
fn a_fault_in_the_peering_is_named_once_whatever_the_number_of_clusters_that_share_it() {
    let second = "{name: c002, ips: [10.20.0.2], port: 2379}";
    let cases: &[(&str, &str, &str, &str)] = &[
        ("name: c002", "name: c0x02", "unknown-peer", "c002"),
        (
            "          - {name: c003, ips: [10.20.0.3], port: 2379}\n",
            "",
            "one-way-peering",
            "name: c001",
        ),
        (second, "{name: c002, port: 2379}", "malformed-peer", "c002"),
        (
            second,
            "{name: c002, ips: [10.20.0.2], port: http}",
            "malformed-peer",
            "c002",
        ),
        (
            second,
            "{name: c002, ips: [c002.example.org], port: 2379}",
            "malformed-peer",
            "c002",
        ),
        (
            second,
            "{name: c002, ips: [10.20.0.2], port: 2380}",
            "peer-port-mismatch",
            "c002",
        ),
        (
            "type: LoadBalancer",
            "type: NodePort",
            "peer-port-mismatch",
            "c001",
        ),
        ("[10.20.0.2]", "[10.20.0.9]", "peer-address-mismatch", "c002"),
        ("[10.20.0.2]", "[10.20.0.1]", "peer-address-mismatch", "c002"),
        (
            second,
            "{name: c002, address: c002.example.org, port: 2379}",
            "peer-name-not-in-certificate",
            "c002",
        ),
        (
            "useAPIServer: true",
            "useAPIServer: false",
            "peer-without-apiserver",
            "useAPIServer",
        ),
        (
            "method: cronJob",
            "method: helm",
            "certificates-not-renewed",
            "method",
        ),
        (
            "method: cronJob",
            "method: cronjob",
            "certificate-source-missing",
            "method",
        ),
    ];
    for (from, to, rule, text) in cases {
        let found = Repository::mesh(3).with(RELEASE, from, to).found();
        let wanted = format!("{rule} {RELEASE}:{}", line(text));
        assert_eq!(found, [wanted], "`{from}` became `{to}`");
    }
}

#[test]
fn a_mesh_that_lacks_its_authority_is_told_of() {
    let without = Repository::mesh(3).with(CA, "name: cilium-ca", "name: other-ca");
    assert_eq!(
        without.found(),
        [format!("mesh-ca-not-shared {RELEASE}:{}", line("method"))]
    );
    // Somebody may have copied it.
    let (_, findings) = without.check();
    assert_eq!(findings[0].severity, meshlint::finding::Severity::Warning);
    // A bundle of authorities may hold them all.
    let bundle = without.with(
        RELEASE,
        "    clustermesh:\n",
        "    tls: {caBundle: {enabled: true}}\n    clustermesh:\n",
    );
    assert_eq!(bundle.found(), [""; 0]);
}

#[test]
fn a_cluster_that_encrypts_otherwise_is_told_of_in_its_settings() {
    let differs = Repository::mesh(3)
        .with(RELEASE, "type: wireguard", "type: ${ENCRYPTION:=wireguard}")
        .with(&settings("c002"), "  AFFINITY", "  ENCRYPTION: ipsec\n  AFFINITY");
    assert_eq!(
        differs.found(),
        ["encryption-mismatch clusters/c002/cluster-settings.yaml:11"]
    );
    let encrypted = differs.with(RELEASE, "${ENCRYPTION:=wireguard}", "\"{{ encryption }}\"");
    assert_eq!(encrypted.found(), [""; 0]);
}

#[test]
fn peers_from_a_secret_beside_the_chart_are_not_guessed_at() {
    let secret = CA_TEXT.replace("cilium-ca", "cilium-clustermesh");
    let both = Repository::mesh(3).and("infrastructure/cilium/peers.yaml", &secret);
    assert_eq!(
        both.found(),
        ["mesh-secret-conflict infrastructure/cilium/peers.yaml:4"]
    );
    let only_secret = both.with(
        RELEASE,
        "        enabled: true\n        clusters",
        "        enabled: false\n        clusters",
    );
    assert_eq!(only_secret.found(), [""; 0]);
}

#[test]
fn users_of_peers_are_missing_from_1_19_on_only() {
    let without_list = Repository::mesh(3).with(
        RELEASE,
        "        enabled: true\n        clusters",
        "        enabled: false\n    others",
    );
    assert_eq!(without_list.found(), [""; 0]);
    let upgraded = without_list.with(RELEASE, "version: 1.18.3", "version: 1.19.2");
    assert_eq!(
        upgraded.found(),
        [format!(
            "missing-remote-users {RELEASE}:{}",
            line("        enabled: true")
        )]
    );
    let legacy = upgraded.with(
        RELEASE,
        "        tls:\n",
        "        tls:\n          authMode: legacy\n",
    );
    assert_eq!(legacy.found(), [""; 0]);
}

/// The text of the line that each finding points at, behind the name of its rule.
fn found_lines(repository: &Repository) -> Vec<String> {
    let (sources, findings) = repository.check();
    let show = |one: &Reported| {
        let span = one.finding.primary().span;
        let file = sources.file(span.file);
        let line = file.line_column(span.start).line - 1;
        format!(
            "{} {}",
            one.rule.name,
            file.text().unwrap().lines().nth(line).unwrap().trim()
        )
    };
    findings.iter().map(show).collect()
}

#[test]
fn settings_of_the_api_server_that_cannot_work_are_named_where_they_stand() {
    let cases: &[(&str, &str, &str)] = &[
        (
            "        tls:\n",
            "        tls:\n          authMode: strict\n",
            "auth-mode-mismatch authMode: strict",
        ),
        (
            "        service:\n",
            "        replicas: 2\n        service:\n          enableSessionAffinity: Never\n",
            "apiserver-exposure enableSessionAffinity: Never",
        ),
        (
            "    encryption:\n",
            "    egressGateway: {enabled: true}\n    encryption:\n",
            "unsupported-with-mesh egressGateway: {enabled: true}",
        ),
        (
            "    encryption:\n",
            "    tls: {ca: {key: LS0tLS1CRUdJTiBFQyBQUklWQVRFIEtFWS0tLS0t}}\n    encryption:\n",
            "plaintext-mesh-key tls: {ca: {key: LS0tLS1CRUdJTiBFQyBQUklWQVRFIEtFWS0tLS0t}}",
        ),
    ];
    for (from, to, wanted) in cases {
        assert_eq!(
            found_lines(&Repository::mesh(3).with(RELEASE, from, to)),
            [*wanted]
        );
    }
}

#[test]
fn a_login_that_one_peer_does_not_know_is_told_of_in_its_settings() {
    let mode = |mode: &str| {
        let release = "        tls:\n          authMode: ${AUTH_MODE:=migration}\n";
        Repository::mesh(3)
            .with(RELEASE, "        tls:\n", release)
            .with(
                &settings("c001"),
                "  AFFINITY",
                "  AUTH_MODE: cluster\n  AFFINITY",
            )
            .with(
                &settings("c002"),
                "  AFFINITY",
                &format!("  AUTH_MODE: {mode}\n  AFFINITY"),
            )
    };
    assert_eq!(
        found_lines(&mode("legacy")),
        ["auth-mode-mismatch AUTH_MODE: legacy"]
    );
    assert_eq!(found_lines(&mode("migration")), [""; 0]);
}

#[test]
fn a_key_of_the_mesh_secret_is_taken_for_a_cluster() {
    let keyed = |key: &str| {
        let data = format!("  data:\n    - {{secretKey: {key}, remoteRef: {{key: mesh}}}}\n");
        let secret = CA_TEXT
            .split("  dataFrom")
            .next()
            .unwrap()
            .replace("cilium-ca", "cilium-clustermesh");
        Repository::mesh(3)
            .with(
                RELEASE,
                "        enabled: true\n        clusters",
                "        enabled: false\n    others",
            )
            .and("infrastructure/cilium/peers.yaml", &format!("{secret}{data}"))
    };
    let wanted = "mesh-secret-key-not-a-peer - {secretKey: config, remoteRef: {key: mesh}}";
    assert_eq!(found_lines(&keyed("config")), [wanted]);
    assert_eq!(found_lines(&keyed("c002")), [""; 0]);
}

#[test]
fn node_ports_must_differ_where_cilium_serves_them() {
    let port = |own: &str| {
        Repository::mesh(2)
            .with(
                RELEASE,
                "    encryption:\n",
                "    kubeProxyReplacement: true\n    encryption:\n",
            )
            .with(
                RELEASE,
                "type: LoadBalancer",
                "type: NodePort\n          nodePort: ${NODE_PORT:=32379}",
            )
            .with(RELEASE, "[10.20.0.1], port: 2379", "[10.20.0.1], port: 32379")
            .with(
                RELEASE,
                "[10.20.0.2], port: 2379",
                &format!("[10.20.0.2], port: {own}"),
            )
            .with(
                &settings("c002"),
                "  AFFINITY",
                &format!("  NODE_PORT: \"{own}\"\n  AFFINITY"),
            )
    };
    let same = [
        "apiserver-nodeport-conflict NODE_PORT: \"32379\"",
        "apiserver-nodeport-conflict nodePort: ${NODE_PORT:=32379}",
    ];
    assert_eq!(found_lines(&port("32379")), same);
    assert_eq!(found_lines(&port("32380")), [""; 0]);
    let upgraded = port("32379").with(RELEASE, "version: 1.18.3", "version: 1.19.2");
    assert_eq!(found_lines(&upgraded), [""; 0]);
}

/// A correct mesh in which every cluster also has addresses for load balancers, a router and an API server of its own.
fn furnished(size: usize) -> Repository {
    let head = "routingMode: native";
    let values = "k8sServiceHost: ${API}\n    k8sServicePort: 6443\n    tunnelProtocol: ${TUNNEL:=vxlan}\n    \
                  routingMode: ${ROUTING:=native}";
    let mut repository = Repository::mesh(size)
        .with(RELEASE, head, values)
        .with(RELEASE, "version: 1.18.3", "version: ${VERSION:=1.18.3}")
        .with(
            RELEASE,
            "      useAPIServer: true",
            "      useAPIServer: true\n      maxConnectedClusters: ${LIMIT:=255}",
        )
        .with(
            RELEASE,
            "    ipam:",
            "    eni:\n      enabled: ${ENI:=false}\n    ipam:",
        );
    for number in 1..=size {
        let name = format!("c{number:03}");
        let network = NETWORK
            .replace("OWN", &number.to_string())
            .replace("SERVICES", &format!("10.96.{}", 2 * number));
        repository = repository.and(&network_of(&name), &network).with(
            &settings(&name),
            "  AFFINITY",
            &format!("  API: 10.1.0.{number}\n  AFFINITY"),
        );
    }
    repository
}

fn network_of(cluster: &str) -> String {
    format!("clusters/{cluster}/network.yaml")
}

const NETWORK: &str = "\
apiVersion: cilium.io/v2
kind: CiliumLoadBalancerIPPool
metadata:
  name: lan
spec:
  blocks:
    - cidr: 10.2.OWN.0/24
    - cidr: 10.20.0.OWN/32
---
apiVersion: v1
kind: Service
metadata:
  name: dns
  namespace: default
  annotations:
    lbipam.cilium.io/ips: 10.2.OWN.53
spec:
  type: LoadBalancer
  clusterIP: SERVICES.53
  selector:
    app: dns
  ports:
    - name: dns
      port: 53
---
apiVersion: cilium.io/v2
kind: CiliumBGPClusterConfig
metadata:
  name: rack
spec:
  bgpInstances:
    - name: rack
      localASN: 6451OWN
      peers:
        - name: router
          peerAddress: 10.3.0.1
          peerASN: 64500
";

#[test]
fn a_furnished_mesh_is_silent() {
    for size in [2, 3, 8] {
        assert_eq!(furnished(size).found(), [""; 0], "{size} clusters");
    }
}

#[test]
fn a_fault_in_a_furnished_mesh_is_named_where_it_was_planted_and_nothing_else_is() {
    let (one, two) = (settings("c001"), settings("c002"));
    let network = network_of("c002");
    let cases: &[(&str, &str, &str, &[&str])] = &[
        (
            &two,
            "  AFFINITY",
            "  LIMIT: \"511\"\n  AFFINITY",
            &["max-connected-clusters-mismatch clusters/c002/cluster-settings.yaml:12"],
        ),
        (
            &two,
            "CLUSTER_ID: \"2\"",
            "ENI: \"true\"\n  CLUSTER_ID: \"130\"",
            &["cluster-id-unsafe-on-eni clusters/c002/cluster-settings.yaml:9"],
        ),
        (
            RELEASE,
            "    tunnelProtocol",
            "    tunnel: vxlan\n    tunnelProtocol",
            &["removed-mesh-value infrastructure/cilium/release.yaml:34"],
        ),
        (
            RELEASE,
            "      config:",
            "      policyDefaultLocalClusters: true\n      config:",
            &["unknown-mesh-value infrastructure/cilium/release.yaml:51"],
        ),
        (
            &two,
            "  AFFINITY",
            "  VERSION: 1.16.5\n  AFFINITY",
            &["cilium-version-skew clusters/c002/cluster-settings.yaml:12"],
        ),
        (
            &two,
            "10.1.0.2",
            "10.1.0.1",
            &["shared-api-server-address clusters/c001/cluster-settings.yaml:11"],
        ),
        (
            &two,
            "  AFFINITY",
            "  ROUTING: tunnel\n  AFFINITY",
            &["datapath-mismatch clusters/c002/cluster-settings.yaml:12"],
        ),
        (
            &two,
            "  AFFINITY",
            "  CLUSTERMESH_ID: \"9\"\n  AFFINITY",
            &["conflicting-cluster-values clusters/c002/cluster-settings.yaml:12"],
        ),
        (
            &network,
            "10.2.2.0/24",
            "10.2.0.0/22",
            &["lb-pool-overlap clusters/c001/network.yaml:7"],
        ),
        (
            &network,
            "ips: 10.2.2.53",
            "ips: 10.2.1.53",
            &[
                "duplicate-lb-ip clusters/c001/network.yaml:16",
                "lb-ip-outside-pool clusters/c002/network.yaml:16",
            ],
        ),
        (
            &network,
            "ips: 10.2.2.53",
            "ips: 10.9.2.53",
            &["lb-ip-outside-pool clusters/c002/network.yaml:16"],
        ),
        (
            &network,
            "clusterIP: 10.96.4.53",
            "clusterIP: 10.96.2.53",
            &["cluster-ip-outside-service-cidr clusters/c002/network.yaml:19"],
        ),
        (
            &network,
            "peerASN: 64500",
            "peerASN: 64501",
            &["bgp-asn-conflict clusters/c001/network.yaml:37"],
        ),
        (
            &network,
            "localASN: 64512",
            "localASN: 64511",
            &["bgp-asn-conflict clusters/c001/network.yaml:33"],
        ),
    ];
    for (path, from, to, wanted) in cases {
        let found = furnished(3).with(path, from, to).found();
        assert_eq!(found, *wanted, "`{from}` became `{to}` in {path}");
    }
    let tunnelled = furnished(3)
        .with(RELEASE, "ROUTING:=native", "ROUTING:=tunnel")
        .with(&one, "  AFFINITY", "  TUNNEL: geneve\n  AFFINITY");
    assert_eq!(
        tunnelled.found(),
        ["datapath-mismatch clusters/c001/cluster-settings.yaml:12"]
    );
}

#[test]
fn what_the_rules_of_addresses_cannot_know_is_not_wrong() {
    let two = settings("c002");
    let network = network_of("c002");
    let mut repository = furnished(3)
        .with(&network, "10.2.2.0/24", "${POOL}")
        .with(&network, "ips: 10.2.2.53", "ips: ${ADDRESS}")
        .with(&network, "6451", "${OWN_ASN}")
        .with(&network, "64500", "${ROUTER_ASN}")
        .with(RELEASE, "${VERSION:=1.18.3}", "\">=1.14.0\"")
        .with(RELEASE, "      config:", "      cacheTTL: 5m\n      config:");
    // Values that only a Secret in the cluster has may say anything of all of them.
    repository = repository
        .with(
            RELEASE,
            "  values:\n",
            "  valuesFrom:\n    - kind: Secret\n      name: cilium-values\n  values:\n",
        )
        .with(RELEASE, "    k8sServiceHost: ${API}\n", "")
        .with(&two, "  API: 10.1.0.2\n", "");
    assert_eq!(repository.found(), [""; 0]);
}

#[test]
fn the_configuration_of_machines_counts_for_the_cluster_that_it_names_and_for_no_other() {
    let without = || Repository::mesh(3).with(&settings("c002"), "  POD_CIDR: 10.64.4.0/24\n", "");
    let overlap = ["pod-cidr-overlap clusters/c001/cluster-settings.yaml:9"];
    let named = "clusterName: NAME\nendpoint: https://10.9.0.1:6443\nclusterPodNets: [10.64.2.0/24]\n";
    let found = |path: &str, text: &str| without().and(path, text).found();
    assert_eq!(found("talos/any.yaml", &named.replace("NAME", "c002")), overlap);
    assert_eq!(found("talos/any.yaml", &named.replace("NAME", "c009")), [""; 0]);
    // Its own name counts for more than where it lies.
    assert_eq!(
        found("talos/c002/any.yaml", &named.replace("NAME", "c009")),
        [""; 0]
    );
    let files = [
        (
            "patch.yaml",
            "cluster:\n  network:\n    podSubnets: [10.64.2.0/24]\n",
        ),
        (
            "kubeadm.yaml",
            "apiVersion: kubeadm.k8s.io/v1beta4\nkind: ClusterConfiguration\nnetworking:\n  podSubnet: 10.64.2.0/24\n",
        ),
        (
            "kind.yaml",
            "apiVersion: kind.x-k8s.io/v1alpha4\nkind: Cluster\nnetworking:\n  podSubnet: 10.64.2.0/24\n",
        ),
        ("config.yaml", "cluster-cidr: 10.64.2.0/24\n"),
    ];
    for (name, text) in files {
        assert_eq!(found(&format!("machines/c002/{name}"), text), overlap, "{name}");
        assert_eq!(found(&format!("machines/{name}"), text), [""; 0], "{name}");
        assert_eq!(
            found(&format!("machines/c002/.old/{name}"), text),
            [""; 0],
            "{name}"
        );
        let open = text.replace("10.64.2.0/24", "\"{{ pods }}\"");
        assert_eq!(found(&format!("machines/c002/{name}"), &open), [""; 0], "{name}");
    }
}

#[test]
fn settings_that_contradict_the_machines_are_told_of() {
    let subnets =
        "cluster:\n  network:\n    podSubnets: [10.64.4.0/24]\n    serviceSubnets: [10.110.0.0/16]\n";
    let both = Repository::mesh(3).and("talos/c002/patch.yaml", subnets);
    assert_eq!(
        both.found(),
        ["conflicting-cluster-values clusters/c002/cluster-settings.yaml:10"]
    );
}
