use crate::finding::{Finding, Severity};
use crate::fleet::Cluster;
use crate::kustomize::Object;
use crate::mesh::{Member, PEERS, Place};
use crate::rules::gather::Gathered;
use crate::rules::places::Told;
use crate::rules::words;
use crate::rules::{Category, Context, Rule};
use crate::yaml::Node;

/// A private key of the mesh is in clear in the repository.
pub(crate) static RULE: Rule = Rule {
    name: "plaintext-mesh-key",
    category: Category::Mesh,
    severity: Severity::Error,
    pedantic: false,
    since: "0.1.0",
    page: include_str!("../../../rules/mesh/plaintext-mesh-key.md"),
    check,
};

/// Values that hold private keys.
const VALUES: [&[&str]; 6] = [
    &["tls", "ca", "key"],
    &["clustermesh", "apiserver", "tls", "ca", "key"],
    &["clustermesh", "apiserver", "tls", "server", "key"],
    &["clustermesh", "apiserver", "tls", "admin", "key"],
    &["clustermesh", "apiserver", "tls", "client", "key"],
    &["clustermesh", "apiserver", "tls", "remote", "key"],
];

/// Secrets of the mesh, with private keys in `*.key` or, for IPsec, in `keys`.
const SECRETS: [&str; 8] = [
    "cilium-ca",
    "cilium-clustermesh",
    "cilium-kvstoremesh",
    "cilium-ipsec-keys",
    "clustermesh-apiserver-server-cert",
    "clustermesh-apiserver-admin-cert",
    "clustermesh-apiserver-remote-cert",
    "clustermesh-apiserver-local-cert",
];

/// A private key that anyone can read.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
struct InClear;

impl Told for InClear {
    fn message(&self, place: &Place, clusters: &[String]) -> String {
        let name = place.route.strip_prefix("spec.values.").unwrap_or(&place.route);
        let holder = match &place.object {
            Some(object) => format!("{} `{}`", object.kind, object.name),
            None => "a values file".to_owned(),
        };
        format!(
            "`{name}` in {holder} of {} is a private key in clear",
            words::clusters(clusters)
        )
    }

    fn label(&self) -> String {
        "readable by everyone who reads the repository".to_owned()
    }

    fn help(&self) -> String {
        HELP.to_owned()
    }
}

const HELP: &str = "make a new key, and keep it in a secret store or encrypted: this one stays in the history of the repository";

fn check(context: &Context<'_>, findings: &mut Vec<Finding>) {
    let mut gathered = Gathered::new();
    for member in &context.mesh.members {
        let cluster = context.fleet.clusters.get(member.cluster);
        for place in in_values(member)
            .into_iter()
            .chain(cluster.into_iter().flat_map(in_secrets))
        {
            gathered.add(place.edit_span(), InClear, &member.name, place);
        }
    }
    gathered.report(findings);
}

fn in_values(member: &Member) -> Vec<Place> {
    let Some(values) = member.cilium.as_ref().map(|cilium| &cilium.values) else {
        return Vec::new();
    };
    let mut places: Vec<Place> = VALUES
        .iter()
        .filter_map(|path| Some(values.place(values.node(path).filter(|node| is_private(node))?, path)))
        .collect();
    let Some(peers) = values.node(&PEERS) else {
        return places;
    };
    let entries = peers
        .items()
        .iter()
        .chain(peers.entries().iter().map(|entry| &entry.value));
    let keys = entries
        .filter_map(|entry| entry.at(&["tls", "key"]))
        .filter(|node| is_private(node));
    places.extend(keys.map(|node| values.place(node, &[&PEERS[..], &["tls", "key"]].concat())));
    places
}

fn in_secrets(cluster: &Cluster) -> Vec<Place> {
    let secrets = cluster
        .objects_of("Secret")
        .filter(|(_, object)| SECRETS.contains(&object.name()));
    secrets.flat_map(|(_, object)| in_secret(object)).collect()
}

fn in_secret(object: &Object) -> Vec<Place> {
    let mut places = Vec::new();
    for section in ["data", "stringData"] {
        for entry in object.node.get(section).map(Node::entries).unwrap_or_default() {
            let Some(key) = entry.key.as_text() else { continue };
            let private = match object.name() {
                "cilium-ipsec-keys" => key == "keys" && is_ipsec_key(&entry.value),
                _ => key.ends_with(".key") && is_private(&entry.value),
            };
            if private {
                places.push(Place::in_object(object, &entry.value, format!("{section}.{key}")));
            }
        }
    }
    places
}

/// A private key as PEM, or the same in base64.
fn is_private(node: &Node) -> bool {
    if node.origin().is_unknown() {
        return false;
    }
    let text = node.as_text().unwrap_or_default().trim_start();
    // `-----BEGIN` in base64.
    let encoded = text.starts_with("LS0tLS1CRUdJTi");
    encoded || (text.starts_with("-----BEGIN") && text.contains("PRIVATE KEY"))
}

/// `3+ rfc4106(gcm(aes)) <hex> 128`, or the same in base64.
fn is_ipsec_key(node: &Node) -> bool {
    if node.origin().is_unknown() {
        return false;
    }
    let text = node.as_text().unwrap_or_default().trim();
    let starts_with_id = text.split_once(' ').is_some_and(|(id, rest)| {
        id.trim_end_matches('+').bytes().all(|byte| byte.is_ascii_digit())
            && (rest.contains("(aes)") || rest.contains("hmac("))
    });
    // `rfc4106(` follows the id, at an offset that depends on its length.
    let encoded = ["cmZjNDEwNi", "JmYzQxMDYo", "yZmM0MTA2K"]
        .iter()
        .any(|part| text.contains(part));
    starts_with_id || encoded
}
