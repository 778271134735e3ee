//! The chart's output, committed: what the ConfigMap `cilium-config`, the DaemonSet and the Service of the mesh's API server say
//! is turned back into the values that they come from (cilium/cilium `templates/cilium-configmap.yaml`, 1.12 to 1.20). Values
//! that leave no trace there stay unknown.

use std::sync::Arc;

use super::installation::RENDERED;
use super::look::{Look, place, tag_of};
use super::{Installation, version};
use crate::helm::HelmValues;
use crate::kustomize::Object;
use crate::mesh::fact::{Place, Statement};
use crate::mesh::values::{CiliumValues, Holder};
use crate::unknown::UnknownReason;
use crate::yaml::{Entry, Node};

/// Keys of the ConfigMap with the value that each is made of.
const KEYS: &[(&str, &[&str])] = &[
    ("cluster-id", &["cluster", "id"]),
    ("cluster-name", &["cluster", "name"]),
    ("max-connected-clusters", &["clustermesh", "maxConnectedClusters"]),
    (
        "clustermesh-enable-endpoint-sync",
        &["clustermesh", "enableEndpointSliceSynchronization"],
    ),
    (
        "clustermesh-default-global-namespace",
        &["clustermesh", "defaultGlobalNamespace"],
    ),
    (
        "policy-default-local-cluster",
        &["clustermesh", "policyDefaultLocalCluster"],
    ),
    ("ipam", &["ipam", "mode"]),
    ("enable-ipv4", &["ipv4", "enabled"]),
    ("enable-ipv6", &["ipv6", "enabled"]),
    ("routing-mode", &["routingMode"]),
    ("tunnel", &["tunnel"]),
    ("tunnel-protocol", &["tunnelProtocol"]),
    ("tunnel-port", &["tunnelPort"]),
    ("underlay-protocol", &["underlayProtocol"]),
    ("mtu", &["MTU"]),
    ("enable-ipv4-masquerade", &["enableIPv4Masquerade"]),
    ("enable-ipv6-masquerade", &["enableIPv6Masquerade"]),
    ("enable-ip-masq-agent", &["ipMasqAgent", "enabled"]),
    ("ipv4-native-routing-cidr", &["ipv4NativeRoutingCIDR"]),
    ("ipv6-native-routing-cidr", &["ipv6NativeRoutingCIDR"]),
    ("auto-direct-node-routes", &["autoDirectNodeRoutes"]),
    ("kube-proxy-replacement", &["kubeProxyReplacement"]),
    ("bpf-lb-sock", &["socketLB", "enabled"]),
    ("cni-chaining-mode", &["cni", "chainingMode"]),
    ("encrypt-node", &["encryption", "nodeEncryption"]),
    (
        "cluster-pool-ipv4-cidr",
        &["ipam", "operator", "clusterPoolIPv4PodCIDRList"],
    ),
    (
        "cluster-pool-ipv6-cidr",
        &["ipam", "operator", "clusterPoolIPv6PodCIDRList"],
    ),
];

/// Keys that switch encryption on, with its type.
const ENCRYPTIONS: [(&str, &str); 3] = [
    ("enable-wireguard", "wireguard"),
    ("enable-ipsec", "ipsec"),
    ("enable-ztunnel", "ztunnel"),
];

const SERVICE: [&str; 3] = ["clustermesh", "apiserver", "service"];

pub(super) fn installations(look: &Look<'_>) -> Vec<Installation> {
    find(look).into_iter().collect()
}

fn find(look: &Look<'_>) -> Option<Installation> {
    let mut maps = look.cluster.objects_of("ConfigMap").map(|(_, object)| object);
    let config = maps.find(|object| object.name() == "cilium-config" && object.group().is_empty())?;
    let data = config
        .node
        .get("data")
        .filter(|data| data.get("cluster-name").is_some())?;
    let mut values = HelmValues::known(Node::mapping(Vec::new(), data.span()));
    take_config(&mut values, data);
    take_api_server(&mut values, look, config);
    values.open(data.span(), UnknownReason::Chart);
    let holder = Holder {
        object: config,
        statement: Statement::Manifest,
        root: "data",
    };
    Some(Installation {
        by: RENDERED,
        carrier: Some(Arc::clone(config)),
        release_namespace: config.namespace().map(str::to_owned),
        values: CiliumValues::of(look.cluster, values, &holder),
        version: version::fact(agent_version(look, config)),
    })
}

