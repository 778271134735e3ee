//! How a cluster shows itself to its peers: the API server's Service, its certificates, and the encryption of traffic.

use std::net::IpAddr;

use super::fact::{Evidence, Fact, Known};
use super::facts::{self, Witnesses};
use super::peers::Peer;
use super::read;
use crate::helm::Lookup;
use crate::yaml::Node;

/// The names and addresses that a peer entry dials.
fn dialled(peer: &Peer) -> impl Iterator<Item = &str> {
    let address = peer.address.stated().and_then(Node::as_text);
    let ips = peer.ips.stated().map(Node::items).unwrap_or_default().iter();
    address.into_iter().chain(ips.filter_map(Node::as_text))
}

/// The API server of Cluster Mesh, as peers reach it.
#[derive(Debug, Default)]
pub struct ApiServer {
    /// `clustermesh.apiserver.service.type`
    pub service_type: Fact<String>,
    /// `clustermesh.apiserver.service.nodePort`
    pub node_port: Fact<i64>,
    /// `clustermesh.apiserver.service.port`: new in 1.21, 2379 before.
    pub port: Fact<i64>,
    /// `clustermesh.apiserver.service.externallyCreated`, new in 1.19
    pub externally_created: Fact<bool>,
    /// Addresses that the Service asks for, by `loadBalancerIP` or an annotation.
    pub addresses: Fact<Vec<IpAddr>>,
    /// Names that external-dns is asked to make for the Service.
    pub hostnames: Fact<Vec<String>>,
    /// `clustermesh.apiserver.replicas`
    pub replicas: Fact<i64>,
    /// `clustermesh.apiserver.service.enableSessionAffinity`, new in 1.16
    pub session_affinity: Fact<String>,
    /// `clustermesh.apiserver.service.externalTrafficPolicy`
    pub external_traffic_policy: Fact<String>,
    /// `clustermesh.apiserver.service.internalTrafficPolicy`
    pub internal_traffic_policy: Fact<String>,
    /// `clustermesh.apiserver.service.loadBalancerSourceRanges`, new in 1.17
    pub source_ranges: Fact<Vec<String>>,
    /// `clustermesh.apiserver.kvstoremesh.enabled`
    pub kvstoremesh: Fact<bool>,
    /// `clustermesh.config.domain`, in which peers that are given by `ips` get their names.
    pub domain: Fact<String>,
    /// Whether node ports are served by Cilium: `kubeProxyReplacement`.
    pub kube_proxy_replacement: Fact<bool>,
}

/// The certificates of the API server.
#[derive(Debug, Default)]
pub struct Tls {
    /// `clustermesh.apiserver.tls.auto.enabled`
    pub auto: Fact<bool>,
    /// `clustermesh.apiserver.tls.auto.method`
    pub method: Fact<String>,
    /// `clustermesh.apiserver.tls.auto.certValidityDuration`, in days
    pub validity: Fact<i64>,
    /// `clustermesh.apiserver.tls.authMode`, new in 1.14
    pub auth_mode: Fact<String>,
    /// Names in the server's certificate beside those that are always there.
    pub dns_names: Fact<Vec<String>>,
    /// Addresses in the server's certificate beside those that are always there.
    pub ip_addresses: Fact<Vec<String>>,
    /// `tls.ca.cert`
    pub ca_cert: Fact<String>,
    /// `tls.ca.key`
    pub ca_key: Fact<String>,
    /// `tls.caBundle.enabled`: what is trusted is a list of its own.
    pub ca_bundle: Fact<bool>,
}

/// Encryption of the traffic between nodes and pods.
#[derive(Debug, Default)]
pub struct Encryption {
    /// `encryption.enabled`
    pub enabled: Fact<bool>,
    /// `encryption.type`
    pub kind: Fact<String>,
    /// `encryption.nodeEncryption`
    pub nodes: Fact<bool>,
}

/// Where the names of the server's certificate stand: the place since 1.20, and the one before.
pub const DNS_NAMES: [&[&str]; 2] = [
    &[
        "clustermesh",
        "apiserver",
        "tls",
        "auto",
        "server",
        "extraDnsNames",
    ],
    &["clustermesh", "apiserver", "tls", "server", "extraDnsNames"],
];

const IP_ADDRESSES: [&[&str]; 2] = [
    &[
        "clustermesh",
        "apiserver",
        "tls",
        "auto",
        "server",
        "extraIpAddresses",
    ],
    &["clustermesh", "apiserver", "tls", "server", "extraIpAddresses"],
];

