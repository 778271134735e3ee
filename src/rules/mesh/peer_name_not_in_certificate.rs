use std::collections::BTreeSet;
use std::net::IpAddr;

use crate::finding::{Finding, Severity};
use crate::mesh::peering::{self, Link, Peering};
use crate::mesh::{DNS_NAMES, Known, Member, Place};
use crate::rules::gather::Gathered;
use crate::rules::places;
use crate::rules::words;
use crate::rules::{Category, Context, Rule};

/// A cluster dials its peer by a name that is not in the peer's certificate.
pub(crate) static RULE: Rule = Rule {
    name: "peer-name-not-in-certificate",
    category: Category::Mesh,
    severity: Severity::Error,
    pedantic: false,
    since: "0.1.0",
    page: include_str!("../../../rules/mesh/peer-name-not-in-certificate.md"),
    check,
};

const DOMAIN: [&str; 3] = ["clustermesh", "config", "domain"];
const ALWAYS_THERE: &str = "*.mesh.cilium.io";
const LOCAL: [&str; 2] = ["127.0.0.1", "::1"];

/// A name that is dialled.
struct Dialled {
    name: String,
    /// What the peer's certificate ought to have.
    wanted: String,
}

fn message(callers: &[String], peers: &[&str], wanted: &str) -> String {
    let (s, of) = (words::s(callers), words::clusters(callers));
    format!(
        "{of} dial{s} {} by `{wanted}`, which is not in the certificate there",
        words::all_of(peers)
    )
}

fn help(to: &Member, wanted: &str) -> String {
    let is_ip = wanted.parse::<IpAddr>().is_ok();
    let list = if is_ip {
        "extraIpAddresses"
    } else {
        "extraDnsNames"
    };
    let path = if to.version_at_least(1, 20) == Some(true) {
        "tls.auto.server"
    } else {
        "tls.server"
    };
    let otherwise = if is_ip {
        "give the address under `ips`"
    } else {
        "dial a name under `mesh.cilium.io`"
    };
    format!(
        "add `{wanted}` to `clustermesh.apiserver.{path}.{list}` of `{}`, or {otherwise}",
        to.name
    )
}

fn check(context: &Context<'_>, findings: &mut Vec<Finding>) {
    let mut gathered = Gathered::new();
    let mut peers: std::collections::BTreeMap<_, BTreeSet<&str>> = std::collections::BTreeMap::new();
    for link in Peering::of(context.mesh).links() {
        let Some(dialled) = dialled(link) else { continue };
        if holds(link.to, &dialled.name) == Some(false)
            && let Some(place) = written(link)
        {
            let key = (place.edit_span(), dialled.wanted.clone());
            peers.entry(key).or_default().insert(&link.to.name);
            gathered.add(
                place.edit_span(),
                dialled.wanted.clone(),
                &link.from.name,
                (link, dialled, place),
            );
        }
    }
    for (wanted, found) in gathered.into_faults() {
        let (link, dialled, place) = &found.first;
        let peers = peers.get(&(place.edit_span(), wanted.clone()));
        let peers: Vec<&str> = peers.into_iter().flatten().copied().collect();
        let label = format!("dials `{}`", dialled.name);
        let finding = places::at(message(&found.clusters, &peers, &wanted), place, label);
        let names = DNS_NAMES.iter().find_map(|path| {
            let values = &link.to.cilium.as_ref()?.values;
            Some(values.place(values.node(path)?, path))
        });
        let finding = match names {
            Some(place) => places::also(
                finding,
                &place,
                format!("names in the certificate of `{}`", link.to.name),
            ),
            None => finding,
        };
        findings.push(
            finding
                .help(help(link.to, &wanted))
                .clusters(found.clusters)
                .clusters(peers),
        );
    }
}

/// With `ips`, the chart makes a name of the peer's name and the domain; else the address is dialled as it is.
fn dialled(link: Link<'_>) -> Option<Dialled> {
    let (peer, from) = (link.peer, link.from);
    match (&peer.ips, &peer.address) {
        (Known::Stated(_), _) => {
            let domain = from.offer.domain.get()?;
            Some(Dialled {
                name: format!("{}.{domain}", peer.name).to_ascii_lowercase(),
                wanted: format!("*.{domain}").to_ascii_lowercase(),
            })
        }
        (Known::Absent, Known::Stated(address)) => {
            let name = address.as_text()?.trim_end_matches('.').to_ascii_lowercase();
            Some(Dialled {
                wanted: name.clone(),
                name,
            })
        }
        _ => None,
    }
}

/// Where the name that is dialled is written.
fn written(link: Link<'_>) -> Option<Place> {
    match link.peer.ips {
        Known::Stated(_) => link.from.place_of(&DOMAIN),
        _ => Some(peering::field(link.peer, "address")),
    }
}

/// Whether the certificate of a cluster's API server holds a name; `None` when nobody can tell, because the certificate
/// is not made by the chart's values.
fn holds(member: &Member, name: &str) -> Option<bool> {
    let tls = &member.tls;
    let made_here =
        tls.auto.is_true() && matches!(tls.method.get()?.as_str(), "helm" | "cronJob" | "certmanager");
    if !made_here || !member.api_server.is_true() {
        return None;
    }
    if let Ok(address) = name.parse::<IpAddr>() {
        let mut there = tls.ip_addresses.get()?.iter().map(String::as_str).chain(LOCAL);
        return Some(there.any(|text| text.parse() == Ok(address)));
    }
    let mut there = tls
        .dns_names
        .get()?
        .iter()
        .map(String::as_str)
        .chain([ALWAYS_THERE]);
    Some(there.any(|pattern| covers(&pattern.to_ascii_lowercase(), name)) || is_own_service(name))
}

/// `clustermesh-apiserver.<namespace>.svc`, whatever the namespace.
fn is_own_service(name: &str) -> bool {
    name.strip_prefix("clustermesh-apiserver.")
        .is_some_and(|rest| rest.ends_with(".svc"))
}

/// A wildcard stands for one label.
fn covers(pattern: &str, name: &str) -> bool {
    match pattern.strip_prefix("*.") {
        Some(domain) => name
            .split_once('.')
            .is_some_and(|(label, rest)| !label.is_empty() && rest == domain),
        None => pattern == name,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_wildcard_stands_for_exactly_one_label() {
        assert!(covers("*.mesh.cilium.io", "apps.mesh.cilium.io"));
        assert!(covers("apps.example.org", "apps.example.org"));
        for name in [
            "mesh.cilium.io",
            "a.apps.mesh.cilium.io",
            "apps.mesh.example.org",
            ".mesh.cilium.io",
        ] {
            assert!(!covers("*.mesh.cilium.io", name), "{name}");
        }
    }
}
