//! API versions that another replaced, each with the release that its fate was read from.

/// One API version of one or all kinds of a group.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Replaced {
    api_version: &'static str,
    /// Empty for every kind.
    kinds: &'static [&'static str],
    pub(super) deprecated: &'static str,
    /// The release that does not serve it any more.
    pub(super) removed: Option<&'static str>,
    pub(super) replacement: &'static str,
    /// What else to mind, behind the replacement.
    pub(super) note: &'static str,
}

impl Replaced {
    /// Whether Kubernetes itself serves it.
    pub(super) fn is_kubernetes(&self) -> bool {
        self.removed
            .is_some_and(|release| release.starts_with("Kubernetes"))
    }
}

/// The row of an API version and kind.
pub(super) fn replaced(api_version: &str, kind: &str) -> Option<&'static Replaced> {
    TABLE
        .iter()
        .find(|row| row.api_version == api_version && (row.kinds.is_empty() || row.kinds.contains(&kind)))
}

const fn row(
    api_version: &'static str,
    kinds: &'static [&'static str],
    deprecated: &'static str,
    removed: Option<&'static str>,
    replacement: &'static str,
) -> Replaced {
    Replaced {
        api_version,
        kinds,
        deprecated,
        removed,
        replacement,
        note: "",
    }
}

const FIELDS_DIFFER: &str = ", whose fields differ";
const ONLY_V1: &str = "; nothing but `apiVersion` changes";

/// Kubernetes: the releases of the deprecated API migration guide, written down from memory and not yet compared with it
/// row by row; so are the releases in which Flux deprecated a version. Flux's removals: the changelog of kustomize-controller 1.7.0 and 1.8.0, and the API
/// modules source-controller 1.9.5 and helm-controller 1.6.4, which mark these versions as left out of the definitions.
static TABLE: &[Replaced] = &[
    Replaced {
        note: FIELDS_DIFFER,
        ..row(
            "extensions/v1beta1",
            &["Ingress"],
            "Kubernetes 1.14",
            Some("Kubernetes 1.22"),
            "networking.k8s.io/v1",
        )
    },
    row(
        "extensions/v1beta1",
        &["Deployment", "DaemonSet", "ReplicaSet"],
        "Kubernetes 1.8",
        Some("Kubernetes 1.16"),
        "apps/v1",
    ),
    row(
        "extensions/v1beta1",
        &["NetworkPolicy"],
        "Kubernetes 1.9",
        Some("Kubernetes 1.16"),
        "networking.k8s.io/v1",
    ),
    row(
        "apps/v1beta1",
        &[],
        "Kubernetes 1.9",
        Some("Kubernetes 1.16"),
        "apps/v1",
    ),
    row(
        "apps/v1beta2",
        &[],
        "Kubernetes 1.9",
        Some("Kubernetes 1.16"),
        "apps/v1",
    ),
    Replaced {
        note: FIELDS_DIFFER,
        ..row(
            "networking.k8s.io/v1beta1",
            &["Ingress"],
            "Kubernetes 1.19",
            Some("Kubernetes 1.22"),
            "networking.k8s.io/v1",
        )
    },
    row(
        "networking.k8s.io/v1beta1",
        &["IngressClass"],
        "Kubernetes 1.19",
        Some("Kubernetes 1.22"),
        "networking.k8s.io/v1",
    ),
    row(
        "rbac.authorization.k8s.io/v1beta1",
        &[],
        "Kubernetes 1.17",
        Some("Kubernetes 1.22"),
        "rbac.authorization.k8s.io/v1",
    ),
    Replaced {
        note: FIELDS_DIFFER,
        ..row(
            "apiextensions.k8s.io/v1beta1",
            &["CustomResourceDefinition"],
            "Kubernetes 1.16",
            Some("Kubernetes 1.22"),
            "apiextensions.k8s.io/v1",
        )
    },
    Replaced {
        note: FIELDS_DIFFER,
        ..row(
            "admissionregistration.k8s.io/v1beta1",
            &["MutatingWebhookConfiguration", "ValidatingWebhookConfiguration"],
            "Kubernetes 1.16",
            Some("Kubernetes 1.22"),
            "admissionregistration.k8s.io/v1",
        )
    },
    row(
        "scheduling.k8s.io/v1beta1",
        &["PriorityClass"],
        "Kubernetes 1.14",
        Some("Kubernetes 1.22"),
        "scheduling.k8s.io/v1",
    ),
    row(
        "storage.k8s.io/v1beta1",
        &["StorageClass", "CSIDriver", "CSINode", "VolumeAttachment"],
        "Kubernetes 1.19",
        Some("Kubernetes 1.22"),
        "storage.k8s.io/v1",
    ),
    row(
        "batch/v1beta1",
        &["CronJob"],
        "Kubernetes 1.21",
        Some("Kubernetes 1.25"),
        "batch/v1",
    ),
    row(
        "policy/v1beta1",
        &["PodDisruptionBudget"],
        "Kubernetes 1.21",
        Some("Kubernetes 1.25"),
        "policy/v1",
    ),
    Replaced {
        note: FIELDS_DIFFER,
        ..row(
            "autoscaling/v2beta1",
            &["HorizontalPodAutoscaler"],
            "Kubernetes 1.22",
            Some("Kubernetes 1.25"),
            "autoscaling/v2",
        )
    },
    row(
        "autoscaling/v2beta2",
        &["HorizontalPodAutoscaler"],
        "Kubernetes 1.23",
        Some("Kubernetes 1.26"),
        "autoscaling/v2",
    ),
    row(
        "kustomize.toolkit.fluxcd.io/v1beta1",
        &[],
        "Flux 2.0",
        Some("Flux 2.7"),
        "kustomize.toolkit.fluxcd.io/v1",
    ),
    row(
        "kustomize.toolkit.fluxcd.io/v1beta2",
        &[],
        "Flux 2.0",
        Some("Flux 2.8"),
        "kustomize.toolkit.fluxcd.io/v1",
    ),
    row(
        "helm.toolkit.fluxcd.io/v2beta1",
        &[],
        "Flux 2.3",
        Some("Flux 2.7"),
        "helm.toolkit.fluxcd.io/v2",
    ),
    row(
        "helm.toolkit.fluxcd.io/v2beta2",
        &[],
        "Flux 2.3",
        Some("Flux 2.8"),
        "helm.toolkit.fluxcd.io/v2",
    ),
    row(
        "source.toolkit.fluxcd.io/v1beta1",
        &[],
        "Flux 2.3",
        Some("Flux 2.7"),
        "source.toolkit.fluxcd.io/v1",
    ),
    row(
        "source.toolkit.fluxcd.io/v1beta2",
        &[],
        "Flux 2.6",
        Some("Flux 2.8"),
        "source.toolkit.fluxcd.io/v1",
    ),
    Replaced {
        note: ONLY_V1,
        ..row(
            "external-secrets.io/v1beta1",
            &[
                "ExternalSecret",
                "SecretStore",
                "ClusterSecretStore",
                "ClusterExternalSecret",
            ],
            "external-secrets 0.16",
            Some("external-secrets 0.17"),
            "external-secrets.io/v1",
        )
    },
    Replaced {
        note: " once the cluster runs Cilium 1.19",
        ..row(
            "cilium.io/v2alpha1",
            &["CiliumLoadBalancerIPPool"],
            "Cilium 1.19",
            None,
            "cilium.io/v2",
        )
    },
];