const SERVICE: [&str; 3] = ["clustermesh", "apiserver", "service"];

/// Annotations that ask for an address, with what makes them.
const ADDRESS_ANNOTATIONS: [&str; 5] = [
    "lbipam.cilium.io/ips",
    "io.cilium/lb-ipam-ips",
    "metallb.io/loadBalancerIPs",
    "metallb.universe.tf/loadBalancerIPs",
    "kube-vip.io/loadbalancerIPs",
];

const HOSTNAME_ANNOTATION: &str = "external-dns.alpha.kubernetes.io/hostname";

impl ApiServer {
    /// Whether a peer entry dials an address that this API server asks for.
    pub(super) fn has(&self, peer: &Peer) -> bool {
        let own = self.addresses.get().into_iter().flatten();
        let names = self.hostnames.get().into_iter().flatten();
        let own: Vec<String> = own.map(ToString::to_string).chain(names.cloned()).collect();
        dialled(peer).any(|address| own.iter().any(|own| own == address))
    }

    pub(super) fn of(witnesses: &Witnesses<'_>) -> Self {
        let reader = Reader(witnesses);
        let service = |key| reader.text(&[&SERVICE[..], &[key]].concat());
        Self {
            service_type: service("type"),
            node_port: reader.number(&[&SERVICE[..], &["nodePort"]].concat()),
            port: reader.number(&[&SERVICE[..], &["port"]].concat()),
            externally_created: reader.flag(&[&SERVICE[..], &["externallyCreated"]].concat()),
            addresses: reader.addresses(),
            hostnames: reader.annotated(&[HOSTNAME_ANNOTATION], |text| {
                Some(text.trim_end_matches('.').to_owned())
            }),
            replicas: reader.number(&["clustermesh", "apiserver", "replicas"]),
            session_affinity: service("enableSessionAffinity"),
            external_traffic_policy: service("externalTrafficPolicy"),
            internal_traffic_policy: service("internalTrafficPolicy"),
            source_ranges: reader.list(&[&SERVICE[..], &["loadBalancerSourceRanges"]].concat()),
            kvstoremesh: reader.flag(&["clustermesh", "apiserver", "kvstoremesh", "enabled"]),
            domain: reader.text(&["clustermesh", "config", "domain"]),
            kube_proxy_replacement: witnesses.fact(&["kubeProxyReplacement"], replaces, std::iter::empty()),
        }
    }
}

/// `true`, until 1.15 also `strict`; `partial` and `disabled` leave node ports to kube-proxy or depend on more.
fn replaces(node: &Node) -> Option<bool> {
    node.as_text().map(|text| matches!(text, "true" | "strict"))
}

impl Tls {
    /// Whether a peer entry dials a name or an address that only this certificate has.
    pub(super) fn names(&self, peer: &Peer) -> bool {
        let names = self.dns_names.get().into_iter().flatten();
        let own: Vec<&String> = names
            .chain(self.ip_addresses.get().into_iter().flatten())
            .collect();
        dialled(peer).any(|address| own.iter().any(|own| *own == address))
    }

    pub(super) fn of(witnesses: &Witnesses<'_>) -> Self {
        let reader = Reader(witnesses);
        let tls = ["clustermesh", "apiserver", "tls"];
        let auto = |key| [&tls[..], &["auto", key]].concat();
        Self {
            auto: reader.flag(&auto("enabled")),
            method: reader.text(&auto("method")),
            validity: reader.number(&auto("certValidityDuration")),
            auth_mode: reader.text(&[&tls[..], &["authMode"]].concat()),
            dns_names: reader.certificate_list(DNS_NAMES),
            ip_addresses: reader.certificate_list(IP_ADDRESSES),
            ca_cert: reader.text(&["tls", "ca", "cert"]),
            ca_key: reader.text(&["tls", "ca", "key"]),
            ca_bundle: reader.flag(&["tls", "caBundle", "enabled"]),
        }
    }
}

impl Encryption {
    pub(super) fn of(witnesses: &Witnesses<'_>) -> Self {
        let reader = Reader(witnesses);
        Self {
            enabled: reader.flag(&["encryption", "enabled"]),
            kind: reader.text(&["encryption", "type"]),
            nodes: reader.flag(&["encryption", "nodeEncryption"]),
        }
    }
}

