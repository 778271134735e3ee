use std::collections::BTreeMap;

use super::support::by_hand::{holds_word, is_mentioned};
use crate::cluster::{ClusterIndex, Existence, GroupKind};
use crate::finding::{Finding, Severity};
use crate::flux::known_text;
use crate::kustomize::Object;
use crate::rules::definitions::definitions;
use crate::rules::{Category, Context, Rule};
use crate::source::{SourceMap, Span};
use crate::text::suggest::nearest;
use crate::unknown::UnknownReason;
use crate::yaml::Node;

/// Objects in a namespace that nothing creates.
pub(crate) static RULE: Rule = Rule {
    name: "missing-namespace",
    category: Category::Flux,
    severity: Severity::Error,
    pedantic: false,
    since: "0.1.0",
    page: include_str!("../../../rules/flux/missing-namespace.md"),
    check,
};

const NAMESPACE: GroupKind<'static> = GroupKind::new("", "Namespace");

/// Namespaces that every cluster has.
const BORN: [&str; 4] = ["default", "kube-system", "kube-public", "kube-node-lease"];

fn message(used: &Used<'_>, count: usize, namespace: &str) -> String {
    let others = match count {
        1 => String::new(),
        2 => " and another object".to_owned(),
        more => format!(" and {} other objects", more - 1),
    };
    let verb = if count == 1 { "goes" } else { "go" };
    format!(
        "{} `{}`{others} {verb} to namespace `{namespace}`, which nothing creates",
        used.object.kind(),
        used.object.name()
    )
}

const LABEL: &str = "no Namespace of that name in this cluster";
const UNREACHED: &str = "defined here, but no build reaches this file";

fn help(namespace: &str, near: Option<&str>, unreached: Option<Span>) -> String {
    match (unreached, near) {
        (Some(_), _) => format!("list the file that defines Namespace `{namespace}` in a kustomization"),
        (None, Some(near)) => format!("did you mean `{near}`?"),
        (None, None) => format!("add a Namespace `{namespace}`, applied before what lies in it"),
    }
}

/// What lies in a namespace.
struct Used<'a> {
    object: &'a Object,
    place: Span,
}

fn check(context: &Context<'_>, findings: &mut Vec<Finding>) {
    for cluster in &context.index.clusters {
        // Who applies no Namespace at all leaves them to somebody else.
        if cluster.names(NAMESPACE, None).next().is_none() {
            continue;
        }
        for (namespace, used) in used_namespaces(cluster) {
            if !is_missing(context, cluster, namespace) {
                continue;
            }
            let unreached = definitions(context.sources, NAMESPACE.kind, namespace)
                .into_iter()
                .next();
            let near = nearest(namespace, cluster.names(NAMESPACE, None));
            let finding = |all: &[Used<'_>]| {
                let first = all.first()?;
                let message = message(first, all.len(), namespace);
                let finding = Finding::new(message, first.place, LABEL)
                    .help(help(namespace, near, unreached))
                    .clusters([cluster.cluster.name.as_str()])
                    .object(first.object.reference())
                    .route("metadata.namespace");
                Some(match unreached {
                    Some(span) => finding.label(span, UNREACHED),
                    None => finding,
                })
            };
            let members = used.chunks(1).filter_map(finding);
            findings.extend(finding(&used).map(|all| all.members(members)));
        }
    }
}

/// The namespaces that objects are in, each with these objects.
fn used_namespaces<'a>(cluster: &ClusterIndex<'a>) -> BTreeMap<&'a str, Vec<Used<'a>>> {
    let mut all: BTreeMap<&str, Vec<Used<'_>>> = BTreeMap::new();
    for (owner, object) in cluster.cluster.objects() {
        let suspended = cluster
            .cluster
            .kustomizations
            .get(owner)
            .is_none_or(|one| one.suspended);
        let Some(node) = object.node.at(&["metadata", "namespace"]) else {
            continue;
        };
        if suspended || !cluster.delivers_here(owner) || !is_namespaced(object) {
            continue;
        }
        let Some(namespace) = known_text(node).filter(|name| !name.is_empty() && !BORN.contains(name)) else {
            continue;
        };
        all.entry(namespace).or_default().push(Used {
            object,
            place: node.origin().edit_span(),
        });
    }
    all
}