fn take_config(values: &mut HelmValues, data: &Node) {
    for (key, path) in KEYS {
        if let Some(node) = data.get(key) {
            values.add(&at(path, plain(node)));
        }
    }
    let on = ENCRYPTIONS
        .iter()
        .find(|(key, _)| data.text_at(&[key]) == Some("true"));
    let (switch, kind) = match on {
        Some((key, kind)) => (data.get(key), Some(kind)),
        // Where it is off the chart writes no key at all, until somebody does.
        None => (ENCRYPTIONS.iter().find_map(|(key, _)| data.get(key)), None),
    };
    let origin = switch.unwrap_or(data).origin().clone();
    let enabled = Node::plain(if kind.is_some() { "true" } else { "false" }, origin.clone());
    values.add(&at(&["encryption", "enabled"], enabled));
    if let Some(kind) = kind {
        values.add(&at(&["encryption", "type"], Node::string(*kind, origin)));
    }
}

/// What the Service and the Deployment of the mesh's API server say.
fn take_api_server(values: &mut HelmValues, look: &Look<'_>, config: &Object) {
    let of = |kind| {
        let all = look.cluster.objects_of(kind).map(|(_, object)| object);
        all.filter(|object| {
            object.name() == "clustermesh-apiserver" && object.namespace() == config.namespace()
        })
    };
    let service = of("Service").next();
    let anything = service.or_else(|| of("Deployment").next());
    let name = anything.and_then(|object| object.node.at(&["metadata", "name"]));
    let is_there = |node: &Node| Node::plain("true", node.origin().clone());
    if let Some(name) = name {
        values.add(&at(&["clustermesh", "useAPIServer"], is_there(name)));
    }
    let Some(service) = service else { return };
    let made_here = Node::plain("false", service.name_span());
    values.add(&at(&[&SERVICE[..], &["externallyCreated"]].concat(), made_here));
    let parts: [(&[&str], &str); 3] = [
        (&["spec", "type"], "type"),
        (&["spec", "loadBalancerIP"], "loadBalancerIP"),
        (&["metadata", "annotations"], "annotations"),
    ];
    for (from, key) in parts {
        if let Some(node) = service.node.at(from) {
            values.add(&at(&[&SERVICE[..], &[key]].concat(), node.clone()));
        }
    }
    let ports = service
        .node
        .at(&["spec", "ports"])
        .map(Node::items)
        .unwrap_or_default();
    for (from, key) in [("nodePort", "nodePort"), ("port", "port")] {
        if let Some(node) = ports.iter().find_map(|port| port.get(from)) {
            values.add(&at(&[&SERVICE[..], &[key]].concat(), node.clone()));
        }
    }
}

/// The tag of the agent's image.
fn agent_version(look: &Look<'_>, config: &Object) -> Option<Place> {
    let mut sets = look.cluster.objects_of("DaemonSet").map(|(_, object)| object);
    let agent = sets.find(|object| object.name() == "cilium" && object.namespace() == config.namespace())?;
    let containers = agent
        .node
        .at(&["spec", "template", "spec", "containers"])?
        .items();
    let is_agent = |container: &&Node| container.text_at(&["name"]) == Some("cilium-agent");
    let container = containers.iter().find(is_agent).or(containers.first())?;
    let tag = tag_of(container.get("image")?)?;
    Some(place(
        agent,
        &tag,
        Statement::Manifest,
        "spec.template.spec.containers.image",
    ))
}

/// The text of the ConfigMap with the type that the value has.
fn plain(node: &Node) -> Node {
    Node::plain(node.as_text().unwrap_or_default(), node.origin().clone())
}

/// A tree with one value.
fn at(path: &[&str], value: Node) -> Node {
    path.iter().rev().fold(value, |below, key| {
        let span = below.span();
        let key = Node::string(*key, span);
        Node::mapping(vec![Entry { key, value: below }], span)
    })
}
