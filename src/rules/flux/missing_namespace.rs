use std::cell::OnceCell;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use crate::cluster::mentions::{Parts, Words, texts_of};
use crate::cluster::{ClusterIndex, Existence, GroupKind};
use crate::finding::{Finding, Severity};
use crate::flux::known_text;
use crate::kustomize::Object;
use crate::rules::{Category, Context, Rule};
use crate::source::Span;
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
        let creators = OnceCell::new();
        for (namespace, used) in used_namespaces(cluster) {
            let creators = || creators.get_or_init(|| Creators::of(cluster));
            if !is_missing(context, cluster, namespace, creators) {
                continue;
            }
            let unreached = context
                .written
                .definitions(NAMESPACE.kind, namespace)
                .first()
                .copied();
            let near = nearest(namespace, cluster.names(NAMESPACE, None));
            let finding = |all: &[Used<'_>]| {
                let first = all.first()?;
                let message = message(first, all.len(), namespace);
                let finding = Finding::new(message, first.place, LABEL)
                    .help(help(namespace, near, unreached))
                    .guess(namespace, near.filter(|_| unreached.is_none()))
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

fn is_missing<'c, 'a: 'c>(
    context: &Context<'_>,
    cluster: &ClusterIndex<'_>,
    namespace: &str,
    creators: impl FnOnce() -> &'c Creators<'a>,
) -> bool {
    let by_chart = match cluster.find(NAMESPACE, None, namespace) {
        Existence::Missing => false,
        Existence::Unknown(UnknownReason::Chart) => true,
        Existence::Exists(_) | Existence::Unknown(_) => return false,
    };
    let creators = creators();
    // Charts seldom make namespaces, and then such as their values or their name tell.
    let is_made = (by_chart && creators.is_told_by_chart(namespace))
        || creators.known.contains(namespace)
        || context.written.is_mentioned_by_tools(namespace)
        || creators.named_after_orders.are_in(namespace, |_| true);
    !is_made
}

/// What makes namespaces in a cluster besides the Namespaces that it applies.
struct Creators<'a> {
    known: BTreeSet<&'a str>,
    /// Custom resources that lie in no namespace: an operator for tenants may name one after each.
    named_after_orders: Parts<'a>,
    /// Releases, each with its own namespace.
    releases: Parts<'a>,
    words_of_values: Words<Arc<str>>,
}

impl<'a> Creators<'a> {
    fn of(index: &ClusterIndex<'a>) -> Self {
        let cluster = index.cluster;
        let releases = || {
            cluster
                .objects_of(GroupKind::HELM_RELEASE.kind)
                .map(|(_, release)| release)
        };
        let values = releases().filter_map(|release| release.node.at(&["spec", "values"]));
        let mut known: BTreeSet<&str> = cluster
            .kustomizations
            .iter()
            .filter(|one| one.parent.is_none())
            .map(|one| one.namespace.as_str())
            .collect();
        known.extend(releases().filter_map(|release| created_by(release)));
        let objects = || cluster.objects().map(|(_, object)| object);
        // Where the repository does not show who bootstraps, that may be into any namespace with Flux objects.
        if cluster.entry_span.is_none() {
            let of_flux = objects().filter(|object| object.group().ends_with(".toolkit.fluxcd.io"));
            known.extend(of_flux.filter_map(|object| object.namespace()));
        }
        let orders = objects().filter(|object| is_custom(object) && object.namespace().is_none());
        Self {
            known,
            named_after_orders: Parts::of(orders.map(|order| (order.name(), None))),
            releases: Parts::of(releases().map(|release| (release.name(), release.namespace()))),
            words_of_values: Words::of(values.flat_map(texts_of).map(|text| (text, 0))),
        }
    }

    /// Whether the values of a release name the namespace, or it begins like the release.
    fn is_told_by_chart(&self, namespace: &str) -> bool {
        self.releases.begin(namespace, |own| own != Some(namespace))
            || self.words_of_values.mention(namespace)
    }
}

/// The namespace that a HelmRelease creates for its release. Where the release itself lies, there must be one before it.
fn created_by(release: &Object) -> Option<&str> {
    let creates = release.node.at(&["spec", "install", "createNamespace"]);
    let target = release.node.text_at(&["spec", "targetNamespace"]);
    target.filter(|_| creates.and_then(Node::as_bool) == Some(true))
}

fn is_custom(object: &Object) -> bool {
    let group = object.group();
    group.contains('.') && !group.ends_with(".k8s.io") && !group.ends_with(".toolkit.fluxcd.io")
}
