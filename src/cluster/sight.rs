//! Where everything that lies in a namespace can be seen.

use crate::cluster::{ClusterIndex, GroupKind};
use crate::kustomize::Object;

const POD: GroupKind<'static> = GroupKind::new("", "Pod");
const SERVICE: GroupKind<'static> = GroupKind::new("", "Service");

/// Namespaces into which Kubernetes, bootstrap and charts released elsewhere put things unasked.
pub(crate) const SYSTEM: [&str; 5] = [
    "default",
    "flux-system",
    "kube-system",
    "kube-public",
    "kube-node-lease",
];

/// API groups whose objects make neither pods nor Services that are not named after what they state. Objects of any
/// other group may be orders to an operator.
const PLAIN: [&str; 25] = [
    "",
    "admissionregistration.k8s.io",
    "apiextensions.k8s.io",
    "apiregistration.k8s.io",
    "apps",
    "autoscaling",
    "batch",
    "bitnami.com",
    "cert-manager.io",
    "cilium.io",
    "coordination.k8s.io",
    "discovery.k8s.io",
    "external-secrets.io",
    "flowcontrol.apiserver.k8s.io",
    "metallb.io",
    "multicluster.x-k8s.io",
    "networking.k8s.io",
    "node.k8s.io",
    "policy",
    "policy.networking.k8s.io",
    "rbac.authorization.k8s.io",
    "resource.k8s.io",
    "scheduling.k8s.io",
    "snapshot.storage.k8s.io",
    "storage.k8s.io",
];

/// Monitors and rules are read by a Prometheus, which is in another namespace as a rule and makes nothing of them.
const READ_ONLY: [&str; 5] = [
    "PodMonitor",
    "Probe",
    "PrometheusRule",
    "ScrapeConfig",
    "ServiceMonitor",
];

/// Whether every pod and Service of the namespace is in the repository: no chart, no operator, nothing remote.
pub(crate) fn is_whole(index: &ClusterIndex<'_>, namespace: &str) -> bool {
    !SYSTEM.contains(&namespace)
        && index.sees_all(POD, Some(namespace))
        && index.sees_all(SERVICE, Some(namespace))
        && index
            .cluster
            .objects()
            .all(|(_, object)| object.namespace().is_some_and(|own| own != namespace) || is_plain(object))
}

/// Whether nothing makes pods or Services out of the object but what Kubernetes itself does.
pub(crate) fn is_plain(object: &Object) -> bool {
    let group = object.group();
    PLAIN.contains(&group)
        || group.ends_with(".toolkit.fluxcd.io")
        || (group == "gateway.networking.k8s.io" && object.kind() != "Gateway")
        || (group == "monitoring.coreos.com" && READ_ONLY.contains(&object.kind()))
}
