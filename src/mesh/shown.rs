//! Facts of any type in one shape that can be printed.

use std::fmt::Display;

use super::fact::{Fact, Known, Place, Range, Statement};
use super::model::Member;
use super::peers::Peer;
use crate::source::Span;
use crate::unknown::UnknownReason;

/// Why a value that the chart has is not known: the repository shows no Cilium for the cluster.
pub(crate) const NO_CILIUM: &str = "no-cilium";
/// Why a value is not known that nobody states: its default is not the same in every version of the chart.
pub(crate) const VERSION: &str = "version";

/// A fact whose value is text.
#[derive(Clone)]
pub(crate) struct Shown {
    /// The word that names it in the table and in JSON.
    pub(crate) name: &'static str,
    pub(crate) value: Value,
    /// What is written, and where, by authority.
    pub(crate) evidence: Vec<Statements>,
}

/// What is known of a value, as text.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) enum Value {
    Stated(Vec<String>),
    Default(Vec<String>),
    Absent,
    Malformed,
    Unknown(&'static str),
}

#[derive(Clone)]
pub(crate) struct Statements {
    pub(crate) by: &'static str,
    pub(crate) span: Span,
    pub(crate) route: String,
    pub(crate) text: String,
}

/// Everything that is said of a cluster, in the order in which it is shown.
pub(crate) fn shown(member: &Member) -> Vec<Shown> {
    let of = Facts { member };
    let (offer, tls) = (&member.offer, &member.tls);
    let (encryption, datapath) = (&member.encryption, &member.datapath);
    vec![
        of.version(),
        of.chart("cluster-name", &member.cluster_name),
        of.chart("cluster-id", &member.id),
        of.chart("ipam", &member.ipam_mode),
        of.stated_by_chart(ranges("pods", &member.pod_cidrs)),
        ranges("services", &member.service_cidrs),
        ranges("nodes", &member.node_cidrs),
        ranges("load-balancers", &member.lb_ranges),
        of.stated_by_chart(native_cidr(member)),
        of.chart("native-routing", &member.native_routing),
        of.chart("tunnel-protocol", &datapath.tunnel_protocol),
        of.chart("encryption", &encryption.enabled),
        of.chart("encryption-type", &encryption.kind),
        of.chart("node-encryption", &encryption.nodes),
        of.chart("kubernetes-api-host", &datapath.api_server_host),
        of.chart("kubernetes-api-port", &datapath.api_server_port),
        of.chart("mesh-api-server", &member.api_server),
        of.chart("api-server-type", &offer.service_type),
        of.stated_by_chart(several("api-server-addresses", &offer.addresses)),
        of.stated_by_chart(several("api-server-names", &offer.hostnames)),
        of.chart("api-server-port", &offer.port),
        of.chart("api-server-node-port", &offer.node_port),
        of.with_default("api-server-kvstoremesh", &offer.kvstoremesh),
        of.with_default("tls-auth-mode", &tls.auth_mode),
        of.chart("tls-auto", &tls.auto),
        of.chart("tls-method", &tls.method),
        of.chart("max-connected-clusters", &member.max_connected),
        of.chart("mesh-config", &member.mesh_config),
        of.stated_by_chart(show("peers", &member.peers, |peers: &Vec<Peer>| {
            peers.iter().map(|peer| peer.name.clone()).collect()
        })),
    ]
}

/// Makes facts about chart values: none of them is known where there is no Cilium.
struct Facts<'a> {
    member: &'a Member,
}

impl Facts<'_> {
    fn chart<T: Display>(&self, name: &'static str, fact: &Fact<T>) -> Shown {
        self.stated_by_chart(show(name, fact, |value| vec![value.to_string()]))
    }

    /// A value that every version of the chart has a default for, though not the same one.
    fn with_default<T: Display>(&self, name: &'static str, fact: &Fact<T>) -> Shown {
        let mut shown = self.chart(name, fact);
        if shown.value == Value::Absent {
            shown.value = Value::Unknown(VERSION);
        }
        shown
    }

    fn stated_by_chart(&self, mut shown: Shown) -> Shown {
        if shown.value == Value::Absent && !self.member.has_cilium() {
            shown.value = Value::Unknown(NO_CILIUM);
        }
        shown
    }

    /// As the repository writes it, where it leaves the patch release open (`1.18.x`).
    fn version(&self) -> Shown {
        let version = &self.member.version;
        let written = version.best().map(|best| best.place.text());
        let mut shown = show("cilium", version, |version| {
            let text = written
                .and_then(|text| text.split('@').next())
                .unwrap_or_default();
            let text = text.trim().trim_start_matches('v');
            vec![if text.is_empty() {
                version.to_string()
            } else {
                text.to_owned()
            }]
        });
        if !self.member.has_cilium() {
            shown.value = Value::Unknown(NO_CILIUM);
        } else if shown.value == Value::Unknown(UnknownReason::Chart.as_str()) {
            // Nothing but a range of versions, or nothing at all.
            let is_open = !shown.evidence.is_empty();
            shown.value = if is_open {
                Value::Unknown(VERSION)
            } else {
                Value::Absent
            };
        }
        shown
    }
}

fn several<T: Display>(name: &'static str, fact: &Fact<Vec<T>>) -> Shown {
    show(name, fact, |values| values.iter().map(T::to_string).collect())
}

fn ranges(name: &'static str, fact: &Fact<Vec<Range>>) -> Shown {
    several(name, fact)
}

/// Both address families in one fact.
fn native_cidr(member: &Member) -> Shown {
    let net = |fact| show("native-cidr", fact, |net: &ipnet::IpNet| vec![net.to_string()]);
    let (mut v4, v6) = (net(&member.native_cidr_v4), net(&member.native_cidr_v6));
    match (&mut v4.value, v6.value) {
        (_, Value::Absent) => return v4,
        (Value::Stated(both), Value::Stated(more)) => both.extend(more),
        (first @ Value::Absent, second) => *first = second,
        _ => {}
    }
    v4.evidence.extend(v6.evidence);
    v4
}

fn show<T>(name: &'static str, fact: &Fact<T>, words: impl Fn(&T) -> Vec<String>) -> Shown {
    let value = match &fact.value {
        Known::Stated(value) => Value::Stated(words(value)),
        Known::Default(value) => Value::Default(words(value)),
        Known::Absent => Value::Absent,
        Known::Malformed => Value::Malformed,
        Known::Unknown(reason) => Value::Unknown(reason.as_str()),
    };
    Shown {
        name,
        value,
        evidence: fact
            .evidence
            .iter()
            .map(|evidence| Statements::at(&evidence.place))
            .collect(),
    }
}

impl Statements {
    pub(crate) fn at(place: &Place) -> Self {
        Self {
            by: word(place.statement),
            span: place.edit_span(),
            route: place.route.clone(),
            text: place.text().to_owned(),
        }
    }
}

fn word(statement: Statement) -> &'static str {
    match statement {
        Statement::HelmRelease => "helm-release",
        Statement::Manifest => "manifest",
        Statement::Resource => "resource",
        Statement::Settings => "settings",
        Statement::Machine => "machines",
        Statement::Bootstrap => "bootstrap",
    }
}
