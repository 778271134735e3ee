//! Telling Cilium's chart and its values from others.

use crate::yaml::Node;

/// Top-level keys of the chart that hardly any other chart has.
const TELLING_KEYS: &[&str] = &[
    "autoDirectNodeRoutes",
    "bgpControlPlane",
    "bpf",
    "clustermesh",
    "cni",
    "encryption",
    "endpointRoutes",
    "envoy",
    "externalWorkloads",
    "gatewayAPI",
    "hubble",
    "ipam",
    "ipv4NativeRoutingCIDR",
    "ipv6NativeRoutingCIDR",
    "k8sServiceHost",
    "k8sServicePort",
    "kubeProxyReplacement",
    "l2announcements",
    "loadBalancer",
    "localRedirectPolicy",
    "nodeinit",
    "operator",
    "routingMode",
    "socketLB",
    "tunnel",
    "tunnelProtocol",
];

/// Whether a map is values of the chart `cilium`: it says which cluster it is for and has one more of the chart's
/// keys, or has several of them.
pub(crate) fn is_values(node: &Node) -> bool {
    if !node.is_mapping() || node.get("kind").is_some() || node.get("apiVersion").is_some() {
        return false;
    }
    let telling = TELLING_KEYS.iter().filter(|key| node.get(key).is_some()).count();
    telling >= 3 || (names_its_cluster(node) && telling >= 1)
}

/// Whether the values state the identity of a cluster.
pub(crate) fn names_its_cluster(node: &Node) -> bool {
    ["id", "name"]
        .iter()
        .any(|key| node.at(&["cluster", key]).is_some())
}

/// The names of the peers that the values list.
pub(crate) fn peers(values: &Node) -> Vec<&str> {
    let listed = values.at(&["clustermesh", "config", "clusters"]);
    let entries = listed.map(Node::entries).unwrap_or_default();
    let items = listed.map(Node::items).unwrap_or_default();
    let by_key = entries.iter().filter_map(|entry| entry.key.as_text());
    let by_name = items.iter().filter_map(|item| item.text_at(&["name"]));
    by_key.chain(by_name).collect()
}
