//! Which routers the nodes of a cluster exchange routes with.

use std::net::IpAddr;

use super::fact::Place;
use crate::fleet::Cluster;
use crate::kustomize::Object;
use crate::yaml::Node;

/// A session with a router, as a CiliumBGPClusterConfig or a CiliumBGPPeeringPolicy asks for it.
#[derive(Debug, Clone)]
pub struct BgpSession {
    /// The router.
    pub router: IpAddr,
    /// The number of the router's network, and where it is stated.
    pub router_asn: Option<(u64, Place)>,
    /// The number under which the cluster's nodes speak, and where it is stated.
    pub own_asn: Option<(u64, Place)>,
    /// Whether nodes may have numbers of their own in its place.
    pub overridden: bool,
}

/// Names of the fields, which differ between the two kinds.
struct Fields {
    instances: &'static str,
    peers: &'static str,
}

/// The sessions of a cluster, in order.
pub(super) fn sessions(cluster: &Cluster) -> Vec<BgpSession> {
    let kinds = [
        (
            "CiliumBGPClusterConfig",
            Fields {
                instances: "bgpInstances",
                peers: "peers",
            },
        ),
        (
            "CiliumBGPPeeringPolicy",
            Fields {
                instances: "virtualRouters",
                peers: "neighbors",
            },
        ),
    ];
    let overridden = cluster.objects_of("CiliumBGPNodeConfigOverride").next().is_some();
    let mut sessions = Vec::new();
    for (kind, fields) in kinds {
        for (_, object) in cluster.objects_of(kind) {
            add(object, &fields, overridden, &mut sessions);
        }
    }
    sessions
}

fn add(object: &Object, fields: &Fields, overridden: bool, sessions: &mut Vec<BgpSession>) {
    let instances = object.node.at(&["spec", fields.instances]);
    for (at, instance) in instances.map(Node::items).unwrap_or_default().iter().enumerate() {
        let route = format!("spec.{}[{at}]", fields.instances);
        let own_asn = number(object, instance, "localASN", &route);
        let peers = instance.get(fields.peers).map(Node::items).unwrap_or_default();
        for (at, peer) in peers.iter().enumerate() {
            let route = format!("{route}.{}[{at}]", fields.peers);
            let Some(router) = peer.get("peerAddress").and_then(router) else {
                continue;
            };
            sessions.push(BgpSession {
                router,
                router_asn: number(object, peer, "peerASN", &route),
                own_asn: own_asn.clone(),
                overridden,
            });
        }
    }
}

/// An address; the older kind writes it with a prefix length.
fn router(node: &Node) -> Option<IpAddr> {
    if node.origin().is_unknown() {
        return None;
    }
    node.as_text()?.split('/').next()?.parse().ok()
}

fn number(object: &Object, of: &Node, key: &str, route: &str) -> Option<(u64, Place)> {
    let node = of.get(key).filter(|node| !node.origin().is_unknown())?;
    let number = node.as_text()?.parse().ok()?;
    let place = Place::in_object(object, node, format!("{route}.{key}"));
    Some((number, place))
}
