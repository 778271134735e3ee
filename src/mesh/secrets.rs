//! Secrets from which Cilium reads whom to connect to, made beside the chart.

use std::sync::Arc;

use super::local;
use crate::fleet::Cluster;
use crate::kustomize::Object;
use crate::yaml::Node;

/// What the chart calls them.
const NAMES: [&str; 2] = ["cilium-clustermesh", "cilium-kvstoremesh"];

/// An object of the repository that makes one of the Secrets with peers.
#[derive(Debug, Clone)]
pub struct MeshSecret {
    /// Name of the Secret.
    pub name: String,
    /// The scalar that gives it its name.
    pub name_node: Node,
    /// Its keys, as far as the object tells.
    pub keys: Vec<Node>,
    /// Whether the object makes the Secret, rather than add to one that exists.
    pub owns: bool,
    /// The object: a Secret, ExternalSecret or SealedSecret.
    pub object: Arc<Object>,
}

/// The mesh Secrets that the cluster gets beside the chart.
pub(super) fn mesh_secrets(cluster: &Cluster) -> Vec<MeshSecret> {
    local::objects(cluster)
        .filter_map(|(_, object)| mesh_secret(object))
        .collect()
}

fn mesh_secret(object: &Arc<Object>) -> Option<MeshSecret> {
    let node = &object.node;
    let own_name = node.at(&["metadata", "name"]);
    let filled = |path: &[&str]| {
        node.at(path)
            .filter(|name| name.as_text().is_some_and(|text| !text.is_empty()))
    };
    let keys_of = |path: &[&str]| {
        node.at(path)
            .map(Node::entries)
            .unwrap_or_default()
            .iter()
            .map(|entry| entry.key.clone())
    };
    let (name_node, keys, owns) = match (object.group(), object.kind()) {
        ("", "Secret") => (
            own_name?,
            keys_of(&["data"]).chain(keys_of(&["stringData"])).collect(),
            true,
        ),
        ("external-secrets.io", "ExternalSecret") => {
            let data = node.at(&["spec", "data"]).map(Node::items).unwrap_or_default();
            // A template decides alone what keys there are.
            let keys: Vec<Node> = match node.at(&["spec", "target", "template", "data"]) {
                Some(template) => template.entries().iter().map(|entry| entry.key.clone()).collect(),
                None => data
                    .iter()
                    .filter_map(|item| item.get("secretKey").cloned())
                    .collect(),
            };
            let policy = node.text_at(&["spec", "target", "creationPolicy"]);
            (
                filled(&["spec", "target", "name"]).or(own_name)?,
                keys,
                !matches!(policy, Some("Merge" | "None")),
            )
        }
        ("bitnami.com", "SealedSecret") => (
            filled(&["spec", "template", "metadata", "name"]).or(own_name)?,
            keys_of(&["spec", "encryptedData"]).collect(),
            true,
        ),
        _ => return None,
    };
    let name = name_node.as_text().filter(|name| NAMES.contains(name))?;
    Some(MeshSecret {
        name: name.to_owned(),
        name_node: name_node.clone(),
        keys,
        owns,
        object: Arc::clone(object),
    })
}
