//! Cluster settings: variables whose names tell what they hold.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use super::fact::{Place, Statement};
use crate::finding::ObjectRef;
use crate::fleet::Cluster;
use crate::source::Span;
use crate::unknown::UnknownReason;
use crate::yaml::{Node, Origin};

/// Names by which settings are recognised.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SettingsKeys {
    /// Hold `cluster.id`.
    pub cluster_id: Vec<String>,
    /// Hold `cluster.name`.
    pub cluster_name: Vec<String>,
    /// Hold the range or ranges of the pods.
    pub pod_cidr: Vec<String>,
    /// Hold the range or ranges of the Services.
    pub service_cidr: Vec<String>,
    /// Hold the range or ranges of the nodes.
    pub node_cidr: Vec<String>,
    /// Hold the range or ranges of load balancer addresses.
    pub load_balancer_cidr: Vec<String>,
    /// A variable whose name contains one of these shows that a mesh is meant.
    pub mesh_marker: Vec<String>,
    /// ConfigMaps that hold settings even where no Kustomization reads them.
    pub config_map: Vec<String>,
}

impl Default for SettingsKeys {
    fn default() -> Self {
        let names = |all: &[&str]| all.iter().map(|name| (*name).to_owned()).collect();
        Self {
            cluster_id: names(&[
                "CLUSTER_ID",
                "CILIUM_CLUSTER_ID",
                "CLUSTERMESH_ID",
                "CLUSTERMESH_CLUSTER_ID",
            ]),
            cluster_name: names(&[
                "CILIUM_CLUSTER_NAME",
                "CLUSTERMESH_NAME",
                "CLUSTERMESH_CLUSTER_NAME",
                "CLUSTER_NAME",
                "CLUSTER",
            ]),
            pod_cidr: names(&[
                "POD_CIDR",
                "POD_CIDRS",
                "POD_CIDR_STRING",
                "POD_CIDR_V4",
                "POD_CIDR_V6",
                "POD_SUBNET",
                "POD_SUBNETS",
                "PODS_CIDR",
                "CILIUM_POD_CIDR",
                "CLUSTER_POD_CIDR",
                "CLUSTER_POD_CIDRS",
                "KUBERNETES_POD_CIDR",
                "CLUSTER_CIDR",
            ]),
            service_cidr: names(&[
                "SERVICE_CIDR",
                "SERVICE_CIDRS",
                "SERVICE_CIDR_STRING",
                "SERVICE_CIDR_V4",
                "SERVICE_CIDR_V6",
                "SERVICE_SUBNET",
                "SERVICE_SUBNETS",
                "SERVICES_CIDR",
                "SVC_CIDR",
                "CLUSTER_SERVICE_CIDR",
                "CLUSTER_SERVICE_CIDRS",
                "CLUSTER_SVC_CIDR",
                "KUBERNETES_SERVICE_CIDR",
            ]),
            node_cidr: names(&[
                "NODE_CIDR",
                "NODE_CIDRS",
                "NODE_CIDR_STRING",
                "NODE_SUBNET",
                "NODE_SUBNETS",
                "NODES_CIDR",
                "CLUSTER_NODE_CIDR",
                "KUBERNETES_NODE_CIDR",
            ]),
            load_balancer_cidr: names(&[
                "LB_CIDR",
                "LB_POOL_CIDR",
                "LB_IP_POOL",
                "LOAD_BALANCER_CIDR",
                "LOADBALANCER_CIDR",
                "CILIUM_LB_CIDR",
                "CILIUM_LB_POOL_CIDR",
            ]),
            mesh_marker: names(&["CLUSTERMESH", "CLUSTER_MESH"]),
            config_map: names(&[
                "cluster-settings",
                "cluster-config",
                "cluster-vars",
                "cluster-info",
            ]),
        }
    }
}

/// One setting of a cluster.
#[derive(Debug, Clone)]
pub(super) struct Setting {
    pub(super) value: Result<Arc<str>, UnknownReason>,
    pub(super) place: Place,
}

/// The settings of one cluster whose names mean something, by name.
#[derive(Debug, Default)]
pub(super) struct Settings {
    by_name: BTreeMap<String, Vec<Setting>>,
    /// Settings that show that a mesh is meant.
    pub(super) markers: Vec<Place>,
}

impl Settings {
    /// Collects the variables that the cluster's Kustomizations substitute, and the data of ConfigMaps with a
    /// settings name.
    pub(super) fn of(cluster: &Cluster, keys: &SettingsKeys) -> Self {
        let holders = Holders::of(cluster, keys);
        let mut settings = Self {
            markers: holders.markers.clone(),
            ..Self::default()
        };
        let names: BTreeMap<String, &str> = keys.names().map(|name| (bare(name), name)).collect();
        let mut seen = BTreeSet::new();
        let owners = cluster.delivering().map(|(_, owner)| owner);
        let variables = owners.flat_map(|owner| &owner.variables.known);
        for (variable_name, variable) in variables {
            // Without a span nothing in the repository states it, and there is nothing to point at.
            let (Some(name), Some(span)) = (names.get(&bare(variable_name)), variable.span) else {
                continue;
            };
            if seen.insert((*name, span)) {
                let text = variable.value.clone().unwrap_or_default();
                let node = Node::string(text, Origin::at(span));
                let holder = holders.by_span.get(&span).cloned();
                settings.add(name, variable.value.clone(), node, holder);
            }
        }
        for (object, key, node) in &holders.named {
            let Some(name) = names.get(&bare(key)) else {
                continue;
            };
            if seen.insert((*name, node.span())) {
                let value = node.as_text().map(Arc::from).ok_or(UnknownReason::External);
                settings.add(name, value, node.clone(), Some((object.clone(), route(key))));
            }
        }
        settings
    }

