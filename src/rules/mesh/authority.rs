//! Where the certificate authority of a cluster's mesh comes from.

use super::places;
use crate::flux::{ClusterIndex, GroupKind};
use crate::kustomize::Object;
use crate::mesh::{Known, Member, Place, Statement};
use crate::yaml::Node;

const METHOD: [&str; 5] = ["clustermesh", "apiserver", "tls", "auto", "method"];
const ISSUER: [&str; 5] = ["clustermesh", "apiserver", "tls", "auto", "certManagerIssuerRef"];
const CA_CERT: [&str; 3] = ["tls", "ca", "cert"];
const SECRET: &str = "cilium-ca";

/// The certificate of an authority, as somebody wrote it. Two ways of writing are not compared with each other.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Certificate {
    Base64(String),
    Plain(String),
}

impl Certificate {
    pub(super) fn is_base64(&self) -> bool {
        matches!(self, Self::Base64(_))
    }
}

/// What an ExternalSecret fetches.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Fetched {
    /// Kind and name of the store: only what comes from stores of one name is compared.
    pub(super) store: (String, String),
    /// The keys in the store, in order.
    pub(super) keys: Vec<String>,
}

/// Where the authority of a cluster comes from.
#[derive(Debug)]
pub(super) enum Authority {
    /// Its certificate is in the repository.
    Stated(Certificate, Place),
    /// It is fetched from a store.
    Fetched(Fetched, Place),
    /// A Secret that the repository brings in a way that cannot be compared, or an issuer that is not the cluster's own.
    Brought,
    /// The chart makes one, unless somebody puts it there by hand.
    MadeByChart(Place),
    /// An issuer signs that has itself from the same cluster.
    MadeHere(Place),
}

impl Authority {
    pub(super) fn own(&self) -> Option<&Place> {
        match self {
            Self::MadeByChart(place) | Self::MadeHere(place) => Some(place),
            _ => None,
        }
    }
}

/// Where the authority comes from, as far as the repository tells.
pub(super) fn authority(member: &Member, here: &ClusterIndex<'_>) -> Option<Authority> {
    if !member.api_server.is_true() || !member.tls.auto.is_true() {
        return None;
    }
    let release = member.cilium.as_ref()?.release.as_ref();
    let namespace = || {
        release.and_then(|release| {
            release
                .node
                .text_at(&["spec", "targetNamespace"])
                .or(release.namespace())
        })
    };
    match member.tls.method.get()?.as_str() {
        "helm" | "cronJob" => {
            match (&member.tls.ca_cert.value, &member.tls.ca_key.value) {
                (Known::Stated(cert), Known::Stated(key)) if !cert.is_empty() && !key.is_empty() => {
                    let cert = Certificate::Base64(cert.trim().to_owned());
                    return Some(Authority::Stated(cert, places::field(member, &CA_CERT)?));
                }
                (Known::Unknown(_), _) | (_, Known::Unknown(_)) => return None,
                _ => {}
            }
            let found = here.find_beside_charts(GroupKind::SECRET, Some(namespace()?), SECRET);
            match found {
                crate::flux::Existence::Exists(placed) => Some(brought(placed.object)),
                crate::flux::Existence::Missing => {
                    Some(Authority::MadeByChart(places::field(member, &METHOD)?))
                }
                crate::flux::Existence::Unknown(_) => None,
            }
        }
        "certmanager" => match signs_itself(member, here) {
            Some(place) => Some(Authority::MadeHere(place)),
            None => Some(Authority::Brought),
        },
        _ => None,
    }
}

/// An issuer that signs each certificate with itself, or with a CA that such an issuer has made in this cluster.
fn signs_itself(member: &Member, here: &ClusterIndex<'_>) -> Option<Place> {
    let values = &member.cilium.as_ref()?.values;
    let text = |key: &str| values.text(&[&ISSUER[..], &[key]].concat());
    let (mut kind, mut name) = (text("kind").unwrap_or("Issuer"), text("name")?);
    // An issuer, its CA's certificate, and the issuer of that.
    for _ in 0..2 {
        let placed = here
            .named(GroupKind::new("cert-manager.io", kind), name)
            .first()?;
        let spec = placed.object.node.get("spec")?;
        if let Some(entry) = spec.entry("selfSigned") {
            return Some(Place {
                node: entry.key.clone(),
                statement: Statement::Resource,
                object: Some(placed.object.reference()),
                route: "spec.selfSigned".to_owned(),
            });
        }
        let secret = spec.text_at(&["ca", "secretName"])?;
        let issuers = here
            .named(GroupKind::SECRET, secret)
            .iter()
            .filter(|placed| placed.object.kind() == "Certificate");
        let issuer = issuers
            .filter_map(|placed| placed.object.node.at(&["spec", "issuerRef"]))
            .next()?;
        kind = issuer.text_at(&["kind"]).unwrap_or("Issuer");
        name = issuer.text_at(&["name"])?;
    }
    None
}

/// What a Secret or an ExternalSecret of that name says of the certificate.
fn brought(object: &Object) -> Authority {
    let read = match object.kind() {
        "Secret" => certificate(object),
        "ExternalSecret" => fetched(object),
        _ => None,
    };
    read.unwrap_or(Authority::Brought)
}

fn place(object: &Object, node: &Node, route: &str) -> Place {
    Place {
        node: node.clone(),
        statement: Statement::Resource,
        object: Some(object.reference()),
        route: route.to_owned(),
    }
}

fn certificate(object: &Object) -> Option<Authority> {
    const KEY: &str = "ca.crt";
    let text = |node: &Node| -> Option<String> {
        let known = !node.origin().is_unknown();
        let text = node.as_text().filter(|text| known && !text.contains("ENC["))?;
        Some(text.split_whitespace().collect::<Vec<_>>().join("\n")).filter(|text| !text.is_empty())
    };
    // Kubernetes lets `stringData` win.
    if let Some(node) = object.node.at(&["stringData", KEY]) {
        let certificate = Certificate::Plain(text(node)?);
        return Some(Authority::Stated(
            certificate,
            place(object, node, "stringData.ca.crt"),
        ));
    }
    let node = object.node.at(&["data", KEY])?;
    let certificate = Certificate::Base64(text(node)?.replace('\n', ""));
    Some(Authority::Stated(certificate, place(object, node, "data.ca.crt")))
}

/// Only an ExternalSecret with one store, and whose keys are all known.
fn fetched(object: &Object) -> Option<Authority> {
    let spec = object.node.get("spec")?;
    let store = spec.get("secretStoreRef")?;
    let store = (
        store.text_at(&["kind"]).unwrap_or("SecretStore").to_owned(),
        store.text_at(&["name"])?.to_owned(),
    );
    let single = spec
        .get("data")
        .map_or(&[][..], Node::items)
        .iter()
        .map(|item| item.at(&["remoteRef", "key"]));
    let whole = spec
        .get("dataFrom")
        .map_or(&[][..], Node::items)
        .iter()
        .map(|item| item.at(&["extract", "key"]));
    let nodes: Vec<&Node> = single.chain(whole).collect::<Option<_>>()?;
    let text = |node: &&Node| (!node.origin().is_unknown()).then(|| node.as_text().map(str::to_owned))?;
    let mut keys: Vec<String> = nodes.iter().map(text).collect::<Option<_>>()?;
    keys.sort();
    keys.dedup();
    let first = nodes.first()?;
    Some(Authority::Fetched(
        Fetched { store, keys },
        place(object, first, "spec"),
    ))
}
