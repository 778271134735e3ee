//! Which API versions another replaced, and in which release. Facts only; each block says what they were read from.

use super::replaced::{Replaced, noted, row};

const FIELDS_DIFFER: &str = ", whose fields differ";
const ONLY_VERSION: &str = "; nothing but `apiVersion` changes";
const BGP: &str = ", where CiliumBGPClusterConfig, CiliumBGPPeerConfig and CiliumBGPAdvertisement take the place of this kind";
const PSP: &str = "remove it, and set `pod-security.kubernetes.io/enforce` on the namespaces";

const FLOWCONTROL: &[&str] = &["FlowSchema", "PriorityLevelConfiguration"];
const HPA: &[&str] = &["HorizontalPodAutoscaler"];
const WEBHOOKS: &[&str] = &["MutatingWebhookConfiguration", "ValidatingWebhookConfiguration"];
const ADMISSION_POLICIES: &[&str] = &["ValidatingAdmissionPolicy", "ValidatingAdmissionPolicyBinding"];
const BGP_KINDS: &[&str] = &[
    "CiliumBGPAdvertisement",
    "CiliumBGPClusterConfig",
    "CiliumBGPNodeConfigOverride",
    "CiliumBGPPeerConfig",
];
const STORES: &[&str] = &[
    "ClusterExternalSecret",
    "ClusterSecretStore",
    "ExternalSecret",
    "SecretStore",
];

