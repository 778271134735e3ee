use std::collections::BTreeMap;

use super::places;
use crate::finding::{Finding, Severity};
use crate::mesh::{Group, Member, Mesh};
use crate::rules::words;
use crate::rules::{Category, Context, Rule};

/// Clusters of one mesh do not encrypt their traffic in the same way.
pub(crate) static RULE: Rule = Rule {
    name: "encryption-mismatch",
    category: Category::Mesh,
    severity: Severity::Error,
    pedantic: false,
    since: "0.1.0",
    page: include_str!("../../../rules/mesh/encryption-mismatch.md"),
    check,
};

const ENABLED: [&str; 2] = ["encryption", "enabled"];
const TYPE: [&str; 2] = ["encryption", "type"];
const NODES: [&str; 2] = ["encryption", "nodeEncryption"];

/// How many clusters are pointed at.
const SHOWN: usize = 6;

fn message(by_way: &BTreeMap<&str, Vec<&Member>>) -> String {
    let ways: Vec<String> = by_way
        .iter()
        .map(|(way, members)| {
            let names: Vec<&str> = members.iter().map(|member| member.name.as_str()).collect();
            format!(
                "{} {} {way}",
                words::clusters(&names),
                if names.len() == 1 { "has" } else { "have" }
            )
        })
        .collect();
    format!("encryption differs in one mesh: {}", ways.join(", "))
}

const HELP: &str = "set the same `encryption` in every cluster of the mesh";

fn check(context: &Context<'_>, findings: &mut Vec<Finding>) {
    for group in &context.mesh.groups {
        let by_way = sorted(context.mesh, group, way);
        if by_way.len() > 1 {
            findings.extend(finding(&by_way, Severity::Error));
            continue;
        }
        let by_nodes = sorted(context.mesh, group, nodes);
        if by_nodes.len() > 1 {
            findings.extend(finding(&by_nodes, Severity::Warning));
        }
    }
}

/// The connected members by what they do; those of which it is not known are left out.
fn sorted<'m>(
    mesh: &'m Mesh<'_>,
    group: &Group,
    what: fn(&'m Member) -> Option<&'m str>,
) -> BTreeMap<&'m str, Vec<&'m Member>> {
    let mut sorted: BTreeMap<&str, Vec<&Member>> = BTreeMap::new();
    for member in group.connected.iter().filter_map(|at| mesh.members.get(*at)) {
        if let Some(what) = what(member) {
            sorted.entry(what).or_default().push(member);
        }
    }
    sorted
}

fn way(member: &Member) -> Option<&str> {
    match member.encryption.enabled.get()? {
        true => member.encryption.kind.get().map(String::as_str),
        false => Some("none"),
    }
}

fn nodes(member: &Member) -> Option<&str> {
    match (member.encryption.enabled.get()?, member.encryption.nodes.get()?) {
        (true, true) => Some("node encryption"),
        (true, false) => Some("no node encryption"),
        (false, _) => None,
    }
}

/// The place to edit is most probably in the smaller party.
fn finding(by_way: &BTreeMap<&str, Vec<&Member>>, severity: Severity) -> Option<Finding> {
    let mut parties: Vec<_> = by_way.iter().collect();
    parties.sort_by_key(|(_, members)| members.len());
    let mut places = parties.iter().flat_map(|(way, members)| {
        let place = |member: &&Member| {
            Some((
                member.name.clone(),
                (**way).to_owned(),
                places::field(member, path(member, severity))?,
            ))
        };
        members.iter().filter_map(place).collect::<Vec<_>>()
    });
    let (name, way, place) = places.next()?;
    let label = |name: &str, way: &str| format!("`{name}`: {way}");
    let first = places::at(RULE.name, message(by_way), &place, label(&name, &way));
    let finding = places.take(SHOWN).fold(first, |finding, (name, way, place)| {
        places::also(finding, &place, label(&name, &way))
    });
    let names = by_way.values().flatten().map(|member| member.name.as_str());
    Some(finding.help(HELP).severity(severity).clusters(names))
}

fn path(member: &Member, severity: Severity) -> &'static [&'static str] {
    match severity {
        Severity::Error if member.encryption.enabled.is_true() => &TYPE,
        Severity::Error => &ENABLED,
        _ => &NODES,
    }
}
