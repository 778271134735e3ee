use std::collections::BTreeMap;
use std::fmt::Display;

use crate::finding::{Finding, Severity};
use crate::mesh::compare::names;
use crate::mesh::{Fact, Group, Member, Mesh, Place};
use crate::rules::places;
use crate::rules::words;
use crate::rules::{Category, Context, Rule};

/// Clusters of one mesh carry the traffic of pods in different ways.
pub(crate) static RULE: Rule = Rule {
    name: "datapath-mismatch",
    category: Category::Mesh,
    severity: Severity::Error,
    pedantic: false,
    since: "0.1.0",
    page: include_str!("../../../rules/mesh/datapath-mismatch.md"),
    check,
};

/// Of many clusters that do the same, so many are pointed at.
const SHOWN: usize = 3;

fn check(context: &Context<'_>, findings: &mut Vec<Finding>) {
    for group in &context.mesh.groups {
        for aspect in ASPECTS {
            findings.extend(aspect.compare(context.mesh, group));
        }
    }
}

/// Something that all clusters of a mesh must do alike.
struct Aspect {
    /// The chart value that decides.
    path: &'static [&'static str],
    /// What the cluster does; `None` where it does not matter, or is not known.
    value: fn(&Member) -> Option<String>,
    /// Where that is stated.
    place: fn(&Member) -> Option<Place>,
    severity: Severity,
    help: &'static str,
}

const ASPECTS: [Aspect; 7] = [
    Aspect {
        path: &["routingMode"],
        value: routing,
        place: |member| best(&member.native_routing),
        severity: Severity::Error,
        help: "route natively in every cluster, or tunnel in every cluster",
    },
    Aspect {
        path: &["tunnelProtocol"],
        value: |member| tunnelled(member).and_then(|member| known(&member.datapath.tunnel_protocol)),
        place: |member| best(&member.datapath.tunnel_protocol),
        severity: Severity::Error,
        help: "use one tunnel protocol in every cluster",
    },
    Aspect {
        path: &["tunnelPort"],
        value: |member| tunnelled(member).and_then(tunnel_port),
        place: |member| best(&member.datapath.tunnel_port),
        severity: Severity::Error,
        help: "use one tunnel port in every cluster",
    },
    Aspect {
        path: &["underlayProtocol"],
        value: |member| tunnelled(member).and_then(|member| known(&member.datapath.underlay)),
        place: |member| best(&member.datapath.underlay),
        severity: Severity::Error,
        help: "carry the tunnel over one address family in every cluster",
    },
    Aspect {
        path: &["ipv4", "enabled"],
        value: |member| known(&member.datapath.ipv4),
        place: |member| best(&member.datapath.ipv4),
        severity: Severity::Warning,
        help: "give the pods of every cluster addresses of the same families",
    },
    Aspect {
        path: &["ipv6", "enabled"],
        value: |member| known(&member.datapath.ipv6),
        place: |member| best(&member.datapath.ipv6),
        severity: Severity::Warning,
        help: "give the pods of every cluster addresses of the same families",
    },
    Aspect {
        path: &["MTU"],
        value: |member| {
            member
                .datapath
                .mtu
                .stated()
                .filter(|mtu| **mtu != 0)
                .map(i64::to_string)
        },
        place: |member| best(&member.datapath.mtu),
        severity: Severity::Warning,
        help: "pin one MTU in every cluster, or let the agents find it out",
    },
];

fn routing(member: &Member) -> Option<String> {
    let native = member.native_routing.get()?;
    Some(if *native { "native" } else { "tunnel" }.to_owned())
}

fn tunnelled(member: &Member) -> Option<&Member> {
    (member.native_routing.get() == Some(&false)).then_some(member)
}

fn known<T: Display>(fact: &Fact<T>) -> Option<String> {
    fact.get().map(T::to_string)
}

fn best<T>(fact: &Fact<T>) -> Option<Place> {
    fact.best().map(|evidence| evidence.place.clone())
}

/// The port that is used: 0 stands for the usual one of the protocol.
fn tunnel_port(member: &Member) -> Option<String> {
    match (
        member.datapath.tunnel_port.get()?,
        member.datapath.tunnel_protocol.get()?.as_str(),
    ) {
        // Different protocols are one fault, not two.
        (0, _) | (8472, "vxlan") | (6081, "geneve") => Some("the usual".to_owned()),
        (port, _) => Some(port.to_string()),
    }
}

impl Aspect {
    fn compare(&self, mesh: &Mesh<'_>, group: &Group) -> Option<Finding> {
        let mut by_value: BTreeMap<String, Vec<&Member>> = BTreeMap::new();
        for member in mesh.members_of(group).filter(|member| member.has_cilium()) {
            if let Some(value) = (self.value)(member) {
                by_value.entry(value).or_default().push(member);
            }
        }
        if by_value.len() < 2 {
            return None;
        }
        // Those who are fewest are to change, among equals those who say so themselves.
        let mut camps: Vec<(String, Vec<&Member>)> = by_value.into_iter().collect();
        camps.sort_by_key(|(_, members)| (members.len(), !self.is_stated(members)));
        let shown = camps
            .iter()
            .flat_map(|(value, members)| members.iter().take(SHOWN).map(move |member| (value, *member)));
        let mut places = shown.filter_map(|(value, member)| Some((value, member, self.at(member)?)));
        let (value, member, place) = places.next()?;
        let finding = places::at(self.message(&camps), &place, self.label(member, value));
        let finding = places.fold(finding, |finding, (value, member, place)| {
            places::also(finding, &place, self.label(member, value))
        });
        let all: Vec<&Member> = camps.iter().flat_map(|(_, members)| members).copied().collect();
        Some(
            finding
                .help(self.help)
                .severity(self.severity)
                .clusters(names(&all)),
        )
    }

    fn is_stated(&self, members: &[&Member]) -> bool {
        members.iter().any(|member| (self.place)(member).is_some())
    }

    fn at(&self, member: &Member) -> Option<Place> {
        (self.place)(member).or_else(|| member.place_of(self.path))
    }

    fn message(&self, camps: &[(String, Vec<&Member>)]) -> String {
        let parts: Vec<String> = camps
            .iter()
            .map(|(value, members)| format!("`{value}` in {}", words::clusters(&names(members))))
            .collect();
        format!("`{}` is {}", self.path.join("."), parts.join(" and "))
    }

    fn label(&self, member: &Member, value: &str) -> String {
        match (self.place)(member) {
            Some(_) => format!("`{}` has `{value}`", member.name),
            None => format!("`{}` has `{value}`, as nothing is set here", member.name),
        }
    }
}
