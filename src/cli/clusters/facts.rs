//! Facts of any type in one shape that can be printed.

use std::fmt::Display;

use ipnet::IpNet;

use crate::mesh::{Fact, Known, Member, Peer, Range, Statement};
use crate::source::Span;

/// A fact whose value is text.
pub(super) struct Shown {
    /// The word that names it in the table and in JSON.
    pub(super) name: &'static str,
    pub(super) value: Known<Vec<String>>,
    /// What is written, and where, by authority.
    pub(super) evidence: Vec<Statements>,
}

pub(super) struct Statements {
    pub(super) by: &'static str,
    pub(super) span: Span,
    pub(super) text: String,
}

/// Everything that is said of a cluster, in the order of the table.
pub(super) fn shown(member: &Member) -> Vec<Shown> {
    vec![
        one("cilium", &member.version),
        one("cluster-name", &member.cluster_name),
        one("cluster-id", &member.id),
        ranges("pods", &member.pod_cidrs),
        ranges("services", &member.service_cidrs),
        ranges("nodes", &member.node_cidrs),
        ranges("load-balancers", &member.lb_ranges),
        native(member),
        one("native-routing", &member.native_routing),
        one("mesh-api-server", &member.api_server),
        one("mesh-config", &member.mesh_config),
        show("peers", &member.peers, |peers: &Vec<Peer>| {
            peers.iter().map(|peer| peer.name.clone()).collect()
        }),
    ]
}

fn one<T: Display>(name: &'static str, fact: &Fact<T>) -> Shown {
    show(name, fact, |value| vec![value.to_string()])
}

fn ranges(name: &'static str, fact: &Fact<Vec<Range>>) -> Shown {
    show(name, fact, |ranges| ranges.iter().map(Range::to_string).collect())
}

/// Both address families in one line.
fn native(member: &Member) -> Shown {
    let net = |net: &IpNet| vec![net.to_string()];
    let v4 = show("native-cidr", &member.native_cidr_v4, net);
    let v6 = show("native-cidr", &member.native_cidr_v6, net);
    match (v4, v6) {
        (v4, v6) if matches!(v6.value, Known::Absent) => v4,
        (v4, v6) if matches!(v4.value, Known::Absent) => v6,
        (mut v4, v6) => {
            if let (Known::Stated(both), Known::Stated(more)) = (&mut v4.value, v6.value) {
                both.extend(more);
            }
            v4.evidence.extend(v6.evidence);
            v4
        }
    }
}

fn show<T>(name: &'static str, fact: &Fact<T>, words: impl Fn(&T) -> Vec<String>) -> Shown {
    let value = match &fact.value {
        Known::Stated(value) => Known::Stated(words(value)),
        Known::Default(value) => Known::Default(words(value)),
        Known::Absent => Known::Absent,
        Known::Malformed => Known::Malformed,
        Known::Unknown(reason) => Known::Unknown(*reason),
    };
    let evidence = fact.evidence.iter().map(|evidence| Statements {
        by: word(evidence.place.statement),
        span: evidence.place.edit_span(),
        text: evidence.place.text().to_owned(),
    });
    Shown {
        name,
        value,
        evidence: evidence.collect(),
    }
}

fn word(statement: Statement) -> &'static str {
    match statement {
        Statement::HelmRelease => "helm-release",
        Statement::Resource => "resource",
        Statement::Settings => "settings",
        Statement::Machine => "machines",
        Statement::Bootstrap => "bootstrap",
    }
}
