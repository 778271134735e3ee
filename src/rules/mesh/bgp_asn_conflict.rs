use std::collections::BTreeMap;
use std::net::IpAddr;

use crate::finding::{Finding, Severity};
use crate::mesh::compare::names;
use crate::mesh::{BgpSession, Group, Member, Mesh, Place};
use crate::rules::places;
use crate::rules::words;
use crate::rules::{Category, Context, Rule};

/// Clusters of one mesh do not agree on the AS number of a router, or speak to it under one number.
pub(crate) static RULE: Rule = Rule {
    name: "bgp-asn-conflict",
    category: Category::Mesh,
    severity: Severity::Warning,
    pedantic: false,
    since: "0.1.0",
    page: include_str!("../../../rules/mesh/bgp-asn-conflict.md"),
    check,
};

const HELP_ROUTER: &str = "find out the router's AS number and give it in every cluster";
const HELP_OWN: &str =
    "give every cluster an AS number of its own, or let the router pass on routes of the same number";

/// A number of a cluster, with the place that states it.
type Numbered<'m> = (u64, &'m Member, &'m Place);

fn check(context: &Context<'_>, findings: &mut Vec<Finding>) {
    for group in &context.mesh.groups {
        for (router, sessions) in routers(context.mesh, group) {
            match disagreement(router, &sessions) {
                Some(finding) => findings.push(finding),
                None => findings.extend(shared_number(router, &sessions)),
            }
        }
    }
}

/// Sessions of a group by router; only routers that several clusters speak to.
fn routers<'m>(mesh: &'m Mesh<'_>, group: &'m Group) -> Vec<(IpAddr, Vec<(&'m Member, &'m BgpSession)>)> {
    let mut by_router: BTreeMap<IpAddr, Vec<(&Member, &BgpSession)>> = BTreeMap::new();
    for member in mesh.members_of(group) {
        for session in &member.bgp {
            by_router
                .entry(session.router)
                .or_default()
                .push((member, session));
        }
    }
    let several = |sessions: &[(&Member, &BgpSession)]| {
        let first = sessions.first().map(|(member, _)| member.cluster);
        sessions.iter().any(|(member, _)| Some(member.cluster) != first)
    };
    by_router
        .into_iter()
        .filter(|(_, sessions)| several(sessions))
        .collect()
}

fn disagreement(router: IpAddr, sessions: &[(&Member, &BgpSession)]) -> Option<Finding> {
    let numbers = each_once(sessions, |session| session.router_asn.as_ref());
    let first = numbers.first()?.0;
    if numbers.iter().all(|(number, ..)| *number == first) {
        return None;
    }
    let parts: Vec<String> = numbers
        .iter()
        .map(|(number, member, _)| format!("{number} in `{}`", member.name))
        .collect();
    let message = format!("router `{router}` has AS number {}", parts.join(" and "));
    finding(message, &numbers, HELP_ROUTER)
}

/// Only sessions with another network: within one, the same number is what makes it one.
fn shared_number(router: IpAddr, sessions: &[(&Member, &BgpSession)]) -> Option<Finding> {
    let external: Vec<_> = sessions
        .iter()
        .copied()
        .filter(|(_, session)| {
            let (own, router) = (&session.own_asn, &session.router_asn);
            let differ = matches!((own, router), (Some((own, _)), Some((router, _))) if own != router);
            differ && !session.overridden
        })
        .collect();
    let mut by_number: BTreeMap<u64, Vec<Numbered<'_>>> = BTreeMap::new();
    for numbered in each_once(&external, |session| session.own_asn.as_ref()) {
        by_number.entry(numbered.0).or_default().push(numbered);
    }
    let (number, numbers) = by_number.into_iter().find(|(_, numbers)| numbers.len() > 1)?;
    let members: Vec<&Member> = numbers.iter().map(|(_, member, _)| *member).collect();
    let message = format!(
        "{} speak to router `{router}` under one AS number, {number}",
        words::clusters(&names(&members))
    );
    finding(message, &numbers, HELP_OWN).map(|finding| finding.severity(Severity::Info))
}

/// Each cluster once.
fn each_once<'m>(
    sessions: &[(&'m Member, &'m BgpSession)],
    number: impl Fn(&'m BgpSession) -> Option<&'m (u64, Place)>,
) -> Vec<Numbered<'m>> {
    let mut numbers: Vec<Numbered<'m>> = sessions
        .iter()
        .filter_map(|(member, session)| number(session).map(|(number, place)| (*number, *member, place)))
        .collect();
    numbers.sort_by_key(|(number, member, _)| (member.cluster, *number));
    numbers.dedup_by_key(|(number, member, _)| (member.cluster, *number));
    numbers
}

fn finding(message: String, numbers: &[Numbered<'_>], help: &str) -> Option<Finding> {
    let label = |(number, member, _): &Numbered<'_>| format!("`{}` says {number}", member.name);
    let (first, others) = numbers.split_first()?;
    let finding = places::at(message, first.2, label(first));
    let finding = others.iter().fold(finding, |finding, numbered| {
        places::also(finding, numbered.2, label(numbered))
    });
    let members: Vec<&Member> = numbers.iter().map(|(_, member, _)| *member).collect();
    Some(finding.help(help).clusters(names(&members)))
}
