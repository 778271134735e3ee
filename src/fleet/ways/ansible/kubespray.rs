//! kubespray: its role makes values of Cilium out of variables of the inventory (kubernetes-sigs/kubespray
//! `roles/network_plugin/cilium/templates/values.yaml.j2`), and is mostly not in the repository.

use memchr::memmem;

use super::installation::Installation;
use crate::fleet::inventory::Inventory;
use crate::helm::Layers;
use crate::source::Span;
use crate::template::jinja::{self, Scope};
use crate::yaml::Node;

/// The variable that chooses the plugin.
const PLUGIN: &str = "kube_network_plugin";

/// Variables, each with the value that it becomes.
const VARIABLES: &[(&str, &str)] = &[
    ("cilium_cluster_id", "cluster.id"),
    ("cilium_cluster_name", "cluster.name"),
    ("cilium_tunnel_mode", "tunnelProtocol"),
    ("cilium_mtu", "MTU"),
    ("cilium_enable_ipv4", "ipv4.enabled"),
    ("cilium_enable_ipv6", "ipv6.enabled"),
    ("cilium_kube_proxy_replacement", "kubeProxyReplacement"),
    ("cilium_native_routing_cidr", "ipv4NativeRoutingCIDR"),
    ("cilium_native_routing_cidr_ipv6", "ipv6NativeRoutingCIDR"),
    ("cilium_encryption_enabled", "encryption.enabled"),
    ("cilium_encryption_type", "encryption.type"),
    ("cilium_encryption_node_encryption", "encryption.nodeEncryption"),
];

/// Where the pods' range comes from, the first that is set.
const POOL: [&str; 2] = ["cilium_pool_cidr", "kube_pods_subnet"];
/// Values that are handed to the chart as they are.
const EXTRA: &str = "cilium_extra_values";

/// Whether some file of variables chooses a plugin.
pub(super) fn is_used(inventory: &Inventory) -> bool {
    inventory.live.iter().any(|file| {
        let bytes = inventory.sources.file(*file).bytes().unwrap_or_default();
        memmem::find(bytes, PLUGIN.as_bytes()).is_some()
    })
}

/// What the role makes of the variables of a host. Its defaults are not known, but for that of the mode, which has always been the same.
pub(super) fn installation(inventory: &Inventory, scope: &Scope, at: Span) -> Option<Installation> {
    let sources = inventory.sources;
    let stated = |name: &str| Some(scope.resolve(sources, scope.get(name)?));
    let plugin = stated(PLUGIN)?;
    if plugin.as_text() != Some("cilium") {
        return None;
    }
    let mut values = Layers::at(at);
    for (name, path) in VARIABLES {
        let value = stated(name).unwrap_or_else(|| jinja::unknown(name, plugin.span()));
        values.set(path, &value, false);
    }
    let mode = stated("cilium_ipam_mode").unwrap_or_else(|| Node::plain("cluster-pool", plugin.span()));
    values.set("ipam.mode", &mode, false);
    if let Some(pool) = POOL.iter().find_map(|name| stated(name)) {
        values.set("ipam.operator.clusterPoolIPv4PodCIDRList[0]", &pool, false);
    }
    if let Some(extra) = stated(EXTRA).filter(Node::is_mapping) {
        values.add(&extra);
    }
    let finished = values.clone().finish();
    Some(Installation {
        name: finished.tree.at(&["cluster", "name"]).cloned(),
        id: finished.tree.at(&["cluster", "id"]).cloned(),
        version: stated("cilium_version"),
        machines: Vec::new(),
        values,
    })
}