/// Reads facts of the usual types.
struct Reader<'w, 'a>(&'w Witnesses<'a>);

impl Reader<'_, '_> {
    fn text(&self, path: &[&str]) -> Fact<String> {
        self.0.fact(path, facts::text, std::iter::empty())
    }

    fn number(&self, path: &[&str]) -> Fact<i64> {
        self.0.fact(path, read::integer, std::iter::empty())
    }

    fn flag(&self, path: &[&str]) -> Fact<bool> {
        self.0.fact(path, read::boolean, std::iter::empty())
    }

    /// A list of texts: empty where nothing states it, and unknown where an item is.
    fn list(&self, path: &[&str]) -> Fact<Vec<String>> {
        let Some(values) = self.0.applied else {
            return Fact::default();
        };
        let node = match values.lookup(path) {
            Lookup::Unknown(reason) => return Fact::unknown(reason),
            Lookup::Absent => {
                return Fact {
                    value: Known::Default(Vec::new()),
                    evidence: Vec::new(),
                };
            }
            Lookup::Value(node) => node,
        };
        if let Some(reason) = values.unknown_within(node) {
            return Fact::unknown(reason);
        }
        let texts: Option<Vec<String>> = node.items().iter().map(facts::text).collect();
        let texts = texts.filter(|_| node.is_sequence());
        Fact {
            value: texts.clone().map_or(Known::Malformed, Known::Stated),
            evidence: vec![Evidence {
                value: texts,
                place: values.place(node, path),
            }],
        }
    }

    /// From 1.20 on the new place counts, and the old one while the new is empty; before, only the old one counts. Where
    /// the version is not known, both do.
    fn certificate_list(&self, [new, old]: [&[&str]; 2]) -> Fact<Vec<String>> {
        let version = self.0.version.map(|version| (version.major, version.minor));
        if version.is_some_and(|version| version < (1, 20)) {
            return self.list(old);
        }
        let new = self.list(new);
        let is_open = matches!(&new.value, Known::Default(_) | Known::Absent)
            || new
                .stated()
                .is_some_and(|texts| texts.is_empty() || version.is_none());
        if !is_open {
            return new;
        }
        let old = self.list(old);
        match (&new.value, &old.value) {
            (Known::Stated(first), Known::Stated(second)) if !first.is_empty() => Fact {
                value: Known::Stated(first.iter().chain(second).cloned().collect()),
                evidence: new.evidence,
            },
            (Known::Stated(first), Known::Default(_)) if !first.is_empty() => new,
            _ => old,
        }
    }

    /// The addresses that the Service asks for.
    fn addresses(&self) -> Fact<Vec<IpAddr>> {
        let annotated = self.annotated(&ADDRESS_ANNOTATIONS, |text| text.parse().ok());
        if !matches!(annotated.value, Known::Absent) {
            return annotated;
        }
        let path = [&SERVICE[..], &["loadBalancerIP"]].concat();
        let one = |node: &Node| node.as_text()?.parse().ok().map(|address| vec![address]);
        match self.0.fact(&path, one, std::iter::empty()) {
            // An empty text asks for none.
            Fact {
                value: Known::Malformed | Known::Default(_),
                ..
            } => Fact::default(),
            fact => fact,
        }
    }

    /// What annotations of the Service say, a list separated by commas: those of the Service win over those of all
    /// mesh objects.
    fn annotated<T: Clone>(&self, keys: &[&str], read: impl Fn(&str) -> Option<T>) -> Fact<Vec<T>> {
        let Some(values) = self.0.applied else {
            return Fact::default();
        };
        let sections: [&[&str]; 2] = [
            &["clustermesh", "apiserver", "service", "annotations"],
            &["clustermesh", "annotations"],
        ];
        for section in sections {
            for key in keys {
                let path = [section, &[key]].concat();
                let node = match values.lookup(&path) {
                    Lookup::Unknown(reason) => return Fact::unknown(reason),
                    Lookup::Absent => continue,
                    Lookup::Value(node) => node,
                };
                let items = node.as_text().unwrap_or_default().split(',').map(str::trim);
                let all: Option<Vec<T>> = items.filter(|item| !item.is_empty()).map(&read).collect();
                return Fact {
                    value: all.clone().map_or(Known::Malformed, Known::Stated),
                    evidence: vec![Evidence {
                        value: all,
                        place: values.place(node, &path),
                    }],
                };
            }
        }
        Fact::default()
    }
}
