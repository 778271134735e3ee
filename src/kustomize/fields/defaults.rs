//! The field specifications that kustomize v5.8.1 has built in (api `internal/konfig/builtinpluginconsts`), as a table:
//! most of them are the same path below the pod template of each workload kind.

use std::borrow::Cow;

use super::fieldspec::{FieldSpec, FieldSpecs};
use super::transformer_config::{NameReference, TransformerConfig};

/// The default configuration, unsorted.
pub(super) fn transformer_config() -> TransformerConfig {
    let one = |spec| FieldSpecs(vec![spec]);
    TransformerConfig {
        name_prefix: one(FieldSpec::any("metadata/name", false)),
        name_suffix: one(FieldSpec::any("metadata/name", false)),
        namespace: FieldSpecs(vec![
            FieldSpec::of("", "", "Namespace", "metadata/name", true),
            FieldSpec::of(
                "apiregistration.k8s.io",
                "",
                "APIService",
                "spec/service/namespace",
                true,
            ),
            FieldSpec::of(
                "apiextensions.k8s.io",
                "",
                "CustomResourceDefinition",
                "spec/conversion/webhook/clientConfig/service/namespace",
                false,
            ),
        ]),
        common_labels: FieldSpecs(selectors().chain(metadata_labels()).collect()),
        labels: FieldSpecs::default(),
        template_labels: FieldSpecs(metadata_labels().collect()),
        common_annotations: FieldSpecs(metadata_annotations().collect()),
        name_reference: name_references(),
        var_reference: FieldSpecs(var_references()),
        images: FieldSpecs(
            [
                "spec/containers[]/image",
                "spec/initContainers[]/image",
                "spec/volumes[]/image/reference",
                "spec/template/spec/containers[]/image",
                "spec/template/spec/initContainers[]/image",
                "spec/template/spec/volumes[]/image/reference",
            ]
            .map(|path| FieldSpec::any(path, true))
            .into(),
        ),
        replicas: FieldSpecs(
            ["Deployment", "ReplicationController", "ReplicaSet", "StatefulSet"]
                .map(|kind| FieldSpec::of("", "", kind, "spec/replicas", true))
                .into(),
        ),
    }
}

/// Where the labels and annotations of each kind's metadata and templates stand: group, version, kind, path to `metadata`.
const METADATA: [(&str, &str, &str, &str); 9] = [
    ("", "", "", "metadata"),
    ("", "v1", "ReplicationController", "spec/template/metadata"),
    ("", "", "Deployment", "spec/template/metadata"),
    ("", "", "ReplicaSet", "spec/template/metadata"),
    ("", "", "DaemonSet", "spec/template/metadata"),
    ("", "", "StatefulSet", "spec/template/metadata"),
    ("batch", "", "Job", "spec/template/metadata"),
    ("batch", "", "CronJob", "spec/jobTemplate/metadata"),
    ("batch", "", "CronJob", "spec/jobTemplate/spec/template/metadata"),
];

fn metadata_annotations() -> impl Iterator<Item = FieldSpec> {
    METADATA.iter().map(|&(group, version, kind, path)| FieldSpec {
        path: Cow::Owned(format!("{path}/annotations")),
        ..FieldSpec::of(group, version, kind, "", true)
    })
}

fn metadata_labels() -> impl Iterator<Item = FieldSpec> {
    let claims = FieldSpec::of(
        "apps",
        "",
        "StatefulSet",
        "spec/volumeClaimTemplates[]/metadata/labels",
        true,
    );
    let labels = METADATA.iter().map(|&(group, version, kind, path)| FieldSpec {
        path: Cow::Owned(format!("{path}/labels")),
        // For labels the StatefulSet is bound to its group, for annotations it is not.
        ..FieldSpec::of(
            if kind == "StatefulSet" { "apps" } else { group },
            version,
            kind,
            "",
            true,
        )
    });
    labels.chain([claims])
}

/// Label selectors inside the pod template of Deployments and StatefulSets.
const POD_SELECTORS: [&str; 5] = [
    "affinity/podAffinity/preferredDuringSchedulingIgnoredDuringExecution/podAffinityTerm/labelSelector/matchLabels",
    "affinity/podAffinity/requiredDuringSchedulingIgnoredDuringExecution/labelSelector/matchLabels",
    "affinity/podAntiAffinity/preferredDuringSchedulingIgnoredDuringExecution/podAffinityTerm/labelSelector/matchLabels",
    "affinity/podAntiAffinity/requiredDuringSchedulingIgnoredDuringExecution/labelSelector/matchLabels",
    "topologySpreadConstraints/labelSelector/matchLabels",
];

