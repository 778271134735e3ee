//! What a Service object says of itself, and the annotations that make it global.

use std::sync::Arc;

use semver::Version;

use crate::cluster::namespace_of;
use crate::fleet::Cluster;
use crate::kustomize::Object;
use crate::yaml::Node;

/// A Service that says it is global.
#[derive(Debug, Clone)]
pub struct GlobalService {
    /// Its namespace.
    pub namespace: String,
    /// Its name.
    pub name: String,
    /// The annotation that makes it global.
    pub annotation: Node,
    /// The object.
    pub object: Arc<Object>,
}

/// The annotation that makes a Service global, and the name it had before Cilium 1.13. The new one wins.
pub const GLOBAL: [&str; 2] = ["service.cilium.io/global", "io.cilium/global-service"];

/// Whether a release uses no backends of other clusters for an affinity that it does not know, `none` among them (cilium/cilium#46623, mended
/// in 1.20 and after 1.19.4; pkg/clustermesh/selectbackends.go).
pub(crate) fn loses_peers(version: &Version) -> bool {
    match (version.major, version.minor) {
        (1, 18) => true,
        (1, 19) => version.patch <= 4,
        _ => false,
    }
}

/// What a truth value in an annotation says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Flag {
    /// `true`, in any case. Cilium takes every other text for false.
    On,
    /// Any other text.
    Off,
    /// Made by a variable whose value is not in the repository.
    Unknown,
}

/// The annotation under the first of these keys that exists.
pub fn annotation<'a>(object: &'a Object, keys: &[&str]) -> Option<&'a Node> {
    keys.iter().find_map(|key| object.annotation(key))
}

/// What Cilium makes of a truth value in an annotation (`strings.ToLower(value) == "true"`).
pub fn flag(value: &Node) -> Flag {
    if value.origin().is_unknown() {
        return Flag::Unknown;
    }
    match value.as_text() {
        Some(text) if text.eq_ignore_ascii_case("true") => Flag::On,
        _ => Flag::Off,
    }
}

/// The Services of a cluster that say they are global, in order.
pub(super) fn global_services(cluster: &Cluster) -> Vec<GlobalService> {
    cluster
        .objects_of("Service")
        .filter(|(_, object)| object.group().is_empty())
        .filter_map(|(_, object)| {
            let annotation = annotation(object, &GLOBAL)?;
            (flag(annotation) == Flag::On).then(|| GlobalService {
                namespace: namespace_of(object).to_owned(),
                name: object.name().to_owned(),
                annotation: annotation.clone(),
                object: Arc::clone(object),
            })
        })
        .collect()
}

/// The annotation that keeps the pods of a global Service to its own cluster, and its older name. The new one wins.
pub const SHARED: [&str; 2] = ["service.cilium.io/shared", "io.cilium/shared-service"];

/// The annotation that has EndpointSlices of other clusters made in this one.
pub const SYNCHRONISE: [&str; 1] = ["service.cilium.io/global-sync-endpoint-slices"];

/// How a Service is reached.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ServiceKind {
    /// Through an address of its own: `ClusterIP`, `NodePort` or `LoadBalancer`.
    Address,
    /// Through the addresses of its pods: `clusterIP: None`.
    Headless,
    /// Through a name elsewhere: `ExternalName`.
    Name,
    /// What it is cannot be known.
    Unknown,
}

/// A port of a Service, by what backends in other clusters are found with.
#[derive(Debug, Clone)]
pub struct Port {
    /// Its name; empty when it has none.
    pub name: String,
    /// `TCP`, `UDP` or `SCTP`.
    pub protocol: String,
    /// The number.
    pub number: Option<i64>,
    /// The name where it has one, else the port as a whole.
    pub node: Node,
}

/// How a Service is reached.
pub fn service_kind(service: &Object) -> ServiceKind {
    let field = |name| service.node.at(&["spec", name]);
    let unknown = |node: Option<&Node>| node.is_some_and(|node| node.origin().is_unknown());
    let (kind, address) = (field("type"), field("clusterIP"));
    if unknown(kind) || unknown(address) {
        return ServiceKind::Unknown;
    }
    match (kind.and_then(Node::as_text), address.and_then(Node::as_text)) {
        (Some("ExternalName"), _) => ServiceKind::Name,
        (_, Some("None")) => ServiceKind::Headless,
        _ => ServiceKind::Address,
    }
}

/// The ports of a Service; `None` when one of them cannot be known.
pub fn ports(service: &Object) -> Option<Vec<Port>> {
    let items = service.node.at(&["spec", "ports"]).map_or(&[][..], Node::items);
    items.iter().map(port).collect()
}

fn port(node: &Node) -> Option<Port> {
    let known = |key| match node.get(key) {
        Some(node) if node.origin().is_unknown() => None,
        other => Some(other),
    };
    let name = known("name")?;
    let protocol = known("protocol")?.and_then(Node::as_text).unwrap_or("TCP");
    let number = known("port")?.and_then(super::read::integer);
    Some(Port {
        name: name.and_then(Node::as_text).unwrap_or_default().to_owned(),
        protocol: protocol.to_owned(),
        number,
        node: name.or_else(|| node.get("port")).unwrap_or(node).clone(),
    })
}

/// The labels that a Service selects pods by; `None` when it has no selector.
pub fn selector(service: &Object) -> Option<&Node> {
    let selector = service.node.at(&["spec", "selector"])?;
    (!selector.entries().is_empty()).then_some(selector)
}

/// Whether a global Service lends its pods to other clusters, as it does unless told not to.
pub fn shares(service: &Object) -> Flag {
    annotation(service, &SHARED).map_or(Flag::On, flag)
}
