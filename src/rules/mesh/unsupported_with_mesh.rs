use crate::finding::{Finding, Severity};
use crate::fleet::Cluster;
use crate::helm::Lookup;
use crate::kustomize::Object;
use crate::mesh::peering::Peering;
use crate::mesh::{Member, Mesh, Place};
use crate::rules::gather::Gathered;
use crate::rules::places::Told;
use crate::rules::words;
use crate::rules::{Category, Context, Rule};
use crate::yaml::Node;

/// A feature is on that Cilium does not support in a mesh.
pub(crate) static RULE: Rule = Rule {
    name: "unsupported-with-mesh",
    category: Category::Mesh,
    severity: Severity::Warning,
    pedantic: false,
    since: "0.1.0",
    page: include_str!("../../../rules/mesh/unsupported-with-mesh.md"),
    check,
};

const SPIRE: [&str; 4] = ["authentication", "mutual", "spire", "enabled"];
const EGRESS: [&str; 2] = ["egressGateway", "enabled"];

/// How deep a policy is searched for required authentication.
const DEPTH: usize = 8;

/// What is not supported.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Feature {
    MutualAuthentication,
    EgressGateway,
    /// Identities in an etcd of the cluster's own: the chart refuses to render an API server for the mesh beside it.
    KvstoreIdentities,
    /// Traffic between nodes is encrypted by WireGuard, and agents dial node ports of peers themselves.
    NodeEncryption,
    /// A route for traffic inside of the mesh that hangs on a ServiceImport.
    RouteOfImport,
    /// No CiliumEndpoints, from which the API server learns of pods: the chart refuses as well.
    NoEndpoints,
}

impl Feature {
    fn name(self) -> &'static str {
        match self {
            Self::MutualAuthentication => "mutual authentication",
            Self::EgressGateway => "the egress gateway",
            Self::KvstoreIdentities => "`identityAllocationMode: kvstore`",
            Self::NoEndpoints => "`disableEndpointCRD: true`",
            Self::NodeEncryption => "WireGuard between nodes with node ports and without KVStoreMesh",
            Self::RouteOfImport => "a route attached to a ServiceImport",
        }
    }
}

impl Told for Feature {
    fn message(&self, _: &Place, clusters: &[String]) -> String {
        let s = words::s(clusters);
        format!(
            "{} use{s} {}, which Cilium does not support in a mesh",
            words::clusters(clusters),
            self.name()
        )
    }

    fn label(&self) -> String {
        let label = match self {
            Self::MutualAuthentication => "identities of other clusters are never authenticated",
            Self::EgressGateway => "only serves pods of the gateway's own cluster",
            Self::KvstoreIdentities | Self::NoEndpoints => "the chart refuses to render",
            Self::NodeEncryption => "agents never reach the API servers of the peers",
            Self::RouteOfImport => "only a Service can be the parent: the route is ignored",
        };
        label.to_owned()
    }

    fn severity(&self) -> Option<Severity> {
        Some(match self {
            Self::MutualAuthentication | Self::EgressGateway | Self::RouteOfImport => Severity::Warning,
            Self::NodeEncryption | Self::KvstoreIdentities | Self::NoEndpoints => Severity::Error,
        })
    }

    fn help(&self) -> String {
        let help = match self {
            Self::MutualAuthentication | Self::EgressGateway => {
                "switch it off, or keep this cluster out of the mesh"
            }
            Self::KvstoreIdentities => {
                "leave identities in custom resources, the default, or switch KVStoreMesh on from Cilium 1.18 on"
            }
            Self::NodeEncryption => {
                "switch KVStoreMesh on, which dials from a pod, or expose the API servers by load balancers"
            }
            Self::RouteOfImport => {
                "attach the route to the Service, and keep the ServiceImport as its backend"
            }
            Self::NoEndpoints => {
                "remove it: with identities in custom resources, a mesh needs CiliumEndpoints"
            }
        };
        help.to_owned()
    }
}

fn check(context: &Context<'_>, findings: &mut Vec<Finding>) {
    let mut gathered = Gathered::new();
    for group in &context.mesh.groups {
        for member in group
            .connected
            .iter()
            .filter_map(|at| context.mesh.members.get(*at))
            .filter(|member| member.mesh_on())
        {
            let Some(cluster) = context.fleet.clusters.get(member.cluster) else {
                continue;
            };
            let encrypted = node_encryption(member, context.mesh);
            for (feature, place) in uses(member, cluster).into_iter().chain(encrypted) {
                gathered.add(place.edit_span(), feature, &member.name, place);
            }
        }
    }
    gathered.report(findings);
}

/// Where a feature is in use: the value that switches it on, or else what asks for it.
fn uses(member: &Member, cluster: &Cluster) -> Vec<(Feature, Place)> {
    let mut uses = Vec::new();
    for (feature, path) in [
        (Feature::MutualAuthentication, &SPIRE[..]),
        (Feature::EgressGateway, &EGRESS[..]),
    ] {
        // What nobody switches on is not in use, whatever policies ask for.
        if switched_on(member, path) == Some(true) {
            uses.extend(member.place_of(path).map(|place| (feature, place)));
        }
    }
    uses.extend(refused(member));
    uses.extend(routes_of_imports(member, cluster));
    let required = |object: &Object| required_authentication(&object.node, DEPTH).cloned();
    for kind in ["CiliumNetworkPolicy", "CiliumClusterwideNetworkPolicy"] {
        for (_, object) in cluster.objects_of(kind) {
            if let Some(node) = required(object) {
                let place = Place::in_object(object, &node, "authentication.mode");
                uses.push((Feature::MutualAuthentication, place));
            }
        }
    }
    uses
}