/// Sorted by API version, then kinds.
///
/// Kubernetes: the lifecycle functions beside the types, in k8s.io/api 0.36.0 (`zz_generated.prerelease-lifecycle.go`), 0.34.0
/// for `autoscaling` and 0.24.0 for PodSecurityPolicy, in apiextensions-apiserver 0.36.2 and kube-aggregator 0.30.0. Versions
/// that a supported release of Kubernetes cannot do without are left out.
///
/// Flux: `served` and `deprecated` in the definitions (`config/crd/bases`) of the controllers that Flux 2.0.0 to 2.9.0 ship.
///
/// Cilium: the same in `pkg/k8s/apis/cilium.io/client/crds` of Cilium 1.12.0 to 1.20.0.
///
/// external-secrets: the same in `config/crds/bases` of external-secrets 0.5.0 to 1.0.0.
#[rustfmt::skip]
pub(super) static TABLE: &[Replaced] = &[
    row("admissionregistration.k8s.io/v1alpha1", ADMISSION_POLICIES, "Kubernetes 1.29", Some("Kubernetes 1.32"), "admissionregistration.k8s.io/v1"),
    noted(row("admissionregistration.k8s.io/v1beta1", WEBHOOKS, "Kubernetes 1.16", Some("Kubernetes 1.22"), "admissionregistration.k8s.io/v1"), FIELDS_DIFFER),
    row("admissionregistration.k8s.io/v1beta1", ADMISSION_POLICIES, "Kubernetes 1.31", Some("Kubernetes 1.34"), "admissionregistration.k8s.io/v1"),
    noted(row("apiextensions.k8s.io/v1beta1", &["CustomResourceDefinition"], "Kubernetes 1.16", Some("Kubernetes 1.22"), "apiextensions.k8s.io/v1"), FIELDS_DIFFER),
    row("apiregistration.k8s.io/v1beta1", &["APIService"], "Kubernetes 1.19", Some("Kubernetes 1.22"), "apiregistration.k8s.io/v1"),
    row("apps/v1beta1", &[], "Kubernetes 1.8", Some("Kubernetes 1.16"), "apps/v1"),
    row("apps/v1beta2", &[], "Kubernetes 1.9", Some("Kubernetes 1.16"), "apps/v1"),
    noted(row("autoscaling/v2beta1", HPA, "Kubernetes 1.22", Some("Kubernetes 1.25"), "autoscaling/v2"), FIELDS_DIFFER),
    row("autoscaling/v2beta2", HPA, "Kubernetes 1.23", Some("Kubernetes 1.26"), "autoscaling/v2"),
    row("batch/v1beta1", &["CronJob"], "Kubernetes 1.21", Some("Kubernetes 1.25"), "batch/v1"),
    noted(row("certificates.k8s.io/v1beta1", &["CertificateSigningRequest"], "Kubernetes 1.19", Some("Kubernetes 1.22"), "certificates.k8s.io/v1"), FIELDS_DIFFER),
    row("cilium.io/v2alpha1", BGP_KINDS, "Cilium 1.18", None, "cilium.io/v2"),
    noted(row("cilium.io/v2alpha1", &["CiliumBGPPeeringPolicy"], "Cilium 1.18", Some("Cilium 1.19"), "cilium.io/v2"), BGP),
    row("cilium.io/v2alpha1", &["CiliumCIDRGroup"], "Cilium 1.18", None, "cilium.io/v2"),
    row("cilium.io/v2alpha1", &["CiliumLoadBalancerIPPool"], "Cilium 1.19", None, "cilium.io/v2"),
    row("cilium.io/v2alpha1", &["CiliumNodeConfig"], "Cilium 1.16", Some("Cilium 1.20"), "cilium.io/v2"),
    row("coordination.k8s.io/v1beta1", &["Lease"], "Kubernetes 1.19", Some("Kubernetes 1.22"), "coordination.k8s.io/v1"),
    noted(row("discovery.k8s.io/v1beta1", &["EndpointSlice"], "Kubernetes 1.21", Some("Kubernetes 1.25"), "discovery.k8s.io/v1"), FIELDS_DIFFER),
    noted(row("events.k8s.io/v1beta1", &["Event"], "Kubernetes 1.22", Some("Kubernetes 1.25"), "events.k8s.io/v1"), FIELDS_DIFFER),
    row("extensions/v1beta1", &["DaemonSet", "Deployment", "ReplicaSet"], "Kubernetes 1.8", Some("Kubernetes 1.16"), "apps/v1"),
    noted(row("extensions/v1beta1", &["Ingress"], "Kubernetes 1.14", Some("Kubernetes 1.22"), "networking.k8s.io/v1"), FIELDS_DIFFER),
    row("extensions/v1beta1", &["NetworkPolicy"], "Kubernetes 1.9", Some("Kubernetes 1.16"), "networking.k8s.io/v1"),
    noted(row("external-secrets.io/v1alpha1", &["ClusterSecretStore", "ExternalSecret", "SecretStore"], "external-secrets 0.5", Some("external-secrets 0.16"), "external-secrets.io/v1"), FIELDS_DIFFER),
    noted(row("external-secrets.io/v1beta1", STORES, "external-secrets 0.17", Some("external-secrets 0.17"), "external-secrets.io/v1"), ONLY_VERSION),
    row("flowcontrol.apiserver.k8s.io/v1beta1", FLOWCONTROL, "Kubernetes 1.23", Some("Kubernetes 1.26"), "flowcontrol.apiserver.k8s.io/v1"),
    row("flowcontrol.apiserver.k8s.io/v1beta2", FLOWCONTROL, "Kubernetes 1.26", Some("Kubernetes 1.29"), "flowcontrol.apiserver.k8s.io/v1"),
    row("flowcontrol.apiserver.k8s.io/v1beta3", FLOWCONTROL, "Kubernetes 1.29", Some("Kubernetes 1.32"), "flowcontrol.apiserver.k8s.io/v1"),
    row("helm.toolkit.fluxcd.io/v2beta1", &[], "Flux 2.2", Some("Flux 2.7"), "helm.toolkit.fluxcd.io/v2"),
    row("helm.toolkit.fluxcd.io/v2beta2", &[], "Flux 2.3", Some("Flux 2.8"), "helm.toolkit.fluxcd.io/v2"),
    row("image.toolkit.fluxcd.io/v1beta1", &["ImagePolicy", "ImageRepository"], "Flux 2.7", Some("Flux 2.7"), "image.toolkit.fluxcd.io/v1"),
    row("image.toolkit.fluxcd.io/v1beta1", &["ImageUpdateAutomation"], "Flux 2.3", Some("Flux 2.7"), "image.toolkit.fluxcd.io/v1"),
    row("image.toolkit.fluxcd.io/v1beta2", &[], "Flux 2.7", Some("Flux 2.9"), "image.toolkit.fluxcd.io/v1"),
    row("kustomize.toolkit.fluxcd.io/v1beta1", &[], "Flux 2.0", Some("Flux 2.7"), "kustomize.toolkit.fluxcd.io/v1"),
    row("kustomize.toolkit.fluxcd.io/v1beta2", &[], "Flux 2.0", Some("Flux 2.8"), "kustomize.toolkit.fluxcd.io/v1"),
    noted(row("networking.k8s.io/v1beta1", &["Ingress"], "Kubernetes 1.19", Some("Kubernetes 1.22"), "networking.k8s.io/v1"), FIELDS_DIFFER),
    row("networking.k8s.io/v1beta1", &["IngressClass"], "Kubernetes 1.19", Some("Kubernetes 1.22"), "networking.k8s.io/v1"),
    row("node.k8s.io/v1beta1", &["RuntimeClass"], "Kubernetes 1.22", Some("Kubernetes 1.25"), "node.k8s.io/v1"),
    row("notification.toolkit.fluxcd.io/v1beta1", &["Alert", "Provider"], "Flux 2.2", Some("Flux 2.7"), "notification.toolkit.fluxcd.io/v1beta3"),
    row("notification.toolkit.fluxcd.io/v1beta1", &["Receiver"], "Flux 2.0", Some("Flux 2.7"), "notification.toolkit.fluxcd.io/v1"),
    row("notification.toolkit.fluxcd.io/v1beta2", &["Alert", "Provider"], "Flux 2.2", Some("Flux 2.9"), "notification.toolkit.fluxcd.io/v1beta3"),
    row("notification.toolkit.fluxcd.io/v1beta2", &["Receiver"], "Flux 2.0", Some("Flux 2.9"), "notification.toolkit.fluxcd.io/v1"),
    row("policy/v1beta1", &["PodDisruptionBudget"], "Kubernetes 1.21", Some("Kubernetes 1.25"), "policy/v1"),
    noted(row("policy/v1beta1", &["PodSecurityPolicy"], "Kubernetes 1.21", Some("Kubernetes 1.25"), ""), PSP),
    row("rbac.authorization.k8s.io/v1beta1", &[], "Kubernetes 1.17", Some("Kubernetes 1.22"), "rbac.authorization.k8s.io/v1"),
    row("scheduling.k8s.io/v1beta1", &["PriorityClass"], "Kubernetes 1.14", Some("Kubernetes 1.22"), "scheduling.k8s.io/v1"),
    row("source.toolkit.fluxcd.io/v1beta1", &["Bucket", "HelmChart", "HelmRepository"], "Flux 2.3", Some("Flux 2.7"), "source.toolkit.fluxcd.io/v1"),
    row("source.toolkit.fluxcd.io/v1beta1", &["GitRepository"], "Flux 2.0", Some("Flux 2.7"), "source.toolkit.fluxcd.io/v1"),
    row("source.toolkit.fluxcd.io/v1beta2", &["Bucket"], "Flux 2.4", Some("Flux 2.8"), "source.toolkit.fluxcd.io/v1"),
    row("source.toolkit.fluxcd.io/v1beta2", &["GitRepository"], "Flux 2.0", Some("Flux 2.8"), "source.toolkit.fluxcd.io/v1"),
    row("source.toolkit.fluxcd.io/v1beta2", &["HelmChart", "HelmRepository"], "Flux 2.3", Some("Flux 2.8"), "source.toolkit.fluxcd.io/v1"),
    row("source.toolkit.fluxcd.io/v1beta2", &["OCIRepository"], "Flux 2.6", Some("Flux 2.8"), "source.toolkit.fluxcd.io/v1"),
    row("storage.k8s.io/v1alpha1", &["CSIStorageCapacity", "VolumeAttachment"], "Kubernetes 1.21", Some("Kubernetes 1.24"), "storage.k8s.io/v1"),
    row("storage.k8s.io/v1beta1", &["CSIDriver", "StorageClass", "VolumeAttachment"], "Kubernetes 1.19", Some("Kubernetes 1.22"), "storage.k8s.io/v1"),
    row("storage.k8s.io/v1beta1", &["CSINode"], "Kubernetes 1.17", Some("Kubernetes 1.22"), "storage.k8s.io/v1"),
    row("storage.k8s.io/v1beta1", &["CSIStorageCapacity"], "Kubernetes 1.24", Some("Kubernetes 1.27"), "storage.k8s.io/v1"),
];
