//! Which charts bring which custom resources: the groups of the definitions that well-known charts install.

/// Names of charts, as in `spec.chart.spec.chart` or at the end of the address of an OCI chart, with the groups that come
/// with them unless the values switch the definitions off. Sorted.
///
/// Taken from where each project keeps the definitions; the groups were read from their content for cloudnative-pg, dragonfly, tuppr,
/// volsync and external-secrets, and from the names of the files for the others: cert-manager `deploy/crds`, cloudnative-pg/charts (all in it),
/// dragonfly-operator `charts/dragonfly-operator/templates/crds.yaml`, external-secrets 0.20.4 `config/crds/bases`, Envoy Gateway
/// `charts/gateway-helm/crds`, grafana-operator `deploy/helm/grafana-operator`, Istio `manifests/charts/base` (whose chart has no
/// longer name), kedacore/charts `keda/templates/crds`, kyverno `config/crds`, metallb `charts/metallb/charts/crds`, rook
/// `deploy/charts/rook-ceph/templates/resources.yaml`, sealed-secrets `helm/sealed-secrets/crds`, piraeus
/// `charts/snapshot-controller/templates/crds.yaml`, strimzi-kafka-operator `packaging/helm-charts`, tuppr and volsync
/// `config/crd/bases`, VictoriaMetrics/helm-charts `charts/victoria-metrics-operator`. Cilium's operator registers its own.
static CHARTS: &[(&str, &[&str])] = &[
    (
        "base",
        &["networking.istio.io", "security.istio.io", "telemetry.istio.io"],
    ),
    ("cert-manager", &["cert-manager.io", "acme.cert-manager.io"]),
    ("cilium", &["cilium.io"]),
    ("cloudnative-pg", &["postgresql.cnpg.io"]),
    ("dragonfly-operator", &["dragonflydb.io"]),
    (
        "external-secrets",
        &["external-secrets.io", "generators.external-secrets.io"],
    ),
    ("gateway-helm", &["gateway.envoyproxy.io"]),
    ("grafana-operator", &["grafana.integreatly.org"]),
    ("keda", &["keda.sh"]),
    ("kyverno", &["kyverno.io", "policies.kyverno.io"]),
    ("metallb", &["metallb.io"]),
    ("plugin-barman-cloud", &["barmancloud.cnpg.io"]),
    ("rook-ceph", &["ceph.rook.io"]),
    ("sealed-secrets", &["bitnami.com"]),
    ("snapshot-controller", &["snapshot.storage.k8s.io"]),
    ("strimzi-kafka-operator", &["kafka.strimzi.io"]),
    ("tuppr", &["tuppr.home-operations.com"]),
    ("victoria-metrics-operator", &["operator.victoriametrics.com"]),
    ("volsync", &["volsync.backube"]),
];

/// The groups that a chart of that name brings.
pub(crate) fn groups_of(chart: &str) -> &'static [&'static str] {
    let found = CHARTS.iter().find(|(name, _)| *name == chart);
    found.map_or(&[], |(_, groups)| groups)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn charts_are_sorted_and_each_group_comes_with_one_of_them() {
        assert!(CHARTS.is_sorted_by(|a, b| a.0 < b.0));
        let mut groups: Vec<_> = CHARTS.iter().flat_map(|(_, groups)| groups.iter()).collect();
        groups.sort();
        assert!(groups.is_sorted_by(|a, b| a < b));
    }
}
