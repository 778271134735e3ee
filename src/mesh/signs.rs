//! Signs that a mesh is meant although it is switched off.

use super::local;
use super::model::{GlobalService, Place, Statement};
use super::values::CiliumValues;
use crate::flux::Cluster;
use crate::kustomize::Object;
use crate::yaml::Node;

/// Secrets and ConfigMaps that only a mesh needs.
const MESH_OBJECTS: [&str; 3] = [
    "cilium-clustermesh",
    "cilium-kvstoremesh",
    "clustermesh-remote-users",
];

/// The chart's default of `clustermesh.config.domain`: stating it again says nothing.
const DEFAULT_DOMAIN: &str = "mesh.cilium.io";

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
    local::objects(cluster)
        .filter(move |(_, object)| {
            let kind = matches!(
                object.kind(),
                "Secret" | "ConfigMap" | "ExternalSecret" | "SealedSecret"
            );
            kind && holds(object)
        })
        .map(|(_, object)| Place {
            node: object
                .node
                .at(&["metadata", "name"])
                .unwrap_or(&object.node)
                .clone(),
            statement: Statement::Resource,
            object: Some(object.reference()),
            route: "metadata.name".to_owned(),
        })
}

/// Values under `clustermesh` that say more than "off": anything but false, null, empty, and the default domain.
pub(super) fn values(values: &CiliumValues) -> Option<Place> {
    let section = values.node(&["clustermesh"])?;
    let entry = section
        .entries()
        .iter()
        .find(|entry| says_something(&entry.value))?;
    Some(values.place(
        &entry.key,
        &["clustermesh", entry.key.as_text().unwrap_or_default()],
    ))
}

/// The documents are bounded in depth by the parser, and so is this.
fn says_something(node: &Node) -> bool {
    if node.is_mapping() {
        return node.entries().iter().any(|entry| says_something(&entry.value));
    }
    if node.is_sequence() {
        return !node.items().is_empty();
    }
    match node.as_text() {
        None | Some("" | DEFAULT_DOMAIN) => false,
        Some(_) => node.as_bool() != Some(false),
    }
}

/// Global services as signs.
pub(super) fn services(services: &[GlobalService]) -> impl Iterator<Item = Place> {
    services.iter().map(|service| Place {
        node: service.annotation.clone(),
        statement: Statement::Resource,
        object: Some(service.object.reference()),
        route: "metadata.annotations".to_owned(),
    })
}
