//! The facts of Kubernetes 1.21.2's OpenAPI that decide how a strategic merge goes, as kustomize v5.8.1 embeds it
//! (kyaml v0.21.1, `openapi/kubernetesapi/v1_21_2` and `openapi/kustomizationapi`).
//!
//! Derived by a program that loads those schemas through kyaml, follows the properties of every definition that has a
//! group, version and kind, and keeps the lists whose `x-kubernetes-patch-strategy` names `merge` with their
//! `x-kubernetes-list-map-keys`, else their `x-kubernetes-patch-merge-key`, and whatever leads to such lists. kyaml
//! looks at nothing else: `x-kubernetes-list-type`, `x-kubernetes-map-type` and `retainKeys` change nothing.
//! Equal types are written once. New versions of kustomize need this file only when the default schema version moves.

use crate::kustomize::schema::{Field, Type};

const fn map(of: &'static Type) -> Field {
    Field::Map(of)
}

const fn list(keys: &'static [&'static str]) -> Field {
    Field::List { keys, element: None }
}

const fn list_of(keys: &'static [&'static str], element: &'static Type) -> Field {
    Field::List {
        keys,
        element: Some(element),
    }
}

static OBJECT_META: Type = Type {
    fields: &[("finalizers", list(&[])), ("ownerReferences", list(&["uid"]))],
};

static WEBHOOK_CONFIGURATION: Type = Type {
    fields: &[("metadata", map(&OBJECT_META)), ("webhooks", list(&["name"]))],
};

static WITH_METADATA: Type = Type {
    fields: &[("metadata", map(&OBJECT_META))],
};

static CONTAINER: Type = Type {
    fields: &[
        ("env", list(&["name"])),
        ("ports", list(&["containerPort", "protocol"])),
        ("volumeDevices", list(&["devicePath"])),
        ("volumeMounts", list(&["mountPath"])),
    ],
};

static EPHEMERAL_CONTAINER: Type = Type {
    fields: &[
        ("env", list(&["name"])),
        ("volumeDevices", list(&["devicePath"])),
        ("volumeMounts", list(&["mountPath"])),
    ],
};

static EPHEMERAL_VOLUME_SOURCE: Type = Type {
    fields: &[("volumeClaimTemplate", map(&WITH_METADATA))],
};

static VOLUME: Type = Type {
    fields: &[("ephemeral", map(&EPHEMERAL_VOLUME_SOURCE))],
};

static POD_SPEC: Type = Type {
    fields: &[
        ("containers", list_of(&["name"], &CONTAINER)),
        ("ephemeralContainers", list_of(&["name"], &EPHEMERAL_CONTAINER)),
        ("hostAliases", list(&["ip"])),
        ("imagePullSecrets", list(&["name"])),
        ("initContainers", list_of(&["name"], &CONTAINER)),
        (
            "topologySpreadConstraints",
            list(&["topologyKey", "whenUnsatisfiable"]),
        ),
        ("volumes", list_of(&["name"], &VOLUME)),
    ],
};

static POD_TEMPLATE_SPEC: Type = Type {
    fields: &[("metadata", map(&OBJECT_META)), ("spec", map(&POD_SPEC))],
};

static WITH_POD_TEMPLATE: Type = Type {
    fields: &[("template", map(&POD_TEMPLATE_SPEC))],
};

static WITH_CONDITIONS: Type = Type {
    fields: &[("conditions", list(&["type"]))],
};

static WORKLOAD: Type = Type {
    fields: &[
        ("metadata", map(&OBJECT_META)),
        ("spec", map(&WITH_POD_TEMPLATE)),
        ("status", map(&WITH_CONDITIONS)),
    ],
};

static KUSTOMIZATION: Type = Type {
    fields: &[
        ("configMapGenerator", list(&["name"])),
        ("secretGenerator", list(&["name"])),
    ],
};

static JOB_TEMPLATE_SPEC: Type = Type {
    fields: &[("metadata", map(&OBJECT_META)), ("spec", map(&WITH_POD_TEMPLATE))],
};

static CRON_JOB_SPEC: Type = Type {
    fields: &[("jobTemplate", map(&JOB_TEMPLATE_SPEC))],
};

static CRON_JOB: Type = Type {
    fields: &[("metadata", map(&OBJECT_META)), ("spec", map(&CRON_JOB_SPEC))],
};

static COMPONENT_STATUS: Type = Type {
    fields: &[("conditions", list(&["type"])), ("metadata", map(&OBJECT_META))],
};

static NAMESPACE: Type = Type {
    fields: &[("metadata", map(&OBJECT_META)), ("status", map(&WITH_CONDITIONS))],
};

