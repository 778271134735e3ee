//! Repositories without a fault, and for every rule of the mesh a fault to be planted into one.

use crate::planted::{Planted, planted};
use crate::repository::*;

/// Adds a line to the settings of the second cluster, for a variable that has a default.
fn setting(rule: &'static str, line: &str) -> Planted {
    let to = format!("  AFFINITY: local\n  {line}");
    planted(rule, three, &settings("c002"), "  AFFINITY: local", &to)
}

pub fn three() -> Repository {
    whole(3)
}

/// The same, which peers reach through ports of the nodes.
pub fn node_ports() -> Repository {
    let mut repository = whole(3)
        .with(
            RELEASE,
            "type: LoadBalancer",
            "type: NodePort\n          nodePort: ${NODE_PORT}",
        )
        .with(
            RELEASE,
            "            lbipam.cilium.io/ips: ${MESH_IP}\n",
            "            example.org/team: mesh\n",
        );
    for (at, name) in ["c001", "c002", "c003"].iter().enumerate() {
        let port = 32379 + at;
        let to = format!("  NODE_PORT: \"{port}\"\n  AFFINITY");
        repository = repository.with(&settings(name), "  AFFINITY", &to).with(
            RELEASE,
            &format!("10.20.0.{}], port: 2379", at + 1),
            &format!("10.20.0.{}], port: {port}", at + 1),
        );
    }
    repository
}

/// The same with an issuer of cert-manager for the certificates.
pub fn issued() -> Repository {
    whole(3)
        .with(
            RELEASE,
            "method: cronJob",
            "method: certmanager\n            certManagerIssuerRef:\n              group: cert-manager.io\n              \
             kind: ClusterIssuer\n              name: mesh",
        )
        .and("infrastructure/issuers/mesh.yaml", ISSUER)
        .with_kustomization("issuers", "./infrastructure/issuers")
}

const ISSUER: &str = "\
apiVersion: cert-manager.io/v1
kind: ClusterIssuer
metadata:
  name: mesh
spec:
  vault:
    path: pki/sign/mesh
    server: https://vault.example.org
    auth:
      tokenSecretRef:
        name: vault-token
        key: token
";

/// The same with IPsec, whose keys every cluster fetches from one place.
pub fn ipsec() -> Repository {
    let keys = CA_TEXT
        .replace("cilium-ca", "cilium-ipsec-keys")
        .replace("key: mesh/ca", "key: ${IPSEC_KEYS}");
    let mut repository = whole(3)
        .with(RELEASE, "ENCRYPTION:=wireguard", "ENCRYPTION:=ipsec")
        .and("infrastructure/cilium/ipsec.yaml", &keys);
    for name in ["c001", "c002", "c003"] {
        let to = "  IPSEC_KEYS: mesh/ipsec\n  AFFINITY";
        repository = repository.with(&settings(name), "  AFFINITY", to);
    }
    repository
}

/// Two clusters, and a directory that neither applies.
pub fn two_with_other() -> Repository {
    let text = "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: other\n  namespace: flux-system\n";
    whole(2).and("other/config.yaml", text)
}

const PEERS: &str = "infrastructure/cilium/peers.yaml";

/// The same without the list of peers, which come from a Secret.
pub fn secret_peers() -> Repository {
    let secret = CA_TEXT.replace("cilium-ca", "cilium-clustermesh").replace(
        "  dataFrom:\n    - extract:\n        key: mesh/ca\n",
        "  data:\n    - secretKey: c001\n      remoteRef: {key: mesh/c001}\n    - secretKey: c002\n      remoteRef: \
         {key: mesh/c002}\n    - secretKey: c003\n      remoteRef: {key: mesh/c003}\n",
    );
    whole(3)
        .with(
            RELEASE,
            "        enabled: true\n        clusters",
            "        enabled: false\n        clusters",
        )
        .with(
            RELEASE,
            "      apiserver:\n",
            "      apiserver:\n        kvstoremesh: {enabled: false}\n",
        )
        .and(PEERS, &secret)
}

