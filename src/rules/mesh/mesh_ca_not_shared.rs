use std::collections::BTreeSet;

use super::peering::{self, Peering};
use super::places;
use crate::finding::{Finding, Severity};
use crate::flux::{ClusterIndex, GroupKind, Index};
use crate::mesh::{Group, Known, Member, Mesh, Place, Statement};
use crate::rules::words;
use crate::rules::{Category, Context, Rule};

/// Clusters of one mesh do not have their certificates from the same authority.
pub(crate) static RULE: Rule = Rule {
    name: "mesh-ca-not-shared",
    category: Category::Mesh,
    severity: Severity::Error,
    pedantic: false,
    since: "0.1.0",
    page: include_str!("../../../rules/mesh/mesh-ca-not-shared.md"),
    check,
};

const METHOD: [&str; 5] = ["clustermesh", "apiserver", "tls", "auto", "method"];
const ISSUER: [&str; 5] = ["clustermesh", "apiserver", "tls", "auto", "certManagerIssuerRef"];
const CA_CERT: [&str; 3] = ["tls", "ca", "cert"];
const SECRET: &str = "cilium-ca";
const SHOWN: usize = 6;

/// Where the authority of a cluster comes from.
#[derive(Debug)]
enum Authority {
    /// The certificate is in the values.
    Stated(String, Place),
    /// A Secret that the repository brings, or an issuer that is not the cluster's own.
    Brought,
    /// The chart makes one, unless somebody puts it there by hand.
    MadeByChart(Place),
    /// An issuer signs that has itself from the same cluster.
    MadeHere(Place),
}

impl Authority {
    fn own(&self) -> Option<&Place> {
        match self {
            Self::MadeByChart(place) | Self::MadeHere(place) => Some(place),
            _ => None,
        }
    }
}

fn message(owners: &[&str]) -> String {
    match owners {
        [only] => {
            format!("cluster `{only}` makes a certificate authority of its own, which its peers do not trust")
        }
        _ => format!(
            "{} each make a certificate authority of their own",
            words::clusters(owners)
        ),
    }
}

fn differ(names: &[&str]) -> String {
    format!(
        "{} have different certificate authorities in their values",
        words::clusters(names)
    )
}

const HELP: &str = "give all clusters one CA: a Secret `cilium-ca` with the same content in each, or an issuer that they share";

fn check(context: &Context<'_>, findings: &mut Vec<Finding>) {
    let joined: BTreeSet<usize> = Peering::of(context.mesh)
        .links()
        .flat_map(|link| [link.from.cluster, link.to.cluster])
        .collect();
    for group in &context.mesh.groups {
        if !trusts_more(context.mesh, group) {
            let members: Vec<&Member> = context
                .mesh
                .members_of(group)
                .filter(|member| joined.contains(&member.cluster))
                .collect();
            findings.extend(compare(&members, context.index));
        }
    }
}

/// Whether some cluster trusts a list of authorities, or has certificates for single peers.
fn trusts_more(mesh: &Mesh<'_>, group: &Group) -> bool {
    mesh.members_of(group).any(|member| {
        let own_certificates = peering::active(member)
            .iter()
            .any(|peer| peer.entry.get("tls").is_some());
        own_certificates || !matches!(member.tls.ca_bundle.get(), Some(false))
    })
}

fn compare(members: &[&Member], index: &Index<'_>) -> Option<Finding> {
    let known = members
        .iter()
        .filter_map(|member| Some((*member, authority(member, index.clusters.get(member.cluster)?)?)));
    let known: Vec<(&Member, Authority)> = known.collect();
    let own: Vec<_> = known
        .iter()
        .filter_map(|(member, authority)| Some((*member, authority.own()?)))
        .collect();
    let names = |all: &[(&Member, &Place)]| -> Vec<String> {
        all.iter().map(|(member, _)| member.name.clone()).collect()
    };
    // One alone is a fault when another has an authority that is surely not this one.
    if own.len() > 1 || (own.len() == 1 && known.len() > 1) {
        let names = names(&own);
        let names: Vec<&str> = names.iter().map(String::as_str).collect();
        let proven = known
            .iter()
            .any(|(_, authority)| matches!(authority, Authority::MadeHere(_)));
        // A Secret may have been copied by hand; nothing in the repository says so.
        let level = if proven {
            Severity::Error
        } else {
            Severity::Warning
        };
        let finding = labelled(message(&names), &own, |_| "nothing brings a CA here".to_owned())?;
        return Some(finding.help(HELP).severity(level).clusters(names));
    }
    let stated: Vec<_> = known
        .iter()
        .filter_map(|(member, authority)| match authority {
            Authority::Stated(text, place) => Some((*member, text.trim(), place)),
            _ => None,
        })
        .collect();
    let different: BTreeSet<&str> = stated.iter().map(|(_, text, _)| *text).collect();
    if different.len() < 2 {
        return None;
    }
    let places: Vec<_> = stated
        .iter()
        .map(|(member, _, place)| (*member, *place))
        .collect();
    let names = names(&places);
    let names: Vec<&str> = names.iter().map(String::as_str).collect();
    Some(
        labelled(differ(&names), &places, |member| {
            format!("the CA of `{}`", member.name)
        })?
        .help(HELP)
        .clusters(names),
    )
}

fn labelled(
    message: String,
    all: &[(&Member, &Place)],
    label: impl Fn(&Member) -> String,
) -> Option<Finding> {
    let ((member, place), others) = all.split_first()?;
    let finding = places::at(RULE.name, message, place, label(member));
    let others = others.iter().take(SHOWN);
    Some(others.fold(finding, |finding, (member, place)| {
        places::also(finding, place, label(member))
    }))
}

/// Where the authority comes from, as far as the repository tells.
fn authority(member: &Member, here: &ClusterIndex<'_>) -> Option<Authority> {
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
                    return Some(Authority::Stated(cert.clone(), places::field(member, &CA_CERT)?));
                }
                (Known::Unknown(_), _) | (_, Known::Unknown(_)) => return None,
                _ => {}
            }
            let found = here.find_beside_charts(GroupKind::SECRET, Some(namespace()?), SECRET);
            match found {
                crate::flux::Existence::Exists(_) => Some(Authority::Brought),
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
