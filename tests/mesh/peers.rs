//! How clusters reach and trust each other.

use crate::repository::*;

/// The agents read the peers themselves.
const NO_KVSTOREMESH: &str = "      apiserver:\n        kvstoremesh: {enabled: false}\n";

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
    let only_secret = only_secret.with(RELEASE, "      apiserver:\n", NO_KVSTOREMESH);
    assert_eq!(only_secret.found(), [""; 0]);
}

#[test]
fn users_of_peers_are_missing_from_1_19_on_only() {
    let without_list = Repository::mesh(3).with(
        RELEASE,
        "        enabled: true\n        clusters",
        "        enabled: false\n    x-others",
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
    let keyed = |keys: &[&str]| {
        let item = |key: &&str| format!("    - {{secretKey: {key}, remoteRef: {{key: mesh}}}}\n");
        let data = format!("  data:\n{}", keys.iter().map(item).collect::<String>());
        let secret = CA_TEXT
            .split("  dataFrom")
            .next()
            .unwrap()
            .replace("cilium-ca", "cilium-clustermesh");
        Repository::mesh(3)
            .with(
                RELEASE,
                "        enabled: true\n        clusters",
                "        enabled: false\n    x-others",
            )
            .with(RELEASE, "      apiserver:\n", NO_KVSTOREMESH)
            .and("infrastructure/cilium/peers.yaml", &format!("{secret}{data}"))
    };
    let wanted = "mesh-secret-key-not-a-peer - {secretKey: config, remoteRef: {key: mesh}}";
    assert_eq!(found_lines(&keyed(&["config"])), [wanted]);
    assert_eq!(found_lines(&keyed(&["c001", "c002", "c003"])), [""; 0]);
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
    let same = ["apiserver-nodeport-conflict nodePort: ${NODE_PORT:=32379}"];
    assert_eq!(found_lines(&port("32379")), same);
    assert_eq!(found_lines(&port("32380")), [""; 0]);
    let upgraded = port("32379").with(RELEASE, "version: 1.18.3", "version: 1.19.2");
    assert_eq!(found_lines(&upgraded), [""; 0]);
}
