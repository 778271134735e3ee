//! Ranges, pools, routers and machines.

use crate::repository::*;

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
            &["lb-pool-overlap network/c001/network.yaml:7"],
        ),
        (
            &network,
            "ips: 10.2.2.53",
            "ips: 10.2.1.53",
            &["duplicate-lb-ip network/c001/network.yaml:16"],
        ),
        (
            &network,
            "ips: 10.2.2.53",
            "ips: 10.9.2.53",
            &["lb-ip-outside-pool network/c002/network.yaml:16"],
        ),
        (
            &network,
            "clusterIP: 10.96.4.53",
            "clusterIP: 10.96.2.53",
            &["cluster-ip-outside-service-cidr network/c002/network.yaml:19"],
        ),
        (
            &network,
            "peerASN: 64500",
            "peerASN: 64501",
            &["bgp-asn-conflict network/c001/network.yaml:37"],
        ),
        (
            &network,
            "localASN: 64512",
            "localASN: 64511",
            &["bgp-asn-conflict network/c001/network.yaml:33"],
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
    // A Cluster of the Cluster API has its own name too.
    let cluster = "apiVersion: cluster.x-k8s.io/v1beta1\nkind: Cluster\nmetadata:\n  name: NAME\nspec:\n  clusterNetwork:\n    \
        pods:\n      cidrBlocks: [10.64.2.0/24]\n";
    assert_eq!(found("capi/any.yaml", &cluster.replace("NAME", "c002")), overlap);
    assert_eq!(found("capi/any.yaml", &cluster.replace("NAME", "c009")), [""; 0]);
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
