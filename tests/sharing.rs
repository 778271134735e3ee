//! The rules on what clusters share, on a whole repository: correct, with one fault planted, and with something that
//! cannot be known.
#![allow(missing_docs, clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod common;

use common::fleet::{self, Files};
use meshlint::engine::{self, RunOptions};
use meshlint::source::SourceMap;

const INFRA: &str = "clusters/infra/cilium.yaml";
const APPS: &str = "clusters/apps/cilium.yaml";
const API: &str = "clusters/infra/shop/api.yaml";
const CLIENT: &str = "clusters/apps/shop/workloads.yaml";

fn correct() -> Files {
    fleet::read("shared-services")
}

/// `level rule path: the line`, one for each finding.
fn found(files: &Files) -> Vec<String> {
    let sources = SourceMap::from_memory(files.clone());
    let findings = engine::check(&sources, &RunOptions::default()).outcome.findings;
    findings
        .iter()
        .map(|one| {
            let span = one.finding.primary().span;
            let file = sources.file(span.file);
            let line = file.line_column(span.start).line - 1;
            let text = file.text().unwrap().lines().nth(line).unwrap().trim();
            format!("{} {} {}: {text}", one.severity, one.rule.name, file.path())
        })
        .collect()
}

#[test]
fn clusters_that_share_correctly_are_silent() {
    assert_eq!(found(&correct()), Vec::<String>::new());
}

#[test]
fn a_planted_fault_is_named_where_it_was_planted_and_nothing_else_is() {
    let cases: &[(&str, &str, &str, &str)] = &[
        (
            API,
            "name: http",
            "name: web",
            "error global-service-port-mismatch clusters/infra/shop/api.yaml: - name: web",
        ),
        (
            API,
            "shared: \"true\"",
            "shared: \"false\"",
            "warning global-service-without-backends clusters/apps/shop/api.yaml: service.cilium.io/shared: \"false\"",
        ),
        (
            API,
            "app: api",
            "app: apo",
            "warning global-service-without-backends clusters/infra/shop/api.yaml: selector:",
        ),
        (
            APPS,
            "Synchronization: true",
            "Synchronization: false",
            "error headless-global-service clusters/apps/cilium.yaml: enableEndpointSliceSynchronization: false",
        ),
        (
            APPS,
            "      enableEndpointSliceSynchronization: true\n",
            "",
            "error headless-global-service clusters/apps/cilium.yaml: clustermesh:",
        ),
        (
            "clusters/apps/shop/namespace.yaml",
            "\"true\"",
            "\"false\"",
            "error namespace-not-global clusters/apps/shop/namespace.yaml: clustermesh.cilium.io/global: \"false\"",
        ),
        (
            API,
            "service.cilium.io/global",
            "io.cilium/global-service",
            "info deprecated-annotation clusters/infra/shop/api.yaml: io.cilium/global-service: \"true\"",
        ),
        (
            "clusters/apps/shop/ingress.yaml",
            "\"true\"",
            "\"false\"",
            "warning ingress-bypasses-global-service clusters/apps/shop/ingress.yaml: name: api",
        ),
        (
            APPS,
            "kubeProxyReplacement: true",
            "kubeProxyReplacement: false",
            "warning global-service-host-access clusters/apps/shop/api.yaml: type: NodePort",
        ),
        (
            CLIENT,
            "api.shop.svc",
            "apis.shop.svc",
            "warning unresolvable-service-name clusters/apps/shop/workloads.yaml: value: http://apis.shop.svc.cluster.local:80",
        ),
        (
            INFRA,
            "mcsapi:\n        enabled: true",
            "mcsapi:\n        enabled: false",
            "error mcs-export-conflict clusters/infra/cilium.yaml: enabled: false",
        ),
        (
            "clusters/infra/shop/search.yaml",
            "port: 80",
            "port: 8080",
            "error mcs-export-conflict clusters/infra/shop/search.yaml: port: 8080",
        ),
        (
            "clusters/infra/shop/policy.yaml",
            "cluster: apps",
            "cluster: app",
            "error policy-unknown-cluster clusters/infra/shop/policy.yaml: io.cilium.k8s.policy.cluster: app",
        ),
        (
            APPS,
            "policyDefaultLocalCluster: true",
            "policyDefaultLocalCluster: false",
            "warning policy-default-mismatch clusters/apps/cilium.yaml: policyDefaultLocalCluster: false",
        ),
        (
            "clusters/infra/shop/policy.yaml",
            "            io.cilium.k8s.policy.cluster: apps\n",
            "",
            "warning policy-needs-cluster-label clusters/infra/shop/policy.yaml: app: web",
        ),
    ];
    for (path, from, to, wanted) in cases {
        let mut files = correct();
        fleet::replace(&mut files, path, from, to);
        assert_eq!(found(&files), [*wanted], "`{from}` became `{to}` in {path}");
    }
}

/// A chart released into the namespace: it may make pods and Services.
const CHART: &str = "apiVersion: source.toolkit.fluxcd.io/v1
kind: HelmRepository
metadata:
  name: shop
  namespace: shop
spec:
  interval: 1h
  url: https://charts.example.org
---
apiVersion: helm.toolkit.fluxcd.io/v2
kind: HelmRelease
metadata:
  name: shop
  namespace: shop
spec:
  interval: 1h
  chart:
    spec:
      chart: shop
      version: 1.0.0
      sourceRef:
        kind: HelmRepository
        name: shop
";

/// An order to an operator, which may make pods and Services too.
const ORDER: &str = "apiVersion: db.example.org/v1
kind: Database
metadata:
  name: db
  namespace: shop
";

