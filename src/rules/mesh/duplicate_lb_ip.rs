use std::collections::BTreeMap;

use crate::finding::{Finding, Severity};
use crate::kustomize::Object;
use crate::mesh::askers::{Askers, asked, between_clusters};
use crate::mesh::compare::names;
use crate::mesh::{AddressRequest, Member, Provider, Wanted};
use crate::rules::places;
use crate::rules::{Category, Context, Rule};
use crate::source::Span;
use crate::yaml::Node;

/// A load balancer address is asked for more than once.
pub(crate) static RULE: Rule = Rule {
    name: "duplicate-lb-ip",
    category: Category::Mesh,
    severity: Severity::Error,
    pedantic: false,
    since: "0.1.0",
    page: include_str!("../../../rules/mesh/duplicate-lb-ip.md"),
    check,
};

/// Of many that ask for one address, so many are pointed at.
const SHOWN: usize = 6;

fn message(address: &Wanted, askers: &Askers<'_>) -> String {
    let objects: Vec<String> = askers
        .iter()
        .take(SHOWN)
        .map(|(member, request)| {
            let object = &request.object;
            format!("{} `{}` of `{}`", object.kind, object.name, member.name)
        })
        .collect();
    let more = match askers.len().checked_sub(SHOWN) {
        None | Some(0) => String::new(),
        Some(more) => format!(" and {more} more"),
    };
    format!("address `{address}` is asked for by {}{more}", objects.join(", "))
}

fn check(context: &Context<'_>, findings: &mut Vec<Finding>) {
    let mesh = context.mesh;
    for (address, askers) in between_clusters(mesh) {
        let help = "give each cluster addresses of its own";
        findings.extend(finding(address, &askers, help));
    }
    for member in &mesh.members {
        for (address, askers) in asked([member].into_iter()) {
            let told = findings.iter().any(|finding| {
                askers
                    .iter()
                    .any(|(_, asker)| finding.primary().span == asker.place.edit_span())
            });
            if told {
                continue;
            }
            if clash(&askers) {
                let help = "give each an address of its own, or the same `lbipam.cilium.io/sharing-key`";
                findings.extend(finding(address, &askers, help));
            } else if let Some((why, spans)) = unlike(&askers, context) {
                let finding = finding(address, &askers, why.help());
                findings.extend(finding.map(|finding| {
                    let also = |finding: Finding, span| finding.label(span, why.label());
                    spans.into_iter().fold(finding, also)
                }));
            } else if let Some((port, spans)) = common_port(&askers, context) {
                let help = format!(
                    "give one of them another address or port: only Services without a common port share an address, and these have {port}"
                );
                let finding = finding(address, &askers, &help);
                findings.extend(finding.map(|finding| {
                    let also = |finding: Finding, span| finding.label(span, port.clone());
                    spans.into_iter().fold(finding, also)
                }));
            }
        }
    }
}

/// Within a cluster an address may be shared by those who say with whom. A key that differs is a clash; one that is
/// missing is one too, as the other side does not agree.
fn clash(askers: &Askers<'_>) -> bool {
    let first = askers
        .first()
        .and_then(|(_, request)| request.sharing_key.as_deref());
    first.is_none()
        || askers
            .iter()
            .any(|(_, request)| request.sharing_key.as_deref() != first)
}

/// Why two Services of one key do not get one address.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Unlike {
    Namespaces,
    TrafficPolicies,
    Selectors,
}

impl Unlike {
    fn label(self) -> &'static str {
        match self {
            Self::Namespaces => "shares with its own namespace only",
            Self::TrafficPolicies => "differs from the other",
            Self::Selectors => "the pods of the other are others",
        }
    }

    fn help(self) -> &'static str {
        match self {
            Self::Namespaces => {
                "name the other namespace in `lbipam.cilium.io/sharing-cross-namespace` of both, or give each an address of its own"
            }
            Self::TrafficPolicies => {
                "give both the same `externalTrafficPolicy`, or each an address of its own"
            }
            Self::Selectors => {
                "with `externalTrafficPolicy: Local` only Services with equal selectors share an address: give each its own, or use `Cluster`"
            }
        }
    }
}