    fn add(
        &mut self,
        name: &str,
        value: Result<Arc<str>, UnknownReason>,
        node: Node,
        holder: Option<(ObjectRef, String)>,
    ) {
        let (object, route) = holder.map_or((None, name.to_owned()), |(object, route)| (Some(object), route));
        let place = Place {
            node,
            statement: Statement::Settings,
            object,
            route,
        };
        self.by_name
            .entry(name.to_owned())
            .or_default()
            .push(Setting { value, place });
    }

    /// The settings under these names, in the order of the names.
    pub(super) fn under<'a>(&'a self, names: &'a [String]) -> impl Iterator<Item = &'a Setting> {
        names.iter().filter_map(|name| self.by_name.get(name)).flatten()
    }
}

impl SettingsKeys {
    /// No names at all.
    pub fn none() -> Self {
        Self {
            cluster_id: Vec::new(),
            cluster_name: Vec::new(),
            pod_cidr: Vec::new(),
            service_cidr: Vec::new(),
            node_cidr: Vec::new(),
            load_balancer_cidr: Vec::new(),
            mesh_marker: Vec::new(),
            config_map: Vec::new(),
        }
    }

    /// Whether a variable of that name states a fact about its cluster.
    pub fn is_setting(&self, name: &str) -> bool {
        let name = bare(name);
        self.names().any(|key| bare(key) == name)
    }

    fn names(&self) -> impl Iterator<Item = &str> {
        [
            &self.cluster_id,
            &self.cluster_name,
            &self.pod_cidr,
            &self.service_cidr,
            &self.node_cidr,
            &self.load_balancer_cidr,
        ]
        .into_iter()
        .flatten()
        .map(String::as_str)
    }

    fn marks_a_mesh(&self, name: &str) -> bool {
        let name = bare(name);
        self.mesh_marker.iter().any(|marker| name.contains(&bare(marker)))
    }
}

/// A name as far as it counts: `POD_CIDR`, `pod_cidr` and `podCidr` are one.
fn bare(name: &str) -> String {
    let letters = name.chars().filter(|c| !matches!(c, '_' | '-'));
    letters.flat_map(char::to_uppercase).collect()
}

/// The objects that hold settings: ConfigMaps that `substituteFrom` names or that have a settings name, and the
/// Kustomizations with inline variables.
#[derive(Default)]
struct Holders {
    by_span: BTreeMap<Span, (ObjectRef, String)>,
    /// Entries of ConfigMaps with a settings name.
    named: Vec<(ObjectRef, String, Node)>,
    markers: Vec<Place>,
}

impl Holders {
    fn of(cluster: &Cluster, keys: &SettingsKeys) -> Self {
        let sources: BTreeSet<(&str, &str)> = cluster
            .kustomizations
            .iter()
            .flat_map(|owner| {
                let sources = owner
                    .spec()
                    .and_then(|spec| spec.at(&["postBuild", "substituteFrom"]));
                sources
                    .map(Node::items)
                    .unwrap_or_default()
                    .iter()
                    .filter_map(|source| Some((&*owner.namespace, source.text_at(&["name"])?)))
            })
            .collect();
        let mut holders = Self::default();
        for (_, object) in cluster.objects_of("ConfigMap") {
            let place = (object.namespace().unwrap_or_default(), object.name());
            let named = keys.config_map.iter().any(|name| name == object.name());
            if !named && !sources.contains(&place) {
                continue;
            }
            let Some(data) = object.node.get("data") else {
                continue;
            };
            holders.scan(&object.reference(), data, "data", named, keys);
        }
        for owner in &cluster.kustomizations {
            if let Some(inline) = owner
                .spec()
                .and_then(|spec| spec.at(&["postBuild", "substitute"]))
            {
                holders.scan(
                    &owner.object.reference(),
                    inline,
                    "spec.postBuild.substitute",
                    false,
                    keys,
                );
            }
        }
        holders
    }

    fn scan(&mut self, object: &ObjectRef, data: &Node, root: &str, named: bool, keys: &SettingsKeys) {
        for entry in data.entries() {
            let Some(name) = entry.key.as_text() else { continue };
            let route = format!("{root}.{name}");
            self.by_span
                .entry(entry.value.span())
                .or_insert_with(|| (object.clone(), route.clone()));
            if named {
                self.named
                    .push((object.clone(), name.to_owned(), entry.value.clone()));
            }
            if keys.marks_a_mesh(name) {
                self.markers.push(Place {
                    node: entry.key.clone(),
                    statement: Statement::Settings,
                    object: Some(object.clone()),
                    route,
                });
            }
        }
    }
}

fn route(key: &str) -> String {
    format!("data.{key}")
}