/// Groups whose kinds are known, and of these those that lie in namespaces. A transformer puts a namespace on custom
/// resources of the whole cluster as well, which does no harm.
fn is_namespaced(object: &Object) -> bool {
    let group = object.group();
    let kind = object.kind();
    match group {
        "" => !matches!(kind, "Namespace" | "Node" | "PersistentVolume"),
        "apps" | "batch" | "policy" | "autoscaling" | "discovery.k8s.io" | "coordination.k8s.io" => {
            kind != "PodSecurityPolicy"
        }
        "networking.k8s.io" => matches!(kind, "Ingress" | "NetworkPolicy"),
        "rbac.authorization.k8s.io" => matches!(kind, "Role" | "RoleBinding"),
        "external-secrets.io" => matches!(kind, "ExternalSecret" | "SecretStore" | "PushSecret"),
        "gateway.networking.k8s.io" => kind != "GatewayClass",
        "bitnami.com" => kind == "SealedSecret",
        _ => group.ends_with(".toolkit.fluxcd.io"),
    }
}

fn is_missing(context: &Context<'_>, cluster: &ClusterIndex<'_>, namespace: &str) -> bool {
    match cluster.find(NAMESPACE, None, namespace) {
        Existence::Missing => {}
        // Charts seldom make namespaces, and then such as their values or their name tell.
        Existence::Unknown(UnknownReason::Chart) if !is_told_by_chart(cluster, namespace) => {}
        Existence::Exists(_) | Existence::Unknown(_) => return false,
    }
    !is_made_by_bootstrap(context.sources, cluster, namespace)
        && !is_made_by_release(cluster, namespace)
        && !is_made_by_operator(cluster, namespace)
}

/// Bootstrap makes the namespace of the entry point. Where the repository does not show who bootstraps, it may be any
/// namespace with Flux objects; and what else bootstrap makes is only written in its own files.
fn is_made_by_bootstrap(sources: &SourceMap, cluster: &ClusterIndex<'_>, namespace: &str) -> bool {
    let mut entries = cluster
        .cluster
        .kustomizations
        .iter()
        .filter(|one| one.parent.is_none());
    if entries.any(|one| one.namespace == namespace) {
        return true;
    }
    let may_be_entry = || {
        let mut objects = cluster.cluster.objects();
        objects.any(|(_, object)| {
            object.group().ends_with(".toolkit.fluxcd.io") && object.namespace() == Some(namespace)
        })
    };
    if cluster.cluster.entry_span.is_none() && may_be_entry() {
        return true;
    }
    is_mentioned(sources, namespace)
}

/// Whether a HelmRelease creates the namespace for its release.
fn is_made_by_release(cluster: &ClusterIndex<'_>, namespace: &str) -> bool {
    let mut releases = cluster.cluster.objects_of(GroupKind::HELM_RELEASE.kind);
    releases.any(|(_, release)| {
        let target = release.node.text_at(&["spec", "targetNamespace"]);
        let creates = release.node.at(&["spec", "install", "createNamespace"]);
        // Where the release itself lies, there must be a namespace before it.
        target.is_some_and(|target| target == namespace) && creates.and_then(Node::as_bool) == Some(true)
    })
}

/// Whether the namespace is named after a custom resource that lies in none: an operator for tenants may make it.
fn is_made_by_operator(cluster: &ClusterIndex<'_>, namespace: &str) -> bool {
    let mut objects = cluster.cluster.objects();
    objects.any(|(_, object)| {
        let group = object.group();
        let custom =
            group.contains('.') && !group.ends_with(".k8s.io") && !group.ends_with(".toolkit.fluxcd.io");
        custom && object.namespace().is_none() && namespace.contains(object.name())
    })
}

/// Whether the values of a release name the namespace, or it begins like the release.
fn is_told_by_chart(cluster: &ClusterIndex<'_>, namespace: &str) -> bool {
    let mut releases = cluster.cluster.objects_of(GroupKind::HELM_RELEASE.kind);
    releases.any(|(_, release)| {
        let begins = release.namespace() != Some(namespace) && namespace.starts_with(release.name());
        let values = release.node.at(&["spec", "values"]);
        begins || values.is_some_and(|values| holds_word(values, namespace))
    })
}
