use std::collections::BTreeSet;
use std::fmt::Display;

use crate::finding::{Finding, Severity};
use crate::mesh::{Evidence, Fact, Member, Mesh, Place, Range, Statement};
use crate::rules::gather::Gathered;
use crate::rules::places;
use crate::rules::words;
use crate::rules::{Category, Context, Rule};

/// What bootstraps a cluster, or its settings, say something else of it than the HelmRelease of Cilium.
pub(crate) static RULE: Rule = Rule {
    name: "conflicting-cluster-values",
    category: Category::Mesh,
    severity: Severity::Warning,
    pedantic: false,
    since: "0.1.0",
    page: include_str!("../../../rules/mesh/conflicting-cluster-values.md"),
    check,
};

/// What two places say of one value.
#[derive(Debug)]
struct Conflict {
    /// `cluster.id`
    what: &'static str,
    applied: (String, Place),
    other: (String, Place),
}

/// A chart value is quoted, a description is not.
fn named(what: &str) -> String {
    if what.contains(' ') {
        what.to_owned()
    } else {
        format!("`{what}`")
    }
}

fn message(conflict: &Conflict, clusters: &[String]) -> String {
    let who = match (conflict.applied.1.statement, conflict.other.1.statement) {
        (Statement::Settings, _) => "another says",
        (_, Statement::Settings) => "the settings say",
        _ => "the values it is bootstrapped with say",
    };
    let holder = match conflict.applied.1.statement {
        Statement::Machine => "the configuration of its machines",
        Statement::Manifest => "the manifest that installs it",
        Statement::Settings => "one of its settings",
        _ => "its HelmRelease",
    };
    format!(
        "{} of {} is `{}` in {holder}, but {who} `{}`",
        named(conflict.what),
        words::clusters(clusters),
        conflict.applied.0,
        conflict.other.0
    )
}

fn check(context: &Context<'_>, findings: &mut Vec<Finding>) {
    let mut gathered = Gathered::new();
    for member in &context.mesh.members {
        for conflict in conflicts(member) {
            if is_told_otherwise(context.mesh, member, &conflict) {
                continue;
            }
            let span = conflict.other.1.edit_span();
            gathered.add(span, conflict.what, &member.name, conflict);
        }
    }
    for (_, found) in gathered.into_faults() {
        let conflict = found.first;
        let message = message(&conflict, &found.clusters);
        let (text, place) = &conflict.other;
        let finding = places::at(message, place, format!("`{text}` here"));
        let (text, applied) = &conflict.applied;
        let label = match applied.statement {
            Statement::Machine => format!("the machines have `{text}`"),
            Statement::Settings => format!("`{text}` here"),
            _ => format!("`{text}` is what Flux applies"),
        };
        findings.push(
            places::also(finding, applied, label)
                .help("make both say the same, or take both from one variable")
                .clusters(found.clusters),
        );
    }
}

/// An id or a name that another cluster of the mesh has as well, by the same line perhaps, is the fault of another rule.
fn is_told_otherwise(mesh: &Mesh<'_>, member: &Member, conflict: &Conflict) -> bool {
    let shares = |other: &Member| {
        other.cluster != member.cluster
            && match conflict.what {
                "cluster.id" => other.id.stated() == member.id.stated(),
                "cluster.name" => other.cluster_name.stated() == member.cluster_name.stated(),
                _ => false,
            }
    };
    mesh.group_of(member.cluster)
        .is_some_and(|group| mesh.members_of(group).any(shares))
}