#[test]
fn what_a_chart_or_an_operator_may_have_made_is_not_missing() {
    let cases = [
        (API, "app: api", "app: apo"),
        (CLIENT, "api.shop.svc", "apis.shop.svc"),
        (
            "clusters/infra/shop/search.yaml",
            "kind: ServiceExport\nmetadata:\n  name: search",
            "kind: ServiceExport\nmetadata:\n  name: find",
        ),
        (
            "clusters/infra/shop/policy.yaml",
            "            io.cilium.k8s.policy.cluster: apps\n",
            "",
        ),
    ];
    for (path, from, to) in cases {
        for hidden in [CHART, ORDER] {
            let mut files = correct();
            fleet::replace(&mut files, path, from, to);
            assert_eq!(found(&files).len(), 1, "{path}: {:?}", found(&files));
            for cluster in ["infra", "apps"] {
                files.insert(format!("clusters/{cluster}/shop/more.yaml"), hidden.to_owned());
            }
            assert_eq!(found(&files), Vec::<String>::new(), "{path}: `{to}`");
        }
    }
}

#[test]
fn values_that_nobody_can_see_may_say_anything() {
    let cases = [
        ("Synchronization: true", "Synchronization: false"),
        ("kubeProxyReplacement: true", "kubeProxyReplacement: false"),
        (
            "mcsapi:\n        enabled: true",
            "mcsapi:\n        enabled: false",
        ),
        (
            "policyDefaultLocalCluster: true",
            "policyDefaultLocalCluster: false",
        ),
    ];
    for (from, to) in cases {
        let mut files = correct();
        fleet::replace(&mut files, APPS, from, to);
        assert_eq!(found(&files).len(), 1, "{to}");
        // A value at a path of its own comes from a Secret and has the last word, but at the top, where `values` wins.
        let path = to.split(':').next().unwrap();
        let path = match path {
            "Synchronization" => "clustermesh.enableEndpointSliceSynchronization",
            "mcsapi" => "clustermesh.mcsapi.enabled",
            "policyDefaultLocalCluster" => "clustermesh.policyDefaultLocalCluster",
            other => other,
        };
        let from_secret = format!(
            "  valuesFrom:\n    - kind: Secret\n      name: hidden\n      valuesKey: value\n      targetPath: {path}\n  values:\n"
        );
        fleet::replace(&mut files, APPS, "  values:\n", &from_secret);
        let still = usize::from(!path.contains('.'));
        assert_eq!(found(&files).len(), still, "{path}");
    }
}

#[test]
fn one_file_for_two_clusters_is_one_finding() {
    let mut files = correct();
    for cluster in ["infra", "apps"] {
        files.remove(&format!("clusters/{cluster}/shop/ingress.yaml"));
        files.insert(
            format!("clusters/{cluster}/front.yaml"),
            "apiVersion: kustomize.toolkit.fluxcd.io/v1\nkind: Kustomization\nmetadata:\n  name: front\n  \
             namespace: flux-system\nspec:\n  interval: 1h\n  path: ./front\n  prune: true\n  sourceRef:\n    \
             kind: GitRepository\n    name: flux-system\n"
                .to_owned(),
        );
    }
    let mut ingress = correct().remove("clusters/apps/shop/ingress.yaml").unwrap();
    ingress = ingress.replace(
        "name: api\n                port",
        "name: queue\n                port",
    );
    ingress = ingress.replace("service-upstream: \"true\"", "service-upstream: \"false\"");
    files.insert("front/ingress.yaml".to_owned(), ingress);
    for cluster in [INFRA, APPS] {
        fleet::replace(
            &mut files,
            cluster,
            "Synchronization: true",
            "Synchronization: false",
        );
    }
    let sources = SourceMap::from_memory(files);
    let findings = engine::check(&sources, &RunOptions::default()).outcome.findings;
    let ingress: Vec<_> = findings
        .iter()
        .filter(|one| one.rule.name == "ingress-bypasses-global-service")
        .collect();
    assert_eq!(ingress.len(), 1);
    assert_eq!(ingress[0].finding.clusters, ["apps", "infra"]);
}

/// A global Service that only one cluster has does not give the others a name.
#[test]
fn a_name_that_only_the_other_cluster_has_is_told_of() {
    let mut files = correct();
    let instance = "apiVersion: v1
kind: Service
metadata:
  name: dragonfly-global
  namespace: dragonfly-system
  annotations:
    service.cilium.io/global: \"true\"
spec:
  selector:
    app: dragonfly
  ports:
    - name: redis
      port: 6379
---
apiVersion: dragonflydb.io/v1alpha1
kind: Dragonfly
metadata:
  name: dragonfly
  namespace: dragonfly-system
spec:
  replicas: 2
---
apiVersion: v1
kind: Namespace
metadata:
  name: dragonfly-system
  annotations:
    clustermesh.cilium.io/global: \"true\"
";
    files.insert("clusters/infra/dragonfly.yaml".to_owned(), instance.to_owned());
    let address = "redis://dragonfly.dragonfly-system.svc.cluster.local:6379";
    for cluster in ["infra", "apps"] {
        let settings = format!(
            "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: cache\n  namespace: shop\ndata:\n  ADDRESS: {address}\n"
        );
        files.insert(format!("clusters/{cluster}/shop/cache.yaml"), settings);
    }
    // In `infra` the operator makes the Service behind the name.
    assert_eq!(
        found(&files),
        [
            format!("warning unresolvable-service-name clusters/apps/shop/cache.yaml: ADDRESS: {address}"),
            "warning global-service-not-mirrored clusters/infra/dragonfly.yaml: service.cilium.io/global: \"true\""
                .to_owned(),
        ]
    );
}
