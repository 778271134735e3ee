//! Signs that a mesh is meant although it is switched off.

use super::fact::Place;
use super::service::GlobalService;
use super::values::CiliumValues;
use crate::fleet::Cluster;
use crate::kustomize::Object;
use crate::yaml::Node;

/// Secrets and ConfigMaps that only a mesh needs.
const MESH_OBJECTS: [&str; 3] = [
    "cilium-clustermesh",
    "cilium-kvstoremesh",
    "clustermesh-remote-users",
];

/// Objects of the cluster that only a mesh needs.
pub(super) fn objects(cluster: &Cluster) -> impl Iterator<Item = Place> {
    let holds = |object: &Object| {
        let target = object.node.text_at(&["spec", "target", "name"]);
        let template = object.node.text_at(&["spec", "template", "metadata", "name"]);
        [Some(object.name()), target, template]
            .into_iter()
            .flatten()
            .any(|name| MESH_OBJECTS.contains(&name))
    };
    cluster
        .objects()
        .filter(move |(_, object)| {
            let kind = matches!(
                object.kind(),
                "Secret" | "ConfigMap" | "ExternalSecret" | "SealedSecret"
            );
            kind && holds(object)
        })
        .map(|(_, object)| {
            Place::in_object(
                object,
                object.node.at(&["metadata", "name"]).unwrap_or(&object.node),
                "metadata.name",
            )
        })
}

/// Whether a value says that a mesh is meant.
type Tells = fn(&Node) -> bool;

/// Values under `clustermesh` that nobody writes who does not mean a mesh. Charts' own values files are copied as a
/// whole, so a value only tells something when it is not the default.
const TELLING: &[(&[&str], Tells)] = &[
    (&["useAPIServer"], is_true),
    (&["maxConnectedClusters"], |node| node.as_int() == Some(511)),
    (&["config", "enabled"], is_true),
    (&["config", "clusters"], is_filled),
    (&["config", "domain"], |node| {
        is_text_other_than(node, "mesh.cilium.io")
    }),
    (&["apiserver", "service", "type"], |node| {
        is_text_other_than(node, "NodePort")
    }),
    (&["apiserver", "service", "annotations"], is_filled),
    (&["apiserver", "service", "loadBalancerIP"], |node| {
        is_text_other_than(node, "")
    }),
    (&["apiserver", "tls", "auto", "method"], |node| {
        is_text_other_than(node, "helm")
    }),
];

fn is_true(node: &Node) -> bool {
    node.as_bool() == Some(true)
}

fn is_filled(node: &Node) -> bool {
    !node.items().is_empty() || !node.entries().is_empty()
}

fn is_text_other_than(node: &Node, default: &str) -> bool {
    node.as_text()
        .is_some_and(|text| !text.is_empty() && text != default)
}

/// The first value that says that a mesh is meant.
pub(super) fn values(values: &CiliumValues) -> Option<Place> {
    let section = values.node(&["clustermesh"])?;
    TELLING.iter().find_map(|(path, tells)| {
        let node = section.at(path).filter(|node| tells(node))?;
        let route: Vec<&str> = ["clustermesh"].iter().chain(path.iter()).copied().collect();
        Some(values.place(node, &route))
    })
}

/// Global services as signs.
pub(super) fn services(services: &[GlobalService]) -> impl Iterator<Item = Place> {
    services
        .iter()
        .map(|service| Place::in_object(&service.object, &service.annotation, "metadata.annotations"))
}
