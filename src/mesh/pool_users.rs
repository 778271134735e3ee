//! What gets a load balancer address without asking for one: Services, and Gateways by the Service that is made for them.

use std::sync::Arc;

use super::pool_selector::ServiceLabels;
use crate::cluster::namespace_of;
use crate::fleet::Cluster;
use crate::kustomize::Object;
use crate::yaml::Node;

/// Something that pools are to hand an address to.
#[derive(Debug)]
pub struct PoolUser<'a> {
    /// The Service or Gateway.
    pub object: &'a Arc<Object>,
    /// The labels of the Service.
    pub labels: ServiceLabels,
    /// What they would be if those of the Gateway itself were among them.
    pub with_own_labels: Option<ServiceLabels>,
    /// The class by which it asks for Cilium.
    pub class: Option<&'a Node>,
}

/// Classes of load balancers that are Cilium's.
const CLASSES: [&str; 2] = ["io.cilium/bgp-control-plane", "io.cilium/l2-announcer"];

/// Who answers for Gateways of Cilium.
const CONTROLLER: &str = "io.cilium/gateway-controller";

/// What the Service of a Gateway is labelled with in any case (operator/pkg/model/translation/gateway-api of cilium/cilium; the second
/// since 1.16).
const OF_GATEWAY: [&str; 2] = [
    "io.cilium.gateway/owning-gateway",
    "gateway.networking.k8s.io/gateway-name",
];

/// What a cluster has of them.
pub fn pool_users(cluster: &Cluster) -> impl Iterator<Item = PoolUser<'_>> {
    cluster
        .objects()
        .filter_map(|(_, object)| match (object.group(), object.kind()) {
            ("", "Service") => service(object),
            ("gateway.networking.k8s.io", "Gateway") if is_of_cilium(cluster, object) => {
                Some(gateway(object))
            }
            _ => None,
        })
}

fn service(object: &Arc<Object>) -> Option<PoolUser<'_>> {
    let class = object.node.at(&["spec", "loadBalancerClass"]);
    let is_foreign = class.is_some_and(|class| class.as_text().is_none_or(|name| !CLASSES.contains(&name)));
    let is_balanced = object.node.text_at(&["spec", "type"]) == Some("LoadBalancer");
    (is_balanced && !is_foreign).then(|| PoolUser {
        object,
        labels: ServiceLabels::of(object),
        with_own_labels: None,
        class,
    })
}

fn gateway(object: &Arc<Object>) -> PoolUser<'_> {
    let labels_at = |route: &[&str]| {
        let entries = object.node.at(route).map_or(&[][..], Node::entries).iter();
        entries
            .map(|entry| (entry.key.clone(), entry.value.clone()))
            .collect::<Vec<_>>()
    };
    let name = object.node.at(&["metadata", "name"]);
    let of_name = OF_GATEWAY.iter().filter_map(|key| {
        let name = name?;
        Some((Node::string(*key, name.origin().clone()), name.clone()))
    });
    let given = labels_at(&["spec", "infrastructure", "labels"]);
    let given: Vec<_> = given.into_iter().chain(of_name).collect();
    let own = labels_at(&["metadata", "labels"]);
    let with_own = given.iter().cloned().chain(own).collect();
    let made = |labels| {
        let name = format!("cilium-gateway-{}", object.name());
        ServiceLabels::made(namespace_of(object), name, labels)
    };
    PoolUser {
        object,
        labels: made(given),
        with_own_labels: Some(made(with_own)),
        class: None,
    }
}

/// Whether Cilium makes the Service of a Gateway, in the ordinary way.
fn is_of_cilium(cluster: &Cluster, gateway: &Object) -> bool {
    let Some(class) = gateway.node.text_at(&["spec", "gatewayClassName"]) else {
        return false;
    };
    let mut classes = cluster.objects_of("GatewayClass").map(|(_, object)| object);
    match classes.find(|object| object.name() == class) {
        Some(class) => {
            class.node.text_at(&["spec", "controllerName"]) == Some(CONTROLLER)
                && class.node.at(&["spec", "parametersRef"]).is_none()
        }
        None => class == "cilium",
    }
}
