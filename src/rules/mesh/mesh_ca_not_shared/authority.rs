//! Where the certificate authority of a cluster's mesh comes from.

use crate::cluster::{ClusterIndex, GroupKind};
use crate::mesh::secret_source::{SecretSource, Text, source};
use crate::mesh::{Known, Member, Place};

const METHOD: [&str; 5] = ["clustermesh", "apiserver", "tls", "auto", "method"];
const ISSUER: [&str; 5] = ["clustermesh", "apiserver", "tls", "auto", "certManagerIssuerRef"];
const CA_CERT: [&str; 3] = ["tls", "ca", "cert"];
const SECRET: &str = "cilium-ca";

/// Where the authority of a cluster comes from.
#[derive(Debug)]
pub(super) enum Authority {
    /// The repository shows its certificate, or where it is fetched from.
    From(SecretSource),
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
    match member.tls.method.get()?.as_str() {
        "helm" | "cronJob" => {
            match (&member.tls.ca_cert.value, &member.tls.ca_key.value) {
                (Known::Stated(cert), Known::Stated(key)) if !cert.is_empty() && !key.is_empty() => {
                    let cert = Text::Base64(cert.trim().to_owned());
                    let source = SecretSource::Stated(cert, member.place_of(&CA_CERT)?);
                    return Some(Authority::From(source));
                }
                (Known::Unknown(_), _) | (_, Known::Unknown(_)) => return None,
                _ => {}
            }
            let found = here.find_beside_charts(
                GroupKind::SECRET,
                Some(member.cilium.as_ref()?.namespace()?),
                SECRET,
            );
            match found {
                crate::cluster::Existence::Exists(placed) => {
                    Some(source(placed.object, "ca.crt").map_or(Authority::Brought, Authority::From))
                }
                crate::cluster::Existence::Missing => Some(Authority::MadeByChart(member.place_of(&METHOD)?)),
                crate::cluster::Existence::Unknown(_) => None,
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
            return Some(Place::in_object(placed.object, &entry.key, "spec.selfSigned"));
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
