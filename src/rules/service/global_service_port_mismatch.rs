use std::collections::BTreeMap;

use crate::finding::{Finding, Severity};
use crate::mesh::globals::{Global, Owner, globals};
use crate::mesh::{Member, Port, ServiceKind, ports, service_kind};
use crate::rules::gather::Gathered;
use crate::rules::words;
use crate::rules::{Category, Context, Rule};
use crate::source::Span;

/// Two clusters call a port of a global Service by different names or protocols.
pub(crate) static RULE: Rule = Rule {
    name: "global-service-port-mismatch",
    category: Category::Service,
    severity: Severity::Error,
    pedantic: false,
    since: "0.1.0",
    page: include_str!("../../../rules/service/global-service-port-mismatch.md"),
    check,
};

fn message(fault: &Fault<'_>, clusters: &[String]) -> String {
    format!(
        "global Service `{}` has {} in {}, but {} in cluster `{}`",
        fault.service,
        show(&fault.here),
        words::clusters(clusters),
        show(&fault.there),
        fault.reference
    )
}

fn show(ports: &[Key<'_>]) -> String {
    let shown: Vec<String> = ports
        .iter()
        .map(|(name, protocol)| match *name {
            "" => format!("an unnamed {protocol} port"),
            name => format!("{protocol} port `{name}`"),
        })
        .collect();
    match shown.as_slice() {
        [] => "no such port".to_owned(),
        shown => shown.join(" and "),
    }
}

fn label(fault: &Fault<'_>) -> &'static str {
    if fault.here.is_empty() {
        "lacks the port"
    } else {
        "matches no port of the other cluster"
    }
}

const HELP: &str = "give the port the same name and protocol in every cluster: Cilium finds backends in other clusters by these, not by \
     the number";

/// What a port is found by: its name and protocol.
type Key<'a> = (&'a str, &'a str);

/// Ports that one cluster has and the reference has not, and the other way round.
struct Fault<'a> {
    service: String,
    reference: &'a str,
    here: Vec<Key<'a>>,
    there: Vec<Key<'a>>,
    there_span: Option<Span>,
    object: crate::finding::ObjectRef,
}

fn check(context: &Context<'_>, findings: &mut Vec<Finding>) {
    for global in globals(context.mesh) {
        check_service(&global, findings);
    }
}

fn check_service(global: &Global<'_>, findings: &mut Vec<Finding>) {
    let ported: Vec<(Owner<'_>, Vec<Port>)> = global
        .owners
        .iter()
        .filter(|owner| service_kind(&owner.service.object) == ServiceKind::Address)
        .filter_map(|owner| Some((*owner, ports(&owner.service.object)?)))
        .collect();
    let mut by_keys: BTreeMap<Vec<Key<'_>>, Vec<&(Owner<'_>, Vec<Port>)>> = BTreeMap::new();
    for one in &ported {
        by_keys.entry(keys(&one.1)).or_default().push(one);
    }
    // What most clusters have is taken for right; among equals, what the first cluster has.
    let position = |owners: &[&(Owner<'_>, Vec<Port>)]| owners.first().map(|(owner, _)| owner.member.cluster);
    let Some((wanted, references)) = by_keys
        .iter()
        .max_by_key(|(_, owners)| (owners.len(), std::cmp::Reverse(position(owners))))
    else {
        return;
    };
    let Some((reference, reference_ports)) = references.first() else {
        return;
    };
    let reference_shares = references.iter().any(|(owner, _)| owner.may_share());
    let mut faults = Gathered::new();
    for (has, owners) in by_keys.iter().filter(|(has, _)| *has != wanted) {
        for (owner, own_ports) in owners.iter().copied() {
            let here = only_in(has, wanted);
            let there = only_in(wanted, has);
            // A port that only one side has is a fault only where somebody wants the other's pods behind it.
            let misses = (reference_shares && !here.is_empty()) || (owner.may_share() && !there.is_empty());
            let mut pair = owners.iter().chain(references).map(|(owner, _)| owner.member);
            if !misses || (differ_by_a_name(has, wanted) && !pair.any(wants_same_name)) {
                continue;
            }
            let span = span_of(own_ports, &here).unwrap_or_else(|| ports_span(owner));
            let fault = Fault {
                service: global.full_name(),
                reference: &reference.member.name,
                there_span: span_of(reference_ports, &there),
                here,
                there,
                object: owner.service.object.reference(),
            };
            faults.add(span, fault.here.clone(), &owner.member.name, (span, fault));
        }
    }
    findings.extend(
        faults
            .into_faults()
            .map(|(_, found)| finding(found.first.0, &found.first.1, &found.clusters, reference)),
    );
}

fn finding(span: Span, fault: &Fault<'_>, clusters: &[String], reference: &Owner<'_>) -> Finding {
    let other = format!("cluster `{}` has this one", fault.reference);
    let finding = Finding::new(message(fault, clusters), span, label(fault))
        .label(
            fault.there_span.unwrap_or_else(|| ports_span(reference)),
            if fault.there.is_empty() {
                format!("cluster `{}` lacks it", fault.reference)
            } else {
                other
            },
        )
        .help(HELP)
        .object(fault.object.clone())
        .route("spec.ports")
        .clusters(clusters.iter().map(String::as_str).chain([fault.reference]));
    // Where one side merely has a port more, the ports that both have still work.
    if fault.here.is_empty() || fault.there.is_empty() {
        finding.severity(Severity::Warning)
    } else {
        finding
    }
}

/// Whether each side has one port, of the same protocol, and only one of them names it.
fn differ_by_a_name(these: &[Key<'_>], those: &[Key<'_>]) -> bool {
    match (these, those) {
        ([(name, protocol)], [(other, other_protocol)]) => {
            protocol == other_protocol && (name.is_empty() || other.is_empty())
        }
        _ => false,
    }
}

/// Whether a port without a name has to be without one in the other cluster too. Since 1.18 (`matchesFrontend` in
/// pkg/loadbalancer/writer/writer.go) names are compared only where both sides have one.
fn wants_same_name(member: &Member) -> bool {
    member.version_at_least(1, 18) == Some(false)
}

fn keys(ports: &[Port]) -> Vec<Key<'_>> {
    let mut keys: Vec<Key<'_>> = ports
        .iter()
        .map(|port| (port.name.as_str(), port.protocol.as_str()))
        .collect();
    keys.sort_unstable();
    keys.dedup();
    keys
}

fn only_in<'a>(these: &[Key<'a>], those: &[Key<'a>]) -> Vec<Key<'a>> {
    let mut only = these.to_vec();
    only.retain(|key| !those.contains(key));
    only
}

/// Where the first of these ports stands.
fn span_of(ports: &[Port], keys: &[Key<'_>]) -> Option<Span> {
    let wanted = |port: &&Port| keys.contains(&(port.name.as_str(), port.protocol.as_str()));
    ports
        .iter()
        .find(wanted)
        .map(|port| port.node.origin().edit_span())
}

fn ports_span(owner: &Owner<'_>) -> Span {
    let node = &owner.service.object.node;
    let ports = node.get("spec").and_then(|spec| spec.entry("ports"));
    ports.map_or_else(|| owner.service.annotation.span(), |entry| entry.key.span())
}
