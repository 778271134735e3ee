use super::support::fields::{at, changed, is_replaced_or_left_alone};
use crate::change::{FieldChange, Hidden, Value};
use crate::finding::{Finding, Severity};
use crate::kustomize::Object;
use crate::rules::words::full_name;
use crate::rules::{Category, Context, Rule};

/// A field changes that Kubernetes never changes in an object that is there.
pub(crate) static RULE: Rule = Rule {
    name: "immutable-field-changed",
    category: Category::Change,
    severity: Severity::Error,
    pedantic: false,
    since: "0.1.0",
    page: include_str!("../../../rules/change/immutable-field-changed.md"),
    check,
};

fn message(object: &Object, field: &str) -> String {
    let (kind, name) = (object.kind(), full_name(object));
    format!("`{field}` of {kind} `{name}` cannot be changed: the field is immutable")
}

const LABEL: &str = "it was something else";
const HELP: &str = "give the new object another name, or let Flux replace this one by the annotation \
    `kustomize.toolkit.fluxcd.io/force: enabled`, which deletes it first";

fn check(context: &Context<'_>, findings: &mut Vec<Finding>) {
    for (cluster, change) in changed(context) {
        if is_replaced_or_left_alone(change) {
            continue;
        }
        let object = change.after.object;
        let told = change
            .fields
            .iter()
            .find(|field| is_immutable(change.before.object, field));
        if let Some(field) = told {
            let finding = at(message(object, &field.path), change, field, LABEL);
            findings.push(finding.help(HELP).clusters([cluster.name()]));
        }
    }
}

/// A field that never changes.
struct Fixed {
    group: &'static str,
    kind: &'static str,
    /// The beginning of its path.
    path: &'static str,
    /// What it is where nobody states it; `None` where the API server fills in what nobody can know.
    default: Option<&'static str>,
}

const fn fixed(group: &'static str, kind: &'static str, path: &'static str) -> Fixed {
    Fixed {
        group,
        kind,
        path,
        default: Some(""),
    }
}

/// Kubernetes' `pkg/apis/*/validation`: what `ValidateImmutableField` and their kin guard.
const FIXED: [Fixed; 26] = [
    fixed("apps", "Deployment", "spec.selector"),
    fixed("apps", "DaemonSet", "spec.selector"),
    fixed("apps", "ReplicaSet", "spec.selector"),
    fixed("apps", "StatefulSet", "spec.selector"),
    fixed("apps", "StatefulSet", "spec.serviceName"),
    Fixed {
        default: Some("OrderedReady"),
        ..fixed("apps", "StatefulSet", "spec.podManagementPolicy")
    },
    fixed("apps", "StatefulSet", "spec.volumeClaimTemplates[]"),
    fixed("apps", "StatefulSet", "spec.volumeClaimTemplates[].metadata.name"),
    fixed(
        "apps",
        "StatefulSet",
        "spec.volumeClaimTemplates[].spec.accessModes",
    ),
    fixed(
        "apps",
        "StatefulSet",
        "spec.volumeClaimTemplates[].spec.resources.requests",
    ),
    Fixed {
        default: None,
        ..fixed(
            "apps",
            "StatefulSet",
            "spec.volumeClaimTemplates[].spec.storageClassName",
        )
    },
    fixed("batch", "Job", "spec.template"),
    Fixed {
        default: None,
        ..fixed("batch", "Job", "spec.selector")
    },
    Fixed {
        default: Some("NonIndexed"),
        ..fixed("batch", "Job", "spec.completionMode")
    },
    Fixed {
        default: None,
        ..fixed("", "Service", "spec.clusterIP")
    },
    Fixed {
        default: None,
        ..fixed("", "PersistentVolumeClaim", "spec.storageClassName")
    },
    Fixed {
        default: None,
        ..fixed("", "PersistentVolumeClaim", "spec.volumeName")
    },
    fixed("", "PersistentVolumeClaim", "spec.accessModes"),
    fixed("", "PersistentVolumeClaim", "spec.selector"),
    Fixed {
        default: Some("Filesystem"),
        ..fixed("", "PersistentVolumeClaim", "spec.volumeMode")
    },
    fixed("storage.k8s.io", "StorageClass", "provisioner"),
    fixed("storage.k8s.io", "StorageClass", "parameters"),
    Fixed {
        default: Some("Delete"),
        ..fixed("storage.k8s.io", "StorageClass", "reclaimPolicy")
    },
    Fixed {
        default: Some("Immediate"),
        ..fixed("storage.k8s.io", "StorageClass", "volumeBindingMode")
    },
    fixed("rbac.authorization.k8s.io", "RoleBinding", "roleRef"),
    fixed("rbac.authorization.k8s.io", "ClusterRoleBinding", "roleRef"),
];

fn is_immutable(object: &Object, field: &FieldChange) -> bool {
    // What is not known may be the same.
    if field.hidden() == Some(Hidden::Unknown) {
        return false;
    }
    let path = without_elements(&field.path);
    let of_kind = FIXED
        .iter()
        .filter(|fixed| fixed.group == object.group() && fixed.kind == object.kind());
    of_kind
        .into_iter()
        .any(|fixed| is_at(fixed, &path) && differs(fixed, field))
        || is_sealed(object)
            && ["data", "stringData", "binaryData"]
                .iter()
                .any(|part| is_below(&path, part))
}

/// `spec.ports[name=http].port` as `spec.ports[].port`.
fn without_elements(path: &str) -> String {
    let mut plain = String::new();
    let mut depth = 0_usize;
    for c in path.chars() {
        match c {
            '[' => {
                depth += 1;
                plain.push('[');
            }
            ']' => {
                depth = depth.saturating_sub(1);
                plain.push(']');
            }
            c if depth == 0 => plain.push(c),
            _ => {}
        }
    }
    plain
}

fn is_at(fixed: &Fixed, path: &str) -> bool {
    // An element that comes or goes, but not what is filled in within it.
    if fixed.path.ends_with("[]") {
        return path == fixed.path || Some(path) == fixed.path.strip_suffix("[]");
    }
    is_below(path, fixed.path)
}

fn is_below(path: &str, part: &str) -> bool {
    path.strip_prefix(part)
        .is_some_and(|rest| rest.is_empty() || rest.starts_with(['.', '[']))
}

/// Whether the field has another value for the API server too.
fn differs(fixed: &Fixed, field: &FieldChange) -> bool {
    let is_default = |value: &Value| match value {
        Value::Shown(node) => node.as_text() == fixed.default.filter(|text| !text.is_empty()),
        Value::Absent | Value::Hidden(_) => false,
    };
    match (&field.before, &field.after, fixed.default) {
        (Value::Absent, _, None) | (_, Value::Absent, None) => false,
        (Value::Absent, other, Some(_)) | (other, Value::Absent, Some(_)) => !is_default(other),
        _ => true,
    }
}

/// Whether a ConfigMap or a Secret says that it never changes.
fn is_sealed(object: &Object) -> bool {
    object.group().is_empty()
        && ["ConfigMap", "Secret"].contains(&object.kind())
        && object.node.text_at(&["immutable"]) == Some("true")
}
