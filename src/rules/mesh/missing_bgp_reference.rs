use crate::cluster::{ClusterIndex, Existence, GroupKind};
use crate::finding::{Finding, ObjectRef, Severity};
use crate::helm::Lookup;
use crate::kustomize::Object;
use crate::mesh::Member;
use crate::rules::gather::Gathered;
use crate::rules::words;
use crate::rules::{Category, Context, Rule};
use crate::yaml::Node;

/// A BGP session names a configuration or a password that does not exist.
pub(crate) static RULE: Rule = Rule {
    name: "missing-bgp-reference",
    category: Category::Mesh,
    severity: Severity::Error,
    pedantic: false,
    since: "0.1.0",
    page: include_str!("../../../rules/mesh/missing-bgp-reference.md"),
    check,
};

const PEER_CONFIG: GroupKind<'static> = GroupKind::new("cilium.io", "CiliumBGPPeerConfig");

/// What is missing, and where it is looked for.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
enum Missing {
    /// The configuration of a peer.
    Config(String),
    /// A Secret, the namespace in which it is looked for, and one in which it is.
    Password(String, String, Option<String>),
}

fn message(missing: &Missing, object: &ObjectRef, clusters: &[String]) -> String {
    let of = words::clusters(clusters);
    match missing {
        Missing::Config(name) => format!(
            "{} `{}` of {of} names CiliumBGPPeerConfig `{name}`, which does not exist",
            object.kind, object.name
        ),
        Missing::Password(name, namespace, _) => format!(
            "{} `{}` of {of} takes its password from Secret `{namespace}/{name}`, which does not exist",
            object.kind, object.name
        ),
    }
}

fn label(missing: &Missing) -> String {
    match missing {
        Missing::Config(_) => "the session is not made".to_owned(),
        Missing::Password(_, _, Some(other)) => format!("is in namespace `{other}`"),
        Missing::Password(_, _, None) => "the session runs with an empty password".to_owned(),
    }
}

fn help(missing: &Missing) -> String {
    match missing {
        Missing::Config(name) => format!("create CiliumBGPPeerConfig `{name}`, or correct the name"),
        Missing::Password(_, namespace, Some(other)) => format!(
            "move the Secret to `{namespace}`, or set `bgpControlPlane.secretsNamespace.name: {other}` in the values of Cilium"
        ),
        Missing::Password(name, namespace, None) => {
            format!("create Secret `{name}` with the key `password` in namespace `{namespace}`")
        }
    }
}

fn check(context: &Context<'_>, findings: &mut Vec<Finding>) {
    let mut gathered = Gathered::new();
    for member in &context.mesh.members {
        let Some(index) = context.index.clusters.get(member.cluster) else {
            continue;
        };
        for (_, object) in index.cluster.objects() {
            if object.group() != "cilium.io" {
                continue;
            }
            for (missing, node) in missing_of(object, member, index) {
                let span = node.origin().edit_span();
                gathered.add(span, missing, &member.name, (span, object.reference()));
            }
        }
    }
    findings.extend(gathered.into_faults().map(|(missing, found)| {
        let (span, object) = found.first;
        let message = message(&missing, &object, &found.clusters);
        Finding::new(message, span, label(&missing))
            .help(help(&missing))
            .object(object)
            .clusters(found.clusters)
    }));
}

fn missing_of<'a>(object: &'a Object, member: &Member, index: &ClusterIndex<'_>) -> Vec<(Missing, &'a Node)> {
    match object.kind() {
        "CiliumBGPClusterConfig" => configs(object, index),
        "CiliumBGPPeerConfig" => {
            let name = object.node.at(&["spec", "authSecretRef"]);
            name.and_then(|name| password(name, member, index))
                .into_iter()
                .collect()
        }
        _ => Vec::new(),
    }
}

fn configs<'a>(object: &'a Object, index: &ClusterIndex<'_>) -> Vec<(Missing, &'a Node)> {
    let instances = object
        .node
        .at(&["spec", "bgpInstances"])
        .map_or(&[][..], Node::items);
    let peers = instances
        .iter()
        .flat_map(|instance| instance.get("peers").map_or(&[][..], Node::items));
    let names = peers.filter_map(|peer| peer.at(&["peerConfigRef", "name"]));
    names
        .filter_map(|node| {
            let name = known(node)?;
            let is_missing = index.find_beside_charts(PEER_CONFIG, None, name).is_missing();
            is_missing.then(|| (Missing::Config(name.to_owned()), node))
        })
        .collect()
}

/// The chart's default namespace is `kube-system`, not the one Cilium is in.
fn password<'a>(node: &'a Node, member: &Member, index: &ClusterIndex<'_>) -> Option<(Missing, &'a Node)> {
    let name = known(node)?;
    let values = &member.cilium.as_ref()?.values;
    // A name that the chart does not read says what was meant, and is told by `unknown-mesh-value`.
    if values.node(&["bgpControlPlane", "secretNamespace"]).is_some() {
        return None;
    }
    let namespace = match values.lookup(&["bgpControlPlane", "secretsNamespace", "name"]) {
        Lookup::Value(node) => node.as_text()?,
        Lookup::Absent => "kube-system",
        Lookup::Unknown(_) => return None,
    };
    let others = index.named(GroupKind::SECRET, name);
    let other = others.iter().find_map(|placed| placed.namespace);
    match index.find_beside_charts(GroupKind::SECRET, Some(namespace), name) {
        Existence::Missing => {
            let missing = Missing::Password(name.to_owned(), namespace.to_owned(), other.map(str::to_owned));
            Some((missing, node))
        }
        _ => None,
    }
}

fn known(node: &Node) -> Option<&str> {
    node.as_text().filter(|_| !node.origin().is_unknown())
}