/// What keeps LB-IPAM from giving two Services of one key one address (operator/pkg/lbipam/service_store.go, `isCompatible`).
fn unlike(askers: &Askers<'_>, context: &Context<'_>) -> Option<(Unlike, Vec<Span>)> {
    if askers
        .iter()
        .any(|(_, request)| request.provider != Some(Provider::Cilium))
    {
        return None;
    }
    let mut services = askers.iter().filter_map(|(member, request)| {
        let cluster = context.fleet.clusters.get(member.cluster)?;
        let mut services = cluster.objects_of("Service").map(|(_, service)| service);
        services.find(|service| service.reference() == request.object)
    });
    let first = services.next()?;
    services.find_map(|other| {
        let why = differs(first, other)?;
        let span = |service: &Object| {
            let node = match why {
                Unlike::Namespaces => service.node.at(&["metadata", "namespace"]),
                Unlike::TrafficPolicies => service.node.at(&["spec", "externalTrafficPolicy"]),
                Unlike::Selectors => service.node.at(&["spec", "selector"]),
            };
            node.map(|node| node.origin().edit_span())
        };
        Some((
            why,
            [first, other].into_iter().filter_map(|one| span(one)).collect(),
        ))
    })
}

fn differs(a: &Object, b: &Object) -> Option<Unlike> {
    if a.namespace()? != b.namespace()? && !(permits(a, b)? && permits(b, a)?) {
        return Some(Unlike::Namespaces);
    }
    let policy = |service: &Object| match service.node.at(&["spec", "externalTrafficPolicy"]) {
        Some(node) if node.origin().is_unknown() => None,
        Some(node) => node.as_text().map(str::to_owned),
        None => Some("Cluster".to_owned()),
    };
    let (of_a, of_b) = (policy(a)?, policy(b)?);
    if of_a != of_b {
        return Some(Unlike::TrafficPolicies);
    }
    let selector = |service: &Object| -> Option<Vec<(String, String)>> {
        let entries = service
            .node
            .at(&["spec", "selector"])
            .map_or(&[][..], Node::entries);
        let mut all = entries
            .iter()
            .map(|entry| Some((entry.key.as_text()?.to_owned(), entry.value.as_text()?.to_owned())))
            .collect::<Option<Vec<_>>>()?;
        all.sort();
        Some(all)
    };
    let (of_a_pods, of_b_pods) = (selector(a)?, selector(b)?);
    (of_a == "Local" && (of_a_pods.is_empty() || of_a_pods != of_b_pods)).then_some(Unlike::Selectors)
}

/// Whether a Service lets one of another namespace share its address; `None` where that cannot be known.
fn permits(service: &Object, other: &Object) -> Option<bool> {
    let keys = [
        "lbipam.cilium.io/sharing-cross-namespace",
        "io.cilium/lb-ipam-sharing-cross-namespace",
    ];
    let Some(node) = keys.iter().find_map(|key| service.annotation(key)) else {
        return Some(false);
    };
    let text = node.as_text().filter(|_| !node.origin().is_unknown())?;
    Some(
        text.split(',')
            .any(|name| name == "*" || Some(name) == other.namespace()),
    )
}

/// A port that two Services with one address have both, and where (operator/pkg/lbipam, `isCompatible`).
fn common_port(askers: &Askers<'_>, context: &Context<'_>) -> Option<(String, Vec<Span>)> {
    let mut seen: BTreeMap<String, Span> = BTreeMap::new();
    for (member, request) in askers {
        let cluster = context.fleet.clusters.get(member.cluster)?;
        let mut services = cluster.objects_of("Service");
        let (_, service) = services.find(|(_, service)| service.reference() == request.object)?;
        let items = service.node.at(&["spec", "ports"]).map_or(&[][..], Node::items);
        for item in items {
            let Some(number) = item.get("port").filter(|node| !node.origin().is_unknown()) else {
                continue;
            };
            let protocol = item.text_at(&["protocol"]).unwrap_or("TCP");
            let key = format!("port {}/{protocol}", number.as_text()?);
            let span = number.origin().edit_span();
            if let Some(other) = seen.insert(key.clone(), span).filter(|other| *other != span) {
                return Some((key, vec![other, span]));
            }
        }
    }
    None
}

fn finding(address: &Wanted, askers: &Askers<'_>, help: &str) -> Option<Finding> {
    let (first, others) = askers.split_first()?;
    let label = |(member, request): &(&Member, &AddressRequest)| {
        format!(
            "{} `{}` of `{}`",
            request.object.kind, request.object.name, member.name
        )
    };
    let finding = places::at(message(address, askers), &first.1.place, label(first));
    let finding = others.iter().take(SHOWN).fold(finding, |finding, asker| {
        places::also(finding, &asker.1.place, label(asker))
    });
    let members: Vec<&Member> = askers.iter().map(|(member, _)| *member).collect();
    Some(finding.help(help).clusters(names(&members)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn services_of_other_pods_are_told_apart() {
        assert_eq!(Unlike::Selectors.label(), "the pods of the other are others");
        assert_eq!(
            Unlike::Selectors.help(),
            "with `externalTrafficPolicy: Local` only Services with equal selectors share an address: give each its own, or use `Cluster`"
        );
    }
}
