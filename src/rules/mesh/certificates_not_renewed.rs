use std::collections::BTreeSet;

use crate::finding::{Finding, Severity};
use crate::mesh::Member;
use crate::mesh::peering::Peering;
use crate::rules::gather::Gathered;
use crate::rules::places;
use crate::rules::words;
use crate::rules::{Category, Context, Rule};

/// Certificates of the mesh are made once by Helm, and nobody renews them.
pub(crate) static RULE: Rule = Rule {
    name: "certificates-not-renewed",
    category: Category::Mesh,
    severity: Severity::Warning,
    pedantic: false,
    since: "0.1.0",
    page: include_str!("../../../rules/mesh/certificates-not-renewed.md"),
    check,
};

const METHOD: [&str; 5] = ["clustermesh", "apiserver", "tls", "auto", "method"];

fn message(clusters: &[String], days: Option<i64>) -> String {
    let of = words::clusters(clusters);
    match days {
        Some(days) => format!("mesh certificates of {of} are made by Helm and expire {days} days later"),
        None => format!("mesh certificates of {of} are made by Helm and renewed by nobody"),
    }
}

const HELP: &str =
    "set `clustermesh.apiserver.tls.auto.method` to `cronJob`, or to `certmanager` with an issuer";

fn check(context: &Context<'_>, findings: &mut Vec<Finding>) {
    let joined: BTreeSet<usize> = Peering::of(context.mesh)
        .links()
        .flat_map(|link| [link.from.cluster, link.to.cluster])
        .collect();
    let mut gathered = Gathered::new();
    for member in context
        .mesh
        .members
        .iter()
        .filter(|member| joined.contains(&member.cluster))
    {
        if !by_helm(member) {
            continue;
        }
        if let Some(place) = member.place_of(&METHOD) {
            gathered.add(
                place.edit_span(),
                member.tls.validity.get().copied(),
                &member.name,
                (place, member),
            );
        }
    }
    for (days, found) in gathered.into_faults() {
        let (place, member) = &found.first;
        let label = if member.tls.method.stated().is_some() {
            "`helm` renews nothing"
        } else {
            "no method is set here, so it is `helm`"
        };
        findings.push(
            places::at(message(&found.clusters, days), place, label)
                .help(HELP)
                .clusters(found.clusters),
        );
    }
}

fn by_helm(member: &Member) -> bool {
    member.api_server.is_true()
        && member.tls.auto.is_true()
        && member.tls.method.get().is_some_and(|method| method == "helm")
}
