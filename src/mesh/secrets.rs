//! Secrets from which Cilium reads whom to connect to, made beside the chart.

use std::sync::Arc;

use super::fact::{Evidence, Fact, Known, Place};
use super::peers::Peer;
use super::read;
use crate::fleet::Cluster;
use crate::helm;
use crate::kustomize::Object;
use crate::source::SourceMap;
use crate::unknown::UnknownReason;
use crate::yaml::{Entry, Node, embedded_places, parse_embedded};

/// What the chart calls them.
const NAMES: [&str; 2] = [PEERS, "cilium-kvstoremesh"];

/// The Secret that the agents take their peers from.
pub(super) const PEERS: &str = "cilium-clustermesh";

/// An object of the repository that makes one of the Secrets with peers.
#[derive(Debug, Clone)]
pub struct MeshSecret {
    /// Name of the Secret.
    pub name: String,
    /// The scalar that gives it its name.
    pub name_node: Node,
    /// Its keys, as far as the object tells.
    pub keys: Vec<Node>,
    /// The peers whose connections it holds. An endpoint that cannot be read leaves only the name.
    pub peers: Vec<Peer>,
    /// Whether there may be more keys than `keys`.
    pub is_open: bool,
    /// The map that states that there are none.
    pub empty: Option<Node>,
    /// Whether the object makes the Secret, rather than add to one that exists.
    pub owns: bool,
    /// The object: a Secret, ExternalSecret or SealedSecret.
    pub object: Arc<Object>,
}

/// What other files of the Secret are called: certificates and keys, of all peers or of one.
const OTHER_FILES: [&str; 4] = [".crt", ".key", ".pem", ".cert"];

/// Whether a key of the Secret is the name of a peer.
pub fn is_peer_key(key: &str) -> bool {
    !OTHER_FILES.iter().any(|ending| key.ends_with(ending))
}

/// The mesh Secrets that the cluster gets beside the chart.
pub(super) fn mesh_secrets(cluster: &Cluster, sources: &SourceMap) -> Vec<MeshSecret> {
    cluster
        .objects()
        .filter_map(|(_, object)| mesh_secret(object, sources))
        .collect()
}

/// The peers of all the Secrets, each once, and whether there may be more. The endpoint of a peer stands in the Secret of
/// KVStoreMesh where that runs, and the other then points at the own API server.
pub(super) fn peers(secrets: &[MeshSecret]) -> (Fact<Vec<Peer>>, bool) {
    let mut all: Vec<Peer> = Vec::new();
    for peer in secrets.iter().flat_map(|secret| &secret.peers) {
        match all.iter_mut().find(|known| known.name == peer.name) {
            Some(known) if known.address.stated().is_none() => *known = peer.clone(),
            Some(_) => {}
            None => all.push(peer.clone()),
        }
    }
    let evidence = all.first().map(|first| Evidence {
        value: Some(all.clone()),
        place: first.place.clone(),
    });
    let fact = Fact {
        evidence: evidence.into_iter().collect(),
        value: Known::Stated(all),
    };
    (fact, secrets.iter().any(|secret| secret.is_open))
}

fn mesh_secret(object: &Arc<Object>, sources: &SourceMap) -> Option<MeshSecret> {
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
    let peers = keys.iter().filter_map(|key| peer(object, key, sources)).collect();
    let empty = stated_empty(object).filter(|_| keys.is_empty()).cloned();
    Some(MeshSecret {
        name: name.to_owned(),
        name_node: name_node.clone(),
        peers,
        is_open: keys.is_empty() && empty.is_none() || node.at(&["spec", "dataFrom"]).is_some(),
        empty,
        keys,
        owns,
        object: Arc::clone(object),
    })
}

/// Annotations that ask a controller to fill a Secret with what another holds.
const FILLED_BY: [&str; 2] = ["replicate-from", "reflects"];

/// The data of a Secret that says there is none. One without any `data` is a place for whoever fills it.
fn stated_empty(object: &Object) -> Option<&Node> {
    let annotations = object.node.at(&["metadata", "annotations"]);
    let is_filled = annotations
        .map(Node::entries)
        .unwrap_or_default()
        .iter()
        .any(|entry| {
            let key = entry.key.as_text().unwrap_or_default();
            FILLED_BY.iter().any(|ending| key.ends_with(ending))
        });
    let stated = ["stringData", "data"]
        .iter()
        .filter_map(|field| object.node.get(field))
        .find(|data| data.is_mapping() && !data.origin().is_unknown());
    stated.filter(|_| object.kind() == "Secret" && object.group().is_empty() && !is_filled)
}

/// The peer that a key of the Secret stands for.
fn peer(object: &Arc<Object>, key: &Node, sources: &SourceMap) -> Option<Peer> {
    let name = key
        .as_text()
        .filter(|name| is_peer_key(name) && !read::is_template(name))?;
    if key.origin().is_unknown() {
        return None;
    }
    let text = match object.kind() {
        "Secret" => helm::text_of_secret(object, name).unwrap_or(Err(UnknownReason::External)),
        "SealedSecret" => Err(UnknownReason::Encrypted),
        _ => {
            let template = object.node.at(&["spec", "target", "template", "data", name]);
            template.cloned().ok_or(UnknownReason::External)
        }
    };
    let endpoint = text.and_then(|text| Endpoint::read(&text, sources));
    let mut entries = vec![("name", key.clone())];
    if let Ok(Endpoint { host, port }) = &endpoint {
        entries.extend([("address", host.clone()), ("port", port.clone())]);
    }
    let known = |part: fn(&Endpoint) -> Node| match &endpoint {
        Ok(endpoint) => Known::Stated(part(endpoint)),
        Err(reason) => Known::Unknown(*reason),
    };
    let entries = entries.into_iter().map(|(name, value)| Entry {
        key: Node::string(name, value.span()),
        value,
    });
    Some(Peer {
        name: name.to_owned(),
        address: known(|endpoint| endpoint.host.clone()),
        ips: Known::Unknown(UnknownReason::External),
        port: known(|endpoint| endpoint.port.clone()),
        entry: Node::mapping(entries.collect(), key.span()),
        place: Place::in_object(object, key, format!("key {name}")),
    })
}

/// Where a peer's API server is dialled.
struct Endpoint {
    host: Node,
    port: Node,
}

impl Endpoint {
    /// The first of the `endpoints` in an etcd configuration.
    fn read(text: &Node, sources: &SourceMap) -> Result<Self, UnknownReason> {
        let parsed = parse_embedded(text, sources);
        let root = parsed.root().ok_or(UnknownReason::Generated)?;
        let endpoints = root.get("endpoints").map(Node::items).unwrap_or_default();
        let endpoint = endpoints.first().ok_or(UnknownReason::Generated)?;
        let url = endpoint.as_text().unwrap_or_default();
        let parts = url.split_once("://").and_then(|(_, rest)| rest.rsplit_once(':'));
        let (host, port) = parts
            // The own API server, which holds what KVStoreMesh fetched.
            .filter(|(host, _)| !host.starts_with("clustermesh-apiserver"))
            .filter(|_| !endpoint.origin().is_unknown() && !read::is_template(url))
            .ok_or(UnknownReason::Generated)?;
        let places = embedded_places(endpoint, sources);
        let port_at = url.len() - port.len();
        let host_at = port_at - 1 - host.len();
        Ok(Self {
            host: Node::string(host, places(host_at..port_at - 1)),
            port: Node::plain(port.trim_end_matches('/'), places(port_at..url.len())),
        })
    }
}
