use crate::finding::{Finding, Severity};
use crate::fleet::Delivery;
use crate::flux::{Kustomization, is_left_out};
use crate::kustomize::Object;
use crate::rules::{Category, Context, Rule};

/// Namespaced objects without a namespace.
pub(crate) static RULE: Rule = Rule {
    name: "unset-namespace",
    category: Category::Flux,
    severity: Severity::Error,
    pedantic: false,
    since: "0.1.0",
    page: include_str!("../../../rules/flux/unset-namespace.md"),
    check,
};

fn message(first: &Object, count: usize, owner: &Kustomization) -> String {
    let (others, has) = match count {
        1 => (String::new(), "has"),
        2 => (" and another object".to_owned(), "have"),
        more => (format!(" and {} other objects", more - 1), "have"),
    };
    format!(
        "{} `{}`{others} of Kustomization `{}` {has} no namespace",
        first.kind(),
        first.name(),
        owner.full_name()
    )
}

const LABEL: &str = "namespace not specified";

fn help(owner: &Kustomization) -> String {
    format!(
        "add `metadata.namespace`, or set `targetNamespace` of Kustomization `{}`",
        owner.full_name()
    )
}

fn check(context: &Context<'_>, findings: &mut Vec<Finding>) {
    for cluster in &context.index.clusters {
        // Argo CD puts objects into the namespace of its Application.
        if cluster.cluster.delivery != Delivery::Flux {
            continue;
        }
        for (at, owner) in cluster.cluster.kustomizations.iter().enumerate() {
            if !cluster.delivers_here(at) || !is_applied(owner) {
                continue;
            }
            let lacking: Vec<&Object> = owner
                .objects
                .iter()
                .map(AsRef::as_ref)
                .filter(|object| lacks_namespace(object))
                .collect();
            let finding = |all: &[&Object]| {
                let first = all.first()?;
                let message = message(first, all.len(), owner);
                let finding = Finding::new(message, first.name_span(), LABEL)
                    .help(help(owner))
                    .clusters([cluster.cluster.name.as_str()])
                    .object(first.reference())
                    .route("metadata.namespace");
                Some(finding)
            };
            let members = lacking.chunks(1).filter_map(finding);
            findings.extend(finding(&lacking).map(|all| all.members(members)));
        }
    }
}

/// Whether Flux comes as far as applying the objects. Where nothing in the repository says how an entry point is
/// delivered, it may be somebody with kubectl, who has a namespace of their own.
fn is_applied(owner: &Kustomization) -> bool {
    let names_source = owner.spec().is_some_and(|spec| spec.get("sourceRef").is_some());
    let failed = owner.build.as_ref().is_none_or(|build| build.failed());
    names_source && !failed && !owner.suspended
}

fn lacks_namespace(object: &Object) -> bool {
    let unset = object
        .node
        .at(&["metadata", "namespace"])
        .is_none_or(|node| !node.origin().is_unknown() && (node.is_null() || node.as_text() == Some("")));
    unset && is_namespaced(object) && !is_left_out(object)
}

/// Whether every version of the kind lies in namespaces. Of kinds that are not known here nobody can tell.
fn is_namespaced(object: &Object) -> bool {
    let kind = object.kind();
    match object.group() {
        "" => matches!(
            kind,
            "ConfigMap"
                | "Secret"
                | "Service"
                | "ServiceAccount"
                | "PersistentVolumeClaim"
                | "Pod"
                | "LimitRange"
                | "ResourceQuota"
                | "Endpoints"
        ),
        "apps" => matches!(kind, "Deployment" | "DaemonSet" | "StatefulSet" | "ReplicaSet"),
        "batch" => matches!(kind, "Job" | "CronJob"),
        "policy" => kind == "PodDisruptionBudget",
        "autoscaling" => kind == "HorizontalPodAutoscaler",
        "networking.k8s.io" => matches!(kind, "Ingress" | "NetworkPolicy"),
        "rbac.authorization.k8s.io" => matches!(kind, "Role" | "RoleBinding"),
        "gateway.networking.k8s.io" => {
            matches!(
                kind,
                "Gateway" | "HTTPRoute" | "GRPCRoute" | "TLSRoute" | "TCPRoute"
            )
        }
        "external-secrets.io" => matches!(kind, "ExternalSecret" | "SecretStore"),
        "cilium.io" => kind == "CiliumNetworkPolicy",
        "fluxcd.controlplane.io" => true,
        group => group.ends_with(".toolkit.fluxcd.io"),
    }
}