const NODE_ENCRYPTION: [&str; 2] = ["encryption", "nodeEncryption"];

/// Agents dial node ports of peers from the host, and the answers come back encrypted for a node that they do not know yet
/// (cilium/cilium#29872 and #31209).
fn node_encryption(member: &Member, mesh: &Mesh<'_>) -> Option<(Feature, Place)> {
    let encryption = &member.encryption;
    let by_wireguard =
        encryption.enabled.is_true() && encryption.kind.get().is_some_and(|kind| kind == "wireguard");
    let in_tunnel = member.native_routing.get() == Some(&false);
    let by_agents = member.offer.kvstoremesh.get() == Some(&false);
    let replaced = member.offer.kube_proxy_replacement.is_true();
    if !(by_wireguard && encryption.nodes.is_true() && in_tunnel && by_agents && replaced) {
        return None;
    }
    let dials_node_port = Peering::of(mesh).links().any(|link| {
        let kind = link.to.offer.service_type.get();
        link.from.cluster == member.cluster && kind.is_some_and(|kind| kind == "NodePort")
    });
    let place = member.place_of(&NODE_ENCRYPTION);
    place
        .filter(|_| dials_node_port)
        .map(|place| (Feature::NodeEncryption, place))
}

/// Groups of other meshes, which may know routes of imports.
const OTHER_MESHES: [&str; 3] = ["istio.io", "linkerd.io", "kuma.io"];

/// Routes that have a ServiceImport as their parent (operator/pkg/gateway-api/routechecks of cilium/cilium up to 1.20: a parent is a
/// Gateway or a Service).
fn routes_of_imports(member: &Member, cluster: &Cluster) -> Vec<(Feature, Place)> {
    let is_other = |object: &Object| OTHER_MESHES.iter().any(|mesh| object.group().ends_with(mesh));
    if member.version_at_least(1, 21) == Some(true) || cluster.objects().any(|(_, object)| is_other(object)) {
        return Vec::new();
    }
    let routes = cluster.objects().map(|(_, object)| object);
    let routes = routes
        .filter(|object| object.group() == "gateway.networking.k8s.io" && object.kind().ends_with("Route"));
    let parents = routes.flat_map(|route| {
        let parents = route
            .node
            .at(&["spec", "parentRefs"])
            .map_or(&[][..], Node::items);
        parents
            .iter()
            .enumerate()
            .map(move |(at, parent)| (route, at, parent))
    });
    parents
        .filter(|(_, _, parent)| parent.text_at(&["group"]) == Some("multicluster.x-k8s.io"))
        .filter_map(|(route, at, parent)| {
            let kind = parent
                .get("kind")
                .filter(|kind| kind.as_text() == Some("ServiceImport"))?;
            let place = Place::in_object(route, kind, format!("spec.parentRefs[{at}].kind"));
            Some((Feature::RouteOfImport, place))
        })
        .collect()
}

const IDENTITIES: [&str; 1] = ["identityAllocationMode"];
const NO_ENDPOINTS: [&str; 1] = ["disableEndpointCRD"];

/// What templates/validate.yaml refuses beside the API server of a mesh, since 1.15.
fn refused(member: &Member) -> Option<(Feature, Place)> {
    if !member.api_server.is_true() || !member.version_at_least(1, 15)? {
        return None;
    }
    let mode = match member.cilium.as_ref()?.values.lookup(&IDENTITIES) {
        Lookup::Value(node) => node.as_text()?.to_owned(),
        Lookup::Absent => "crd".to_owned(),
        Lookup::Unknown(_) => return None,
    };
    let meshed = member.version_at_least(1, 18)? && member.offer.kvstoremesh.get() != Some(&false);
    match mode.as_str() {
        "kvstore" if !meshed => Some((Feature::KvstoreIdentities, member.place_of(&IDENTITIES)?)),
        "crd" if switched_on(member, &NO_ENDPOINTS)? => {
            Some((Feature::NoEndpoints, member.place_of(&NO_ENDPOINTS)?))
        }
        _ => None,
    }
}

fn switched_on(member: &Member, path: &[&str]) -> Option<bool> {
    match member.cilium.as_ref()?.values.lookup(path) {
        Lookup::Value(node) => node.as_bool(),
        Lookup::Absent => Some(false),
        Lookup::Unknown(_) => None,
    }
}

/// `authentication.mode: required` in some rule of a policy.
fn required_authentication(node: &Node, depth: usize) -> Option<&Node> {
    if depth == 0 {
        return None;
    }
    let mode = node
        .at(&["authentication", "mode"])
        .filter(|mode| mode.as_text() == Some("required"));
    mode.or_else(|| {
        let inner = node
            .items()
            .iter()
            .chain(node.entries().iter().map(|entry| &entry.value));
        inner
            .filter_map(|inner| required_authentication(inner, depth - 1))
            .next()
    })
}