fn conflicts(member: &Member) -> Vec<Conflict> {
    let datapath = &member.datapath;
    let mut found = Vec::new();
    found.extend(scalar("cluster.id", &member.id, |_| true));
    // A variable called CLUSTER_NAME may name the cluster to anybody; only what speaks of Cilium must agree.
    found.extend(scalar("cluster.name", &member.cluster_name, |place| {
        place.statement != Statement::Settings
            || place.route.contains("CILIUM")
            || place.route.contains("CLUSTERMESH")
    }));
    found.extend(scalar("ipam.mode", &member.ipam_mode, |_| true));
    found.extend(scalar("routingMode", &member.native_routing, |_| true));
    found.extend(scalar("tunnelProtocol", &datapath.tunnel_protocol, |_| true));
    found.extend(scalar("ipv4NativeRoutingCIDR", &member.native_cidr_v4, |_| true));
    found.extend(scalar("ipv6NativeRoutingCIDR", &member.native_cidr_v6, |_| true));
    found.extend(scalar("encryption.enabled", &member.encryption.enabled, |_| true));
    found.extend(scalar("encryption.type", &member.encryption.kind, |_| true));
    found.extend(ranges("pod range", &member.pod_cidrs));
    found.extend(ranges("service range", &member.service_cidrs));
    found
}

/// The HelmRelease's word against the first that says something else.
fn scalar<T: PartialEq + Display>(
    what: &'static str,
    fact: &Fact<T>,
    counts: impl Fn(&Place) -> bool,
) -> Option<Conflict> {
    let (applied, others) = fact.evidence.split_first()?;
    let value = applied.value.as_ref()?;
    if !is_applied(applied.place.statement) {
        return None;
    }
    let other = others.iter().find(|other| {
        counts(&other.place)
            && is_another_place(&applied.place, &other.place)
            && other.value.as_ref().is_some_and(|other| other != value)
    })?;
    let text = |evidence: &Evidence<T>| (evidence.place.text().to_owned(), evidence.place.clone());
    Some(Conflict {
        what,
        applied: text(applied),
        other: text(other),
    })
}

/// Whether the statement is what a controller applies.
fn is_applied(statement: Statement) -> bool {
    matches!(statement, Statement::HelmRelease | Statement::Manifest)
}

fn is_another_place(a: &Place, b: &Place) -> bool {
    a.edit_span() != b.edit_span()
}

/// Ranges of one family in which neither contains the other: a part of a range may be called the same.
fn ranges(what: &'static str, fact: &Fact<Vec<Range>>) -> Option<Conflict> {
    let of = |statement: Statement| {
        fact.evidence
            .iter()
            .filter(move |evidence| evidence.place.statement == statement)
            .filter_map(|evidence| Some((evidence.value.as_ref()?, &evidence.place)))
    };
    // The machines hand out what they are told to, unless Cilium does it by itself.
    let mut applied: Vec<_> = of(Statement::HelmRelease)
        .chain(of(Statement::Manifest))
        .collect();
    if applied.is_empty() {
        applied = of(Statement::Machine).collect();
    }
    if applied.is_empty() {
        applied = of(Statement::Settings).take(1).collect();
    }
    let ranges: Vec<&Range> = applied.iter().flat_map(|(ranges, _)| ranges.iter()).collect();
    let families: BTreeSet<bool> = ranges.iter().map(|range| range.first.is_ipv4()).collect();
    let strange = |range: &Range| {
        families.contains(&range.first.is_ipv4())
            && !ranges
                .iter()
                .any(|applied| applied.contains(range) || range.contains(applied))
    };
    let (others, place) =
        of(Statement::Settings)
            .chain(of(Statement::Bootstrap))
            .find(|(others, place)| {
                others.iter().any(strange)
                    && applied
                        .iter()
                        .all(|(_, applied)| is_another_place(applied, place))
            })?;
    let (_, stated) = applied.first()?;
    let text = |ranges: &[&Range]| {
        ranges
            .iter()
            .map(ToString::to_string)
            .collect::<Vec<_>>()
            .join(", ")
    };
    Some(Conflict {
        what,
        applied: (text(&ranges), (*stated).clone()),
        other: (text(&others.iter().collect::<Vec<_>>()), place.clone()),
    })
}