fn version(mesh: fn() -> Repository, version: &str) -> Repository {
    mesh().with(RELEASE, "VERSION:=1.18.3", &format!("VERSION:={version}"))
}

pub fn newest() -> Repository {
    version(three, "1.20.0").with(RELEASE, "enableMCSAPISupport: true", "mcsapi: {enabled: true}")
}

pub fn local_policies() -> Repository {
    version(three, "1.19.6").with(RELEASE, "LOCAL:=false", "LOCAL:=true")
}

/// The same, each cluster with a list of its own.
pub fn own_lists() -> Repository {
    let mut repository = whole(3);
    let list = repository.0[RELEASE]
        .split_once("        clusters:\n")
        .unwrap()
        .1
        .to_owned();
    repository = repository.with(
        RELEASE,
        &format!("        clusters:\n{list}"),
        "        clusters: ${PEERS}\n",
    );
    let peers: Vec<String> = list
        .lines()
        .map(|line| line.trim().trim_start_matches("- ").to_owned())
        .collect();
    for name in ["c001", "c002", "c003"] {
        let to = format!("  PEERS: '[{}]'\n  AFFINITY", peers.join(", "));
        repository = repository.with(&settings(name), "  AFFINITY", &to);
    }
    repository
}

pub fn faults() -> Vec<Planted> {
    let two = settings("c002");
    let network = network_of("c002");
    let peer = "{name: c002, ips: [10.20.0.2], port: 2379}";
    let last = ", {name: c003, ips: [10.20.0.3], port: 2379}]";
    let off = "        enabled: false\n        clusters:";
    let on = "        enabled: true\n        clusters:";
    let release = |rule, from: &str, to: &str| planted(rule, three, RELEASE, from, to);
    let value = |rule, from: &str, to: &str| planted(rule, three, &two, from, to);
    let shop = |rule, from: &str, to: &str| planted(rule, three, SHOP, from, to);
    vec![
        release(
            "apiserver-exposure",
            "        service:\n",
            "        replicas: 2\n        service:\n          enableSessionAffinity: Never\n",
        ),
        planted(
            "apiserver-nodeport-conflict",
            node_ports,
            &two,
            "\"32380\"",
            "\"32379\"",
        )
        .among()
        .with(RELEASE, "port: 32380", "port: 32379"),
        setting("auth-mode-mismatch", "AUTH_MODE: strict"),
        planted(
            "bgp-asn-conflict",
            three,
            &network,
            "peerASN: 64500",
            "peerASN: 64501",
        )
        .among(),
        planted(
            "bgp-advertises-nothing",
            three,
            &network,
            "kind: CiliumBGPClusterConfig\n",
            "kind: CiliumBGPPeerConfig\nmetadata:\n  name: racks\nspec:\n  families:\n    - afi: ipv4\n      safi: unicast\n      \
             advertisements: {matchLabels: {advertise: racks}}\n---\napiVersion: cilium.io/v2\nkind: CiliumBGPAdvertisement\nmetadata:\n  \
             name: pods\n  labels: {advertise: pods}\nspec:\n  advertisements:\n    - advertisementType: PodCIDR\n---\napiVersion: cilium.io/v2\nkind: CiliumBGPClusterConfig\n",
        )
        .at(&network, "advertise: racks"),
        planted(
            "missing-bgp-reference",
            three,
            &network,
            "peerASN: 64500",
            "peerConfigRef: {name: racks}\n          peerASN: 64500",
        )
        .at(&network, "peerConfigRef"),
        planted(
            "identity-labels-without-cluster",
            three,
            RELEASE,
            "VERSION:=1.18.3",
            "VERSION:=1.15.19",
        )
        .with(RELEASE, "    encryption:\n", "    labels: k8s:app\n    encryption:\n")
        .at(RELEASE, "labels: k8s:app")
        .also(&["unknown-mesh-value", "unknown-mesh-value"]),
        planted(
            "missing-kvstoremesh-secret",
            secret_peers,
            RELEASE,
            "kvstoremesh: {enabled: false}",
            "kvstoremesh: {enabled: true}",
        )
        .at(PEERS, "name: cilium-clustermesh"),
        release("certificate-source-missing", "method: cronJob", "method: cronjob"),
        release("certificates-not-renewed", "method: cronJob", "method: helm"),
        value(
            "cidr-kind-overlap",
            "SERVICE_CIDR: 10.96.4.0",
            "SERVICE_CIDR: 10.64.2.0",
        )
        .among()
        .also(&["cluster-ip-outside-service-cidr"]),
        setting("cilium-version-skew", "VERSION: 1.16.5").also(&["unknown-mesh-value"]),
        value(
            "cluster-id-out-of-range",
            "CLUSTER_ID: \"2\"",
            "CLUSTER_ID: \"256\"",
        ),
        value(
            "cluster-id-unsafe-on-eni",
            "CLUSTER_ID: \"2\"",
            "ENI: \"true\"\n  CLUSTER_ID: \"130\"",
        ),
        planted(
            "cluster-ip-outside-service-cidr",
            three,
            &network,
            "clusterIP: 10.96.4.53",
            "clusterIP: 10.96.2.53",
        ),
        setting("conflicting-cluster-values", "CLUSTERMESH_ID: \"9\""),
        setting("datapath-mismatch", "ROUTING: tunnel"),
        value("duplicate-cluster-id", "CLUSTER_ID: \"2\"", "CLUSTER_ID: \"03\""),
        value("duplicate-cluster-name", "CLUSTER: c002", "CLUSTER: c001").among(),
        planted(
            "duplicate-lb-ip",
            three,
            &network,
            "ips: 10.2.2.53",
            "ips: 10.2.1.53",
        )
        .among(),
        setting("encryption-mismatch", "ENCRYPTION: ipsec"),
        planted(
            "encryption-mismatch",
            ipsec,
            &two,
            "IPSEC_KEYS: mesh/ipsec",
            "IPSEC_KEYS: mesh/other",
        )
        .among(),
        planted("incomplete-mesh", own_lists, &two, last, "]").with(
            &settings("c003"),
            "{name: c002, ips: [10.20.0.2], port: 2379}, ",
            "",
        ),
        planted(
            "lb-ip-outside-pool",
            three,
            &network,
            "ips: 10.2.2.53",
            "ips: 10.9.2.53",
        ),
        planted(
            "service-without-pool",
            three,
            &network,
            "    - cidr: 10.20.0.2/32\n",
            "    - cidr: 10.20.0.2/32\n  serviceSelector:\n    matchExpressions:\n      - {key: reach, operator: NotIn, \
             values: [lan]}\n",
        )
        .with(
            &network,
            "---\napiVersion: cilium.io/v2\nkind: CiliumBGPClusterConfig",
            "---\napiVersion: v1\nkind: Service\nmetadata:\n  name: tap\n  namespace: default\n  labels:\n    reach: \
             lan\nspec:\n  type: LoadBalancer\n  selector:\n    app: dns\n  ports:\n    - port: 80\n---\napiVersion: \
             cilium.io/v2\nkind: CiliumBGPClusterConfig",
        )
        .at(&network, "reach: lan"),
        planted("lb-pool-overlap", three, &network, "10.2.2.0/24", "10.2.0.0/22").among(),
        value(
            "malformed-cidr",
            "POD_CIDR: 10.64.4.0/24",
            "POD_CIDR: 10.64.4.1/24",
        ),
        value("malformed-cluster-name", "CLUSTER: c002", "CLUSTER: C_2"),
        release("malformed-peer", peer, "{name: c002, port: 2379}"),
        setting("max-connected-clusters-mismatch", "LIMIT: \"511\""),
        planted(
            "mesh-ca-not-shared",
            three,
            CA,
            "name: cilium-ca",
            "name: other-ca",
        )
        .at(RELEASE, "method: cronJob"),
        setting("mesh-ca-not-shared", "CA_KEY: mesh/other").among(),
        planted(
            "mesh-ca-not-shared",
            three,
            CA,
            "key: ${CA_KEY:=mesh/ca}",
            "key: mesh/${CLUSTER}/ca",
        ),
        planted("mesh-secret-conflict", secret_peers, RELEASE, off, on).at(PEERS, "name: cilium-clustermesh"),
        planted(
            "mesh-secret-key-not-a-peer",
            secret_peers,
            PEERS,
            "secretKey: c002",
            "secretKey: config",
        ),
        release("mesh-switched-off", "useAPIServer: true", "useAPIServer: false").with(RELEASE, on, off),
        value("missing-cluster-id", "CLUSTER_ID: \"2\"", "CLUSTER_ID: \"0\""),
        planted("missing-remote-users", local_policies, RELEASE, on, off)
            .at(RELEASE, "        enabled: false"),
        release(
            "native-routing-cidr-gap",
            "ipv4NativeRoutingCIDR: 10.64.0.0/12",
            "ipv4NativeRoutingCIDR: 10.64.0.0/22",
        ),
        planted("one-way-peering", own_lists, &two, last, "]"),
        release(
            "peer-address-mismatch",
            peer,
            "{name: c002, ips: [10.20.0.9], port: 2379}",
        ),
        release(
            "peer-name-not-in-certificate",
            peer,
            "{name: c002, address: c002.example.org, port: 2379}",
        ),
        release(
            "peer-port-mismatch",
            peer,
            "{name: c002, ips: [10.20.0.2], port: 2380}",
        ),
        release(
            "peer-without-apiserver",
            "useAPIServer: true",
            "useAPIServer: false",
        ),
        release(
            "plaintext-mesh-key",
            "    encryption:\n",
            "    tls: {ca: {key: LS0tLS1CRUdJTiBFQyBQUklWQVRFIEtFWS0tLS0t}}\n    encryption:\n",
        )
        .at(RELEASE, "tls: {ca"),
        value("pod-cidr-overlap", "POD_CIDR: 10.64.4.0", "POD_CIDR: 10.64.2.0").among(),
        release(
            "removed-mesh-value",
            "    tunnelProtocol",
            "    tunnel: vxlan\n    tunnelProtocol",
        )
        .at(RELEASE, "tunnel: "),
        value(
            "service-cidr-overlap",
            "SERVICE_CIDR: 10.96.4.0",
            "SERVICE_CIDR: 10.96.2.0",
        )
        .among()
        .also(&["cluster-ip-outside-service-cidr"]),
        value("shared-api-server-address", "API: 10.1.0.2", "API: 10.1.0.1").among(),
        release(
            "unknown-mesh-value",
            "      config:",
            "      policyDefaultLocalClusters: true\n      config:",
        )
        .at(RELEASE, "LocalClusters"),
        release("unknown-peer", "name: c002", "name: c0x02"),
        release(
            "unsupported-with-mesh",
            "    encryption:\n",
            "    egressGateway: {enabled: true}\n    encryption:\n",
        )
        .at(RELEASE, "egressGateway"),
        planted(
            "annotation-not-a-string",
            three,
            SERVICE,
            "    service.cilium.io/affinity",
            "    example.org/ready: ${READY:=true}\n    service.cilium.io/affinity",
        )
        .at(SERVICE, "example.org/ready"),
        planted(
            "annotation-without-global",
            three,
            SERVICE,
            "    service.cilium.io/global: \"true\"\n",
            "",
        ),
        planted(
            "deprecated-annotation",
            three,
            SERVICE,
            "service.cilium.io/affinity",
            "io.cilium/service-affinity",
        ),
        release(
            "global-service-host-access",
            "kubeProxyReplacement: true",
            "kubeProxyReplacement: false",
        )
        .at(SHOP, "http://api.shop.svc"),
        planted(
            "global-service-not-mirrored",
            two_with_other,
            "clusters/c002/apps.yaml",
            "./apps",
            "./other",
        )
        .at(SERVICE, "global")
        .also(&["global-service-not-mirrored"]),
        setting("global-service-port-mismatch", "PORT_NAME: web").also(&["mcs-export-conflict"]),
        planted(
            "global-service-without-backends",
            three,
            SERVICE,
            "app: api",
            "app: apo",
        )
        .at(SERVICE, "selector:"),
        planted(
            "global-service-without-spare",
            two_with_other,
            &settings("c001"),
            "AFFINITY: local",
            "AFFINITY: remote",
        ),
        release(
            "headless-global-service",
            "enableEndpointSliceSynchronization: true",
            "enableEndpointSliceSynchronization: false",
        ),
        planted(
            "illegal-annotation-value",
            three,
            SERVICE,
            "global: \"true\"",
            "global: \"yes\"",
        ),
        shop(
            "ingress-bypasses-global-service",
            "service-upstream: \"true\"",
            "service-upstream: \"false\"",
        )
        .at(SHOP, "name: api"),
        setting("mcs-export-conflict", "PORT: \"8080\""),
        planted(
            "namespace-not-global",
            newest,
            SHOP,
            "kind: Namespace\nmetadata:\n  name: shop\n",
            "kind: Namespace\nmetadata:\n  name: shop\n  annotations:\n    clustermesh.cilium.io/global: \"false\"\n",
        ),
        planted(
            "misspelt-annotation",
            three,
            SERVICE,
            "service.cilium.io/affinity",
            "service.cilum.io/affinity",
        ),
        planted(
            "unknown-cilium-annotation",
            three,
            SERVICE,
            "io/affinity",
            "io/afinity",
        ),
        shop(
            "unresolvable-service-name",
            "http://api.shop.svc",
            "http://apo.shop.svc",
        ),
        setting("policy-default-mismatch", "LOCAL: \"true\""),
        planted(
            "policy-needs-cluster-label",
            local_policies,
            &batch_of("c002"),
            "            io.cilium.k8s.policy.cluster: c001\n",
            "",
        )
        .at(&batch_of("c002"), "app: worker-c001"),
        planted(
            "policy-needs-namespace",
            three,
            SHOP,
            "            app: importer\n            io.cilium.k8s.policy.cluster: c001\n",
            "            app: worker-c001\n",
        ),
        planted(
            "policy-shuts-out-peers",
            three,
            SHOP,
            "    - fromEndpoints:\n        - matchLabels:\n            app: api\n        - matchLabels:\n            \
             app: importer\n            io.cilium.k8s.policy.cluster: c001\n",
            "    - fromEntities:\n        - cluster\n",
        ),
        planted(
            "policy-cidr-of-pods",
            three,
            &batch_of("c002"),
            "    - fromEndpoints:\n",
            "    - fromCIDR: [10.64.2.0/25]\n    - fromEndpoints:\n",
        )
        .at(&batch_of("c002"), "fromCIDR"),
        planted(
            "policy-cidr-of-nodes",
            node_ports,
            &batch_of("c002"),
            "    - fromEndpoints:\n",
            "    - fromCIDR: [10.20.0.0/24]\n    - fromEndpoints:\n",
        )
        .at(&batch_of("c002"), "fromCIDR"),
        planted(
            "policy-refused",
            three,
            &batch_of("c002"),
            "    - fromEndpoints:\n",
            "    - fromCIDR: [192.0.2.0/33]\n    - fromEndpoints:\n",
        )
        .at(&batch_of("c002"), "192.0.2.0/33"),
        planted(
            "policy-unknown-cluster",
            three,
            &batch_of("c002"),
            "  endpointSelector:\n    matchLabels:\n",
            "  endpointSelector:\n    matchLabels:\n      io.cilium.k8s.policy.cluster: c001\n",
        )
        .at(&batch_of("c002"), "policy.cluster: c001"),
        shop(
            "policy-unknown-cluster",
            "policy.cluster: c001",
            "policy.cluster: c009",
        ),
    ]
}