fn selectors() -> impl Iterator<Item = FieldSpec> {
    let own = [
        FieldSpec::of("", "v1", "Service", "spec/selector", true),
        FieldSpec::of("", "v1", "ReplicationController", "spec/selector", true),
        FieldSpec::of("", "", "Deployment", "spec/selector/matchLabels", true),
        FieldSpec::of("", "", "ReplicaSet", "spec/selector/matchLabels", true),
        FieldSpec::of("", "", "DaemonSet", "spec/selector/matchLabels", true),
        FieldSpec::of("apps", "", "StatefulSet", "spec/selector/matchLabels", true),
        FieldSpec::of("batch", "", "Job", "spec/selector/matchLabels", false),
        FieldSpec::of(
            "batch",
            "",
            "CronJob",
            "spec/jobTemplate/spec/selector/matchLabels",
            false,
        ),
        FieldSpec::of(
            "policy",
            "",
            "PodDisruptionBudget",
            "spec/selector/matchLabels",
            false,
        ),
        FieldSpec::of(
            "networking.k8s.io",
            "",
            "NetworkPolicy",
            "spec/podSelector/matchLabels",
            false,
        ),
        FieldSpec::of(
            "networking.k8s.io",
            "",
            "NetworkPolicy",
            "spec/ingress/from/podSelector/matchLabels",
            false,
        ),
        FieldSpec::of(
            "networking.k8s.io",
            "",
            "NetworkPolicy",
            "spec/egress/to/podSelector/matchLabels",
            false,
        ),
    ];
    let inside = ["Deployment", "StatefulSet"].into_iter().flat_map(|kind| {
        POD_SELECTORS.iter().map(move |path| FieldSpec {
            path: Cow::Owned(format!("spec/template/spec/{path}")),
            ..FieldSpec::of("apps", "", kind, "", false)
        })
    });
    own.into_iter().chain(inside)
}

/// Kinds that hold a pod specification, and where: version, kind, path.
const PODS: [(&str, &str, &str); 8] = [
    ("v1", "Pod", "spec"),
    ("", "PodTemplate", "template/spec"),
    ("", "Deployment", "spec/template/spec"),
    ("", "ReplicaSet", "spec/template/spec"),
    ("", "DaemonSet", "spec/template/spec"),
    ("", "StatefulSet", "spec/template/spec"),
    ("", "Job", "spec/template/spec"),
    ("", "CronJob", "spec/jobTemplate/spec/template/spec"),
];

/// The same with other members, for references to ServiceAccounts, claims and priority classes.
const CONTROLLED_PODS: [(&str, &str, &str); 7] = [
    ("", "Pod", "spec"),
    ("", "StatefulSet", "spec/template/spec"),
    ("", "Deployment", "spec/template/spec"),
    ("", "ReplicationController", "spec/template/spec"),
    ("", "CronJob", "spec/jobTemplate/spec/template/spec"),
    ("", "Job", "spec/template/spec"),
    ("", "DaemonSet", "spec/template/spec"),
];

