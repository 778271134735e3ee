use std::collections::BTreeMap;

use crate::cluster::{Existence, GroupKind};
use crate::finding::{Finding, Severity};
use crate::helm::Lookup;
use crate::mesh::secret_source::{Differ, SecretSource, difference, source};
use crate::mesh::{Group, Member, Mesh};
use crate::rules::places;
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
        let sources: Vec<(&Member, SecretSource)> = by_way
            .get("ipsec")
            .into_iter()
            .flatten()
            .filter_map(|member| Some((*member, ipsec_keys(context, member)?)))
            .collect();
        let sources: Vec<(&Member, &SecretSource)> =
            sources.iter().map(|(member, source)| (*member, source)).collect();
        findings.extend(difference(&sources).and_then(|differ| different_keys(&differ)));
    }
}

/// Where the keys of a cluster come from: by default from the Secret `cilium-ipsec-keys`, under `keys`.
fn ipsec_keys(context: &Context<'_>, member: &Member) -> Option<SecretSource> {
    let cilium = member.cilium.as_ref()?;
    let value = |key: &str, default: &'static str| match cilium.values.lookup(&["encryption", "ipsec", key]) {
        Lookup::Value(node) => node.as_text().map(str::to_owned),
        Lookup::Absent => Some(default.to_owned()),
        Lookup::Unknown(_) => None,
    };
    // Before, the names of the values were others.
    if !member.version_at_least(1, 16)? {
        return None;
    }
    let (secret, key) = (
        value("secretName", "cilium-ipsec-keys")?,
        value("keyFile", "keys")?,
    );
    let here = context.index.clusters.get(member.cluster)?;
    match here.find_beside_charts(GroupKind::SECRET, Some(cilium.namespace()?), &secret) {
        Existence::Exists(placed) => source(placed.object, &key),
        _ => None,
    }
}

fn different_keys(differ: &Differ<'_>) -> Option<Finding> {
    let (what, severity, all) = match differ {
        Differ::Content(all) => ("encrypt with different IPsec keys", Severity::Error, all),
        Differ::Keys(all) => (
            "fetch their IPsec keys from different places",
            Severity::Warning,
            all,
        ),
    };
    let names: Vec<&str> = all.iter().map(|(member, _)| member.name.as_str()).collect();
    let message = format!("{} {what}", words::clusters(&names));
    let label = |member: &Member| format!("the keys of `{}`", member.name);
    let ((member, place), others) = all.split_first()?;
    let first = places::at(message, place, label(member));
    let finding = others.iter().take(SHOWN).fold(first, |finding, (member, place)| {
        places::also(finding, place, label(member))
    });
    let help = "give all clusters of the mesh the same keys, and rotate them in all at once";
    Some(finding.help(help).severity(severity).clusters(names))
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
                member.place_of(path(member, severity))?,
            ))
        };
        members.iter().filter_map(place).collect::<Vec<_>>()
    });
    let (name, way, place) = places.next()?;
    let label = |name: &str, way: &str| format!("`{name}`: {way}");
    let first = places::at(message(by_way), &place, label(&name, &way));
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