static NODE_SPEC: Type = Type {
    fields: &[("podCIDRs", list(&[]))],
};

static NODE_STATUS: Type = Type {
    fields: &[("addresses", list(&["type"])), ("conditions", list(&["type"]))],
};

static NODE: Type = Type {
    fields: &[
        ("metadata", map(&OBJECT_META)),
        ("spec", map(&NODE_SPEC)),
        ("status", map(&NODE_STATUS)),
    ],
};

static POD_STATUS: Type = Type {
    fields: &[("conditions", list(&["type"])), ("podIPs", list(&["ip"]))],
};

static POD: Type = Type {
    fields: &[
        ("metadata", map(&OBJECT_META)),
        ("spec", map(&POD_SPEC)),
        ("status", map(&POD_STATUS)),
    ],
};

static POD_TEMPLATE: Type = Type {
    fields: &[
        ("metadata", map(&OBJECT_META)),
        ("template", map(&POD_TEMPLATE_SPEC)),
    ],
};

static SERVICE_SPEC: Type = Type {
    fields: &[("ports", list(&["port", "protocol"]))],
};

static SERVICE: Type = Type {
    fields: &[
        ("metadata", map(&OBJECT_META)),
        ("spec", map(&SERVICE_SPEC)),
        ("status", map(&WITH_CONDITIONS)),
    ],
};

static SERVICE_ACCOUNT: Type = Type {
    fields: &[("metadata", map(&OBJECT_META)), ("secrets", list(&["name"]))],
};

static CSI_NODE_SPEC: Type = Type {
    fields: &[("drivers", list(&["name"]))],
};

static CSI_NODE: Type = Type {
    fields: &[("metadata", map(&OBJECT_META)), ("spec", map(&CSI_NODE_SPEC))],
};