fn in_pods(pods: &[(&'static str, &'static str, &'static str)], fields: &[&str]) -> Vec<FieldSpec> {
    pods.iter()
        .flat_map(|&(version, kind, prefix)| {
            fields.iter().map(move |field| FieldSpec {
                path: Cow::Owned(format!("{prefix}/{field}")),
                ..FieldSpec::of("", version, kind, "", false)
            })
        })
        .collect()
}

const CONFIG_MAP_IN_PODS: [&str; 6] = [
    "volumes/configMap/name",
    "containers/env/valueFrom/configMapKeyRef/name",
    "initContainers/env/valueFrom/configMapKeyRef/name",
    "containers/envFrom/configMapRef/name",
    "initContainers/envFrom/configMapRef/name",
    "volumes/projected/sources/configMap/name",
];

const SECRET_IN_PODS: [&str; 7] = [
    "volumes/secret/secretName",
    "containers/env/valueFrom/secretKeyRef/name",
    "initContainers/env/valueFrom/secretKeyRef/name",
    "containers/envFrom/secretRef/name",
    "initContainers/envFrom/secretRef/name",
    "imagePullSecrets/name",
    "volumes/projected/sources/secret/name",
];

/// Fields that name another object: the kind named (group, version, kind), then group, version, kind and path of the field.
type Reference = ((&'static str, &'static str, &'static str), &'static [Field]);
type Field = (&'static str, &'static str, &'static str, &'static str);

const RBAC: &str = "rbac.authorization.k8s.io";
const ADMISSION: &str = "admissionregistration.k8s.io";
const SCALED: &[Field] = &[("", "", "HorizontalPodAutoscaler", "spec/scaleTargetRef/name")];

const REFERENCES: [Reference; 16] = [
    (("", "", "Deployment"), SCALED),
    (("", "", "ReplicationController"), SCALED),
    (("", "", "ReplicaSet"), SCALED),
    (("", "", "StatefulSet"), SCALED),
    (
        ("", "v1", "ConfigMap"),
        &[
            ("", "", "Node", "spec/configSource/configMap"),
            ("", "", "Role", "rules/resourceNames"),
            ("", "", "ClusterRole", "rules/resourceNames"),
            (
                "",
                "",
                "Ingress",
                r"metadata/annotations/nginx.ingress.kubernetes.io\/fastcgi-params-configmap",
            ),
        ],
    ),
    (
        ("", "v1", "Secret"),
        &[
            ("", "", "Ingress", "spec/tls/secretName"),
            (
                "",
                "",
                "Ingress",
                r"metadata/annotations/ingress.kubernetes.io\/auth-secret",
            ),
            (
                "",
                "",
                "Ingress",
                r"metadata/annotations/nginx.ingress.kubernetes.io\/auth-secret",
            ),
            (
                "",
                "",
                "Ingress",
                r"metadata/annotations/nginx.ingress.kubernetes.io\/auth-tls-secret",
            ),
            ("", "", "ServiceAccount", "imagePullSecrets/name"),
            ("", "", "StorageClass", "parameters/secretName"),
            ("", "", "StorageClass", "parameters/adminSecretName"),
            ("", "", "StorageClass", "parameters/userSecretName"),
            ("", "", "StorageClass", "parameters/secretRef"),
            ("", "", "Role", "rules/resourceNames"),
            ("", "", "ClusterRole", "rules/resourceNames"),
            (
                "serving.knative.dev",
                "v1",
                "Service",
                "spec/template/spec/containers/env/valueFrom/secretKeyRef/name",
            ),
            ("", "", "PersistentVolume", "spec/azureFile/secretName"),
        ],
    ),
    (
        ("", "v1", "Service"),
        &[
            ("apps", "", "StatefulSet", "spec/serviceName"),
            ("", "", "Ingress", "spec/rules/http/paths/backend/serviceName"),
            ("", "", "Ingress", "spec/backend/serviceName"),
            ("", "", "Ingress", "spec/rules/http/paths/backend/service/name"),
            ("", "", "Ingress", "spec/defaultBackend/service/name"),
            ("apiregistration.k8s.io", "", "APIService", "spec/service/name"),
            (
                ADMISSION,
                "",
                "ValidatingWebhookConfiguration",
                "webhooks/clientConfig/service",
            ),
            (
                ADMISSION,
                "",
                "MutatingWebhookConfiguration",
                "webhooks/clientConfig/service",
            ),
        ],
    ),
    ((RBAC, "", "Role"), &[(RBAC, "", "RoleBinding", "roleRef/name")]),
    (
        (RBAC, "", "ClusterRole"),
        &[
            (RBAC, "", "RoleBinding", "roleRef/name"),
            (RBAC, "", "ClusterRoleBinding", "roleRef/name"),
        ],
    ),
    (
        ("", "v1", "ServiceAccount"),
        &[
            (RBAC, "", "RoleBinding", "subjects"),
            (RBAC, "", "ClusterRoleBinding", "subjects"),
        ],
    ),
    (("", "v1", "PersistentVolumeClaim"), &[]),
    (
        ("", "v1", "PersistentVolume"),
        &[
            ("", "", "PersistentVolumeClaim", "spec/volumeName"),
            ("", "", "ClusterRole", "rules/resourceNames"),
        ],
    ),
    (
        ("storage.k8s.io", "v1", "StorageClass"),
        &[
            ("", "", "PersistentVolume", "spec/storageClassName"),
            ("", "", "PersistentVolumeClaim", "spec/storageClassName"),
            (
                "",
                "",
                "StatefulSet",
                "spec/volumeClaimTemplates/spec/storageClassName",
            ),
        ],
    ),
    (("scheduling.k8s.io", "v1", "PriorityClass"), &[]),
    // The group is a mistake of kustomize's (it holds the version), so this reference never matches.
    (
        ("networking.k8s.io/v1", "v1", "IngressClass"),
        &[("", "", "Ingress", "spec/ingressClassName")],
    ),
    (
        (ADMISSION, "", "ValidatingAdmissionPolicy"),
        &[(
            ADMISSION,
            "",
            "ValidatingAdmissionPolicyBinding",
            "spec/policyName",
        )],
    ),
];

fn name_references() -> Vec<NameReference> {
    let pod_fields = |kind: &str| match kind {
        "ConfigMap" => in_pods(&PODS, &CONFIG_MAP_IN_PODS),
        "Secret" => in_pods(&PODS, &SECRET_IN_PODS),
        "ServiceAccount" => in_pods(&CONTROLLED_PODS, &["serviceAccountName"]),
        "PersistentVolumeClaim" => in_pods(&CONTROLLED_PODS, &["volumes/persistentVolumeClaim/claimName"]),
        "PriorityClass" => in_pods(&CONTROLLED_PODS, &["priorityClassName"]),
        _ => Vec::new(),
    };
    REFERENCES
        .iter()
        .map(|&((group, version, kind), fields)| {
            let mut referrers = pod_fields(kind);
            referrers.extend(
                fields
                    .iter()
                    .map(|&(g, v, k, path)| FieldSpec::of(g, v, k, path, false)),
            );
            NameReference {
                group: Cow::Borrowed(group),
                version: Cow::Borrowed(version),
                kind: Cow::Borrowed(kind),
                referrers: FieldSpecs(referrers),
            }
        })
        .collect()
}

/// Fields of a container in which `$(VAR)` is replaced.
const VARS_IN_CONTAINERS: [&str; 8] = [
    "containers/args",
    "containers/command",
    "containers/env/value",
    "containers/volumeMounts/mountPath",
    "initContainers/args",
    "initContainers/command",
    "initContainers/env/value",
    "initContainers/volumeMounts/mountPath",
];

/// Kinds whose containers are looked through: kind, path to the pod specification, path to its volumes.
const VARS_IN_PODS: [(&str, &str, &str); 7] = [
    (
        "CronJob",
        "spec/jobTemplate/spec/template/spec",
        "spec/jobTemplate/spec/template/volumes",
    ),
    ("DaemonSet", "spec/template/spec", "spec/template/spec/volumes"),
    ("Deployment", "spec/template/spec", "spec/template/spec/volumes"),
    ("Job", "spec/template/spec", "spec/template/spec/volumes"),
    ("Pod", "spec", "spec/volumes"),
    ("ReplicaSet", "spec/template/spec", "spec/template/spec/volumes"),
    (
        "StatefulSet",
        "spec/template/spec",
        "spec/volumeClaimTemplates/spec",
    ),
];

const VARS_ELSEWHERE: [(&str, &str); 9] = [
    ("Deployment", "spec/template/metadata/annotations"),
    ("Ingress", "spec/rules/host"),
    ("Ingress", "spec/tls/hosts"),
    ("Ingress", "spec/tls/secretName"),
    ("Service", "spec/ports/port"),
    ("Service", "spec/ports/targetPort"),
    ("PersistentVolume", "spec/nfs/server"),
    ("", "metadata/labels"),
    ("", "metadata/annotations"),
];

fn var_references() -> Vec<FieldSpec> {
    let in_pods = VARS_IN_PODS.iter().flat_map(|&(kind, pod, volumes)| {
        let containers = VARS_IN_CONTAINERS
            .iter()
            .map(move |field| format!("{pod}/{field}"));
        containers
            .chain([format!("{volumes}/nfs/server")])
            .map(move |path| FieldSpec {
                path: Cow::Owned(path),
                ..FieldSpec::of("", "", kind, "", false)
            })
    });
    let elsewhere = VARS_ELSEWHERE
        .iter()
        .map(|&(kind, path)| FieldSpec::of("", "", kind, path, false));
    in_pods.chain(elsewhere).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_has_as_many_paths_as_kustomize() {
        let references = name_references();
        let paths: usize = references.iter().map(|one| one.referrers.0.len()).sum();
        // kustomize's own list names `spec/tls/secretName` of Ingress twice.
        assert_eq!((references.len(), paths), (16, 166));
        assert_eq!(var_references().len(), 72);
        assert_eq!((selectors().count(), metadata_labels().count()), (22, 10));
    }
}
