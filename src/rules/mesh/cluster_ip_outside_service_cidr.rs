use std::net::IpAddr;

use crate::finding::{Finding, Severity};
use crate::mesh::{Place, Range};
use crate::rules::gather::Gathered;
use crate::rules::places;
use crate::rules::words;
use crate::rules::{Category, Context, Rule};

/// A Service asks for a cluster IP that is not in the cluster's service range.
pub(crate) static RULE: Rule = Rule {
    name: "cluster-ip-outside-service-cidr",
    category: Category::Mesh,
    severity: Severity::Error,
    pedantic: false,
    since: "0.1.0",
    page: include_str!("../../../rules/mesh/cluster-ip-outside-service-cidr.md"),
    check,
};

fn check(context: &Context<'_>, findings: &mut Vec<Finding>) {
    let mut gathered = Gathered::new();
    for (member, cluster) in context.mesh.members.iter().zip(&context.fleet.clusters) {
        let Some(ranges) = member.service_cidrs.stated() else {
            continue;
        };
        for (owner, object) in cluster.objects_of("Service") {
            let elsewhere = !cluster.delivers_here(owner);
            if elsewhere || !object.group().is_empty() {
                continue;
            }
            for (address, place) in asked(object) {
                if let Some(range) = nearest(address, ranges) {
                    let fault = (place.clone(), object.name().to_owned(), range.clone());
                    gathered.add(place.edit_span(), address, &member.name, fault);
                }
            }
        }
    }
    for (address, found) in gathered.into_faults() {
        let (place, service, range) = found.first;
        let message = format!(
            "Service `{service}` of {} asks for cluster IP `{address}`, outside of the service range `{range}`",
            words::clusters(&found.clusters)
        );
        let finding = places::at(message, &place, "outside of the service range");
        findings.push(
            places::also(finding, &range.place, "the service range")
                .help("choose an address of the service range, or leave it to Kubernetes")
                .clusters(found.clusters),
        );
    }
}

/// The addresses that a Service asks for, `clusterIP` and `clusterIPs`, each once.
fn asked(object: &crate::kustomize::Object) -> Vec<(IpAddr, Place)> {
    let Some(spec) = object.node.get("spec") else {
        return Vec::new();
    };
    let one = spec
        .get("clusterIP")
        .map(|node| (node, "spec.clusterIP".to_owned()));
    let list = spec.get("clusterIPs").map(crate::yaml::Node::items);
    let listed = list
        .unwrap_or_default()
        .iter()
        .enumerate()
        .map(|(at, node)| (node, format!("spec.clusterIPs[{at}]")));
    let mut found: Vec<(IpAddr, Place)> = Vec::new();
    for (node, route) in one.into_iter().chain(listed) {
        // "None" and an empty text are no addresses.
        let Some(address) = node.as_text().and_then(|text| text.parse().ok()) else {
            continue;
        };
        if node.origin().is_unknown() || found.iter().any(|(other, _)| *other == address) {
            continue;
        }
        let place = Place::in_object(object, node, route);
        found.push((address, place));
    }
    found
}

/// A service range of the address's family, if none of them has the address.
fn nearest(address: IpAddr, ranges: &[Range]) -> Option<&Range> {
    let mut family = ranges
        .iter()
        .filter(|range| range.first.is_ipv4() == address.is_ipv4());
    let first = family.clone().next()?;
    let outside = |range: &Range| address < range.first || range.last < address;
    family.all(outside).then_some(first)
}
