//! Which charts bring which custom resources: the groups of the definitions that well-known charts install.

/// Names of charts, as in `spec.chart.spec.chart` or at the end of the address of an OCI chart, with the groups that come
/// with them unless the values switch the definitions off.
static CHARTS: &[(&str, &[&str])] = &[
    ("cert-manager", &["cert-manager.io", "acme.cert-manager.io"]),
    ("cilium", &["cilium.io"]),
    ("cloudnative-pg", &["postgresql.cnpg.io"]),
    ("dragonfly-operator", &["dragonflydb.io"]),
    ("envoy-gateway", &["gateway.envoyproxy.io"]),
    ("external-secrets", &["external-secrets.io"]),
    ("gateway-helm", &["gateway.envoyproxy.io"]),
    ("grafana-operator", &["grafana.integreatly.org"]),
    (
        "istio-base",
        &["networking.istio.io", "security.istio.io", "telemetry.istio.io"],
    ),
    ("keda", &["keda.sh"]),
    ("kyverno", &["kyverno.io"]),
    ("metallb", &["metallb.io"]),
    ("rook-ceph", &["ceph.rook.io"]),
    ("sealed-secrets", &["bitnami.com"]),
    ("snapshot-controller", &["snapshot.storage.k8s.io"]),
    ("strimzi-kafka-operator", &["kafka.strimzi.io"]),
    ("tuppr", &["tuppr.home-operations.com"]),
    ("victoria-metrics-operator", &["operator.victoriametrics.com"]),
    ("volsync", &["volsync.backube"]),
];

/// The groups that a chart of that name brings.
pub(super) fn groups_of(chart: &str) -> &'static [&'static str] {
    let found = CHARTS.iter().find(|(name, _)| *name == chart);
    found.map_or(&[], |(_, groups)| groups)
}