/// Every kind that holds a list which merges, with its type, in byte order of `apiVersion` and kind.
pub(super) static KINDS: &[(&str, &str, &Type)] = &[
    (
        "admissionregistration.k8s.io/v1",
        "MutatingWebhookConfiguration",
        &WEBHOOK_CONFIGURATION,
    ),
    (
        "admissionregistration.k8s.io/v1",
        "ValidatingWebhookConfiguration",
        &WEBHOOK_CONFIGURATION,
    ),
    (
        "admissionregistration.k8s.io/v1beta1",
        "MutatingWebhookConfiguration",
        &WEBHOOK_CONFIGURATION,
    ),
    (
        "admissionregistration.k8s.io/v1beta1",
        "ValidatingWebhookConfiguration",
        &WEBHOOK_CONFIGURATION,
    ),
    (
        "apiextensions.k8s.io/v1",
        "CustomResourceDefinition",
        &WITH_METADATA,
    ),
    (
        "apiextensions.k8s.io/v1beta1",
        "CustomResourceDefinition",
        &WITH_METADATA,
    ),
    ("apiregistration.k8s.io/v1", "APIService", &NAMESPACE),
    ("apiregistration.k8s.io/v1beta1", "APIService", &NAMESPACE),
    ("apps/v1", "ControllerRevision", &WITH_METADATA),
    ("apps/v1", "DaemonSet", &WORKLOAD),
    ("apps/v1", "Deployment", &WORKLOAD),
    ("apps/v1", "ReplicaSet", &WORKLOAD),
    ("apps/v1", "StatefulSet", &WORKLOAD),
    ("authentication.k8s.io/v1", "TokenRequest", &WITH_METADATA),
    ("authentication.k8s.io/v1", "TokenReview", &WITH_METADATA),
    ("authentication.k8s.io/v1beta1", "TokenReview", &WITH_METADATA),
    (
        "authorization.k8s.io/v1",
        "LocalSubjectAccessReview",
        &WITH_METADATA,
    ),
    (
        "authorization.k8s.io/v1",
        "SelfSubjectAccessReview",
        &WITH_METADATA,
    ),
    (
        "authorization.k8s.io/v1",
        "SelfSubjectRulesReview",
        &WITH_METADATA,
    ),
    ("authorization.k8s.io/v1", "SubjectAccessReview", &WITH_METADATA),
    (
        "authorization.k8s.io/v1beta1",
        "LocalSubjectAccessReview",
        &WITH_METADATA,
    ),
    (
        "authorization.k8s.io/v1beta1",
        "SelfSubjectAccessReview",
        &WITH_METADATA,
    ),
    (
        "authorization.k8s.io/v1beta1",
        "SelfSubjectRulesReview",
        &WITH_METADATA,
    ),
    (
        "authorization.k8s.io/v1beta1",
        "SubjectAccessReview",
        &WITH_METADATA,
    ),
    ("autoscaling/v1", "HorizontalPodAutoscaler", &WITH_METADATA),
    ("autoscaling/v1", "Scale", &WITH_METADATA),
    ("autoscaling/v2beta1", "HorizontalPodAutoscaler", &WITH_METADATA),
    ("autoscaling/v2beta2", "HorizontalPodAutoscaler", &WITH_METADATA),
    ("batch/v1", "CronJob", &CRON_JOB),
    ("batch/v1", "Job", &WORKLOAD),
    ("batch/v1beta1", "CronJob", &CRON_JOB),
    (
        "certificates.k8s.io/v1",
        "CertificateSigningRequest",
        &WITH_METADATA,
    ),
    (
        "certificates.k8s.io/v1beta1",
        "CertificateSigningRequest",
        &WITH_METADATA,
    ),
    ("coordination.k8s.io/v1", "Lease", &WITH_METADATA),
    ("coordination.k8s.io/v1beta1", "Lease", &WITH_METADATA),
    ("discovery.k8s.io/v1", "EndpointSlice", &WITH_METADATA),
    ("discovery.k8s.io/v1beta1", "EndpointSlice", &WITH_METADATA),
    ("events.k8s.io/v1", "Event", &WITH_METADATA),
    ("events.k8s.io/v1beta1", "Event", &WITH_METADATA),
    ("extensions/v1beta1", "Ingress", &WITH_METADATA),
    (
        "flowcontrol.apiserver.k8s.io/v1beta1",
        "FlowSchema",
        &WITH_METADATA,
    ),
    (
        "flowcontrol.apiserver.k8s.io/v1beta1",
        "PriorityLevelConfiguration",
        &WITH_METADATA,
    ),
    ("kustomize.config.k8s.io/v1beta1", "Kustomization", &KUSTOMIZATION),
    ("networking.k8s.io/v1", "Ingress", &WITH_METADATA),
    ("networking.k8s.io/v1", "IngressClass", &WITH_METADATA),
    ("networking.k8s.io/v1", "NetworkPolicy", &WITH_METADATA),
    ("networking.k8s.io/v1beta1", "Ingress", &WITH_METADATA),
    ("networking.k8s.io/v1beta1", "IngressClass", &WITH_METADATA),
    ("node.k8s.io/v1", "RuntimeClass", &WITH_METADATA),
    ("node.k8s.io/v1beta1", "RuntimeClass", &WITH_METADATA),
    ("policy/v1", "PodDisruptionBudget", &NAMESPACE),
    ("policy/v1beta1", "Eviction", &WITH_METADATA),
    ("policy/v1beta1", "PodDisruptionBudget", &NAMESPACE),
    ("policy/v1beta1", "PodSecurityPolicy", &WITH_METADATA),
    ("rbac.authorization.k8s.io/v1", "ClusterRole", &WITH_METADATA),
    (
        "rbac.authorization.k8s.io/v1",
        "ClusterRoleBinding",
        &WITH_METADATA,
    ),
    ("rbac.authorization.k8s.io/v1", "Role", &WITH_METADATA),
    ("rbac.authorization.k8s.io/v1", "RoleBinding", &WITH_METADATA),
    ("rbac.authorization.k8s.io/v1beta1", "ClusterRole", &WITH_METADATA),
    (
        "rbac.authorization.k8s.io/v1beta1",
        "ClusterRoleBinding",
        &WITH_METADATA,
    ),
    ("rbac.authorization.k8s.io/v1beta1", "Role", &WITH_METADATA),
    ("rbac.authorization.k8s.io/v1beta1", "RoleBinding", &WITH_METADATA),
    ("scheduling.k8s.io/v1", "PriorityClass", &WITH_METADATA),
    ("scheduling.k8s.io/v1beta1", "PriorityClass", &WITH_METADATA),
    ("storage.k8s.io/v1", "CSIDriver", &WITH_METADATA),
    ("storage.k8s.io/v1", "CSINode", &CSI_NODE),
    ("storage.k8s.io/v1", "StorageClass", &WITH_METADATA),
    ("storage.k8s.io/v1", "VolumeAttachment", &WITH_METADATA),
    ("storage.k8s.io/v1beta1", "CSIDriver", &WITH_METADATA),
    ("storage.k8s.io/v1beta1", "CSINode", &CSI_NODE),
    ("storage.k8s.io/v1beta1", "CSIStorageCapacity", &WITH_METADATA),
    ("storage.k8s.io/v1beta1", "StorageClass", &WITH_METADATA),
    ("storage.k8s.io/v1beta1", "VolumeAttachment", &WITH_METADATA),
    ("v1", "Binding", &WITH_METADATA),
    ("v1", "ComponentStatus", &COMPONENT_STATUS),
    ("v1", "ConfigMap", &WITH_METADATA),
    ("v1", "Endpoints", &WITH_METADATA),
    ("v1", "Event", &WITH_METADATA),
    ("v1", "LimitRange", &WITH_METADATA),
    ("v1", "Namespace", &NAMESPACE),
    ("v1", "Node", &NODE),
    ("v1", "PersistentVolume", &WITH_METADATA),
    ("v1", "PersistentVolumeClaim", &NAMESPACE),
    ("v1", "Pod", &POD),
    ("v1", "PodTemplate", &POD_TEMPLATE),
    ("v1", "ReplicationController", &WORKLOAD),
    ("v1", "ResourceQuota", &WITH_METADATA),
    ("v1", "Secret", &WITH_METADATA),
    ("v1", "Service", &SERVICE),
    ("v1", "ServiceAccount", &SERVICE_ACCOUNT),
];

