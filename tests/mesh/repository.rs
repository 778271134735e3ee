//! The repositories that the tests change, and how they are looked at.

use std::collections::BTreeMap;

use meshlint::engine::{self, RunOptions};
use meshlint::sink::Reported;
use meshlint::source::SourceMap;

/// The files of a repository.
#[derive(Clone)]
pub struct Repository(pub BTreeMap<String, String>);

pub const RELEASE: &str = "infrastructure/cilium/release.yaml";
pub const SERVICE: &str = "apps/api.yaml";
pub const CA: &str = "infrastructure/cilium/ca.yaml";

pub fn settings(cluster: &str) -> String {
    format!("clusters/{cluster}/cluster-settings.yaml")
}

impl Repository {
    /// A correct mesh of so many clusters, delivered by one HelmRelease and one set of settings per cluster.
    pub fn mesh(size: usize) -> Self {
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
    pub fn with(mut self, path: &str, from: &str, to: &str) -> Self {
        let text = self.0.get_mut(path).unwrap_or_else(|| panic!("no file `{path}`"));
        assert!(text.contains(from), "`{path}` has no `{from}`");
        *text = text.replace(from, to);
        self
    }

    pub fn and(mut self, path: &str, text: &str) -> Self {
        self.0.insert(path.to_owned(), text.to_owned());
        self
    }

    /// Has every cluster apply one more directory.
    pub fn with_kustomization(mut self, name: &str, path: &str) -> Self {
        let clusters: Vec<String> = self.clusters().map(str::to_owned).collect();
        for cluster in clusters {
            let file = format!("clusters/{cluster}/{name}.yaml");
            self = self.and(&file, &kustomization(name, path));
        }
        self
    }

    /// The names of the clusters.
    pub fn clusters(&self) -> impl Iterator<Item = &str> {
        let settings = |path: &'_ String| path.ends_with("/cluster-settings.yaml");
        self.0
            .keys()
            .filter(move |path| settings(path))
            .filter_map(|path| path.split('/').nth(1))
    }

    pub fn check(&self) -> (SourceMap, Vec<Reported>) {
        self.check_with(&RunOptions::default())
    }

    pub fn check_with(&self, config: &RunOptions) -> (SourceMap, Vec<Reported>) {
        let sources = SourceMap::from_memory(self.0.clone());
        let findings = engine::check(&sources, config).outcome.findings;
        (sources, findings)
    }

    /// `rule path:line`, one for each finding.
    pub fn found(&self) -> Vec<String> {
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

pub fn place(sources: &SourceMap, span: meshlint::source::Span) -> String {
    let file = sources.file(span.file);
    format!("{}:{}", file.path(), file.line_column(span.start).line)
}

pub fn sync(cluster: &str) -> String {
    format!(
        "apiVersion: source.toolkit.fluxcd.io/v1\nkind: GitRepository\nmetadata:\n  name: flux-system\n  \
         namespace: flux-system\nspec:\n  interval: 1h\n  url: ssh://git@git.example.org/fleet\n---\n{}",
        kustomization("flux-system", &format!("./clusters/{cluster}"))
    )
}

pub fn kustomization(name: &str, path: &str) -> String {
    let variables =
        "  postBuild:\n    substituteFrom:\n      - kind: ConfigMap\n        name: cluster-settings\n";
    format!(
        "apiVersion: kustomize.toolkit.fluxcd.io/v1\nkind: Kustomization\nmetadata:\n  name: {name}\n  \
         namespace: flux-system\nspec:\n  interval: 1h\n  path: {path}\n  prune: true\n  sourceRef:\n    \
         kind: GitRepository\n    name: flux-system\n{}",
        if name == "flux-system" { "" } else { variables }
    )
}

pub const RELEASE_HEAD: &str = "\
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
pub const CA_TEXT: &str = "\
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

pub const SERVICE_TEXT: &str = "\
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

/// The line in the release that says so, of a mesh of three.
pub fn line(text: &str) -> usize {
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

/// The text of the line that each finding points at, behind the name of its rule.
pub fn found_lines(repository: &Repository) -> Vec<String> {
    let (sources, findings) = repository.check();
    let show = |one: &Reported| {
        let line = line_at(&sources, one.finding.primary().span).1;
        format!("{} {line}", one.rule.name)
    };
    findings.iter().map(show).collect()
}

/// The path and the text of the line.
pub fn line_at(sources: &SourceMap, span: meshlint::source::Span) -> (String, String) {
    let file = sources.file(span.file);
    let line = file.line_column(span.start).line - 1;
    let text = file.text().unwrap().lines().nth(line).unwrap().trim();
    (file.path().to_string(), text.to_owned())
}

/// A correct mesh in which every cluster also has addresses for load balancers, a router and an API server of its own.
pub fn furnished(size: usize) -> Repository {
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
        // Without variables of its own, and after Cilium, which brings the definitions of the resources.
        let owner = kustomization("flux-system", &format!("./network/{name}")).replacen(
            "name: flux-system",
            "name: network",
            1,
        ) + "  dependsOn:\n    - name: cilium\n";
        repository = repository.and(&format!("clusters/{name}/network.yaml"), &owner);
        repository = repository.and(&network_of(&name), &network).with(
            &settings(&name),
            "  AFFINITY",
            &format!("  API: 10.1.0.{number}\n  AFFINITY"),
        );
    }
    repository
}

pub fn network_of(cluster: &str) -> String {
    format!("network/{cluster}/network.yaml")
}

/// A correct mesh in which something uses everything that a rule looks at: applications with policies and exports, an
/// Ingress, pods in the network of the nodes.
pub fn whole(size: usize) -> Repository {
    let shared = "      enableEndpointSliceSynchronization: true\n      enableMCSAPISupport: true\n      \
                  policyDefaultLocalCluster: ${LOCAL:=false}\n      useAPIServer: true";
    let mut repository = furnished(size)
        .with(RELEASE, "      useAPIServer: true", shared)
        .with(RELEASE, "type: wireguard", "type: ${ENCRYPTION:=wireguard}")
        .with(RELEASE, "    ipam:", "    kubeProxyReplacement: true\n    ipam:")
        .with(
            RELEASE,
            "        tls:\n",
            "        tls:\n          authMode: ${AUTH_MODE:=migration}\n",
        )
        .with(CA, "key: mesh/ca", "key: ${CA_KEY:=mesh/ca}")
        .with(SERVICE, "name: http", "name: ${PORT_NAME:=http}")
        .with(SERVICE, "port: 80", "port: ${PORT:=80}")
        .and(SHOP, SHOP_TEXT);
    for number in 1..=size {
        let name = format!("c{number:03}");
        let apps = format!("clusters/{name}/apps.yaml");
        let ordered = format!("{}  dependsOn:\n    - name: cilium\n", repository.0[&apps]);
        let batch = BATCH.replace("OWN", &name);
        repository = repository.and(&apps, &ordered).and(&batch_of(&name), &batch);
    }
    repository
}

pub const SHOP: &str = "apps/shop.yaml";

pub fn batch_of(cluster: &str) -> String {
    format!("network/{cluster}/batch.yaml")
}

const SHOP_TEXT: &str = "\
apiVersion: v1
kind: Namespace
metadata:
  name: shop
---
apiVersion: apps/v1
kind: Deployment
metadata:
  name: api
  namespace: shop
spec:
  selector:
    matchLabels:
      app: api
  template:
    metadata:
      labels:
        app: api
    spec:
      containers:
        - name: api
          image: registry.example.org/api:1
---
apiVersion: apps/v1
kind: DaemonSet
metadata:
  name: web
  namespace: shop
spec:
  selector:
    matchLabels:
      app: web
  template:
    metadata:
      labels:
        app: web
    spec:
      hostNetwork: true
      containers:
        - name: web
          image: registry.example.org/web:1
          env:
            - name: API
              value: http://api.shop.svc.cluster.local
---
apiVersion: v1
kind: Service
metadata:
  name: db
  namespace: shop
  annotations:
    service.cilium.io/global: \"true\"
spec:
  clusterIP: None
  selector:
    app: db
  ports:
    - name: sql
      port: 5432
---
apiVersion: apps/v1
kind: StatefulSet
metadata:
  name: db
  namespace: shop
spec:
  serviceName: db
  selector:
    matchLabels:
      app: db
  template:
    metadata:
      labels:
        app: db
    spec:
      containers:
        - name: db
          image: registry.example.org/db:1
---
apiVersion: networking.k8s.io/v1
kind: Ingress
metadata:
  name: api
  namespace: shop
  annotations:
    nginx.ingress.kubernetes.io/service-upstream: \"true\"
spec:
  ingressClassName: nginx
  rules:
    - host: shop.example.org
      http:
        paths:
          - path: /
            pathType: Prefix
            backend:
              service:
                name: api
                port:
                  number: 80
---
apiVersion: multicluster.x-k8s.io/v1alpha1
kind: ServiceExport
metadata:
  name: api
  namespace: shop
---
apiVersion: cilium.io/v2
kind: CiliumNetworkPolicy
metadata:
  name: api
  namespace: shop
spec:
  endpointSelector:
    matchLabels:
      app: api
  ingress:
    - fromEndpoints:
        - matchLabels:
            app: api
        - matchLabels:
            app: importer
            io.cilium.k8s.policy.cluster: c001
";

/// Pods that each cluster has for itself, and lets the first cluster in.
const BATCH: &str = "\
apiVersion: v1
kind: Namespace
metadata:
  name: batch
---
apiVersion: apps/v1
kind: Deployment
metadata:
  name: worker
  namespace: batch
spec:
  selector:
    matchLabels:
      app: worker-OWN
  template:
    metadata:
      labels:
        app: worker-OWN
    spec:
      containers:
        - name: worker
          image: registry.example.org/worker:1
---
apiVersion: cilium.io/v2
kind: CiliumNetworkPolicy
metadata:
  name: worker
  namespace: batch
spec:
  endpointSelector:
    matchLabels:
      app: worker-OWN
  ingress:
    - fromEndpoints:
        - matchLabels:
            app: worker-c001
            io.cilium.k8s.policy.cluster: c001
";

pub const NETWORK: &str = "\
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
