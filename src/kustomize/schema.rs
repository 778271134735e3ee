//! What kustomize's embedded schema knows of kinds.

/// Whether the kind is cluster-scoped, where known.
pub(crate) fn is_cluster_scoped(api_version: &str, kind: &str) -> Option<bool> {
    let (group, version) = super::resource_id::split_api_version(api_version);
    CLUSTER_SCOPED
        .iter()
        .any(|&(g, versions, k)| k == kind && g == group && versions.contains(&version))
        .then_some(true)
}

/// The cluster-scoped kinds of kyaml's precomputed table: group, versions, kind.
const CLUSTER_SCOPED: &[(&str, &[&str], &str)] = &[
    ("", &["v1"], "ComponentStatus"),
    ("", &["v1"], "Namespace"),
    ("", &["v1"], "Node"),
    ("", &["v1"], "NodeProxyOptions"),
    ("", &["v1"], "PersistentVolume"),
    (
        "admissionregistration.k8s.io",
        &["v1", "v1beta1"],
        "MutatingWebhookConfiguration",
    ),
    (
        "admissionregistration.k8s.io",
        &["v1", "v1beta1"],
        "ValidatingWebhookConfiguration",
    ),
    (
        "apiextensions.k8s.io",
        &["v1", "v1beta1"],
        "CustomResourceDefinition",
    ),
    ("apiregistration.k8s.io", &["v1", "v1beta1"], "APIService"),
    (
        "certificates.k8s.io",
        &["v1", "v1beta1"],
        "CertificateSigningRequest",
    ),
    ("flowcontrol.apiserver.k8s.io", &["v1beta1"], "FlowSchema"),
    (
        "flowcontrol.apiserver.k8s.io",
        &["v1beta1"],
        "PriorityLevelConfiguration",
    ),
    ("networking.k8s.io", &["v1", "v1beta1"], "IngressClass"),
    ("node.k8s.io", &["v1", "v1beta1"], "RuntimeClass"),
    ("policy", &["v1beta1"], "PodSecurityPolicy"),
    ("rbac.authorization.k8s.io", &["v1", "v1beta1"], "ClusterRole"),
    (
        "rbac.authorization.k8s.io",
        &["v1", "v1beta1"],
        "ClusterRoleBinding",
    ),
    ("scheduling.k8s.io", &["v1", "v1beta1"], "PriorityClass"),
    ("storage.k8s.io", &["v1", "v1beta1"], "CSIDriver"),
    ("storage.k8s.io", &["v1", "v1beta1"], "CSINode"),
    ("storage.k8s.io", &["v1", "v1beta1"], "StorageClass"),
    ("storage.k8s.io", &["v1", "v1beta1"], "VolumeAttachment"),
];