/// Definitions without a kind of their own that custom schemas refer to, in byte order of their names.
pub(super) static DEFINITIONS: &[(&str, &Type)] = &[
    ("io.k8s.api.apps.v1.DaemonSetSpec", &WITH_POD_TEMPLATE),
    ("io.k8s.api.apps.v1.DaemonSetStatus", &WITH_CONDITIONS),
    ("io.k8s.api.apps.v1.DeploymentSpec", &WITH_POD_TEMPLATE),
    ("io.k8s.api.apps.v1.DeploymentStatus", &WITH_CONDITIONS),
    ("io.k8s.api.apps.v1.ReplicaSetSpec", &WITH_POD_TEMPLATE),
    ("io.k8s.api.apps.v1.ReplicaSetStatus", &WITH_CONDITIONS),
    ("io.k8s.api.apps.v1.StatefulSetSpec", &WITH_POD_TEMPLATE),
    ("io.k8s.api.apps.v1.StatefulSetStatus", &WITH_CONDITIONS),
    ("io.k8s.api.batch.v1.CronJobSpec", &CRON_JOB_SPEC),
    ("io.k8s.api.batch.v1.JobSpec", &WITH_POD_TEMPLATE),
    ("io.k8s.api.batch.v1.JobStatus", &WITH_CONDITIONS),
    ("io.k8s.api.batch.v1.JobTemplateSpec", &JOB_TEMPLATE_SPEC),
    ("io.k8s.api.batch.v1beta1.CronJobSpec", &CRON_JOB_SPEC),
    ("io.k8s.api.batch.v1beta1.JobTemplateSpec", &JOB_TEMPLATE_SPEC),
    ("io.k8s.api.core.v1.Container", &CONTAINER),
    ("io.k8s.api.core.v1.EphemeralContainer", &EPHEMERAL_CONTAINER),
    (
        "io.k8s.api.core.v1.EphemeralVolumeSource",
        &EPHEMERAL_VOLUME_SOURCE,
    ),
    ("io.k8s.api.core.v1.NamespaceStatus", &WITH_CONDITIONS),
    ("io.k8s.api.core.v1.NodeSpec", &NODE_SPEC),
    ("io.k8s.api.core.v1.NodeStatus", &NODE_STATUS),
    ("io.k8s.api.core.v1.PersistentVolumeClaimStatus", &WITH_CONDITIONS),
    ("io.k8s.api.core.v1.PersistentVolumeClaimTemplate", &WITH_METADATA),
    ("io.k8s.api.core.v1.PodSpec", &POD_SPEC),
    ("io.k8s.api.core.v1.PodStatus", &POD_STATUS),
    ("io.k8s.api.core.v1.PodTemplateSpec", &POD_TEMPLATE_SPEC),
    ("io.k8s.api.core.v1.ReplicationControllerSpec", &WITH_POD_TEMPLATE),
    ("io.k8s.api.core.v1.ReplicationControllerStatus", &WITH_CONDITIONS),
    ("io.k8s.api.core.v1.ServiceSpec", &SERVICE_SPEC),
    ("io.k8s.api.core.v1.ServiceStatus", &WITH_CONDITIONS),
    ("io.k8s.api.core.v1.Volume", &VOLUME),
    ("io.k8s.api.policy.v1.PodDisruptionBudgetStatus", &WITH_CONDITIONS),
    (
        "io.k8s.api.policy.v1beta1.PodDisruptionBudgetStatus",
        &WITH_CONDITIONS,
    ),
    ("io.k8s.api.storage.v1.CSINodeSpec", &CSI_NODE_SPEC),
    ("io.k8s.api.storage.v1beta1.CSINodeSpec", &CSI_NODE_SPEC),
    ("io.k8s.apimachinery.pkg.apis.meta.v1.ObjectMeta", &OBJECT_META),
];
