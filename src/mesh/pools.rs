//! Addresses for load balancers: the pools that hand them out, and who asks for which.

use std::fmt;
use std::net::IpAddr;

use super::fact::{Place, Range};
use super::facts::lenient;
use super::pool_selector::ServiceLabels;
use crate::finding::ObjectRef;
use crate::fleet::Cluster;
use crate::kustomize::Object;
use crate::yaml::{Node, Route, Walk};

/// Who hands addresses out.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Provider {
    /// Cilium, from CiliumLoadBalancerIPPools.
    Cilium,
    /// MetalLB, from IPAddressPools.
    MetalLb,
}

/// A pool.
#[derive(Debug, Clone)]
pub struct Pool {
    /// Who reads it.
    pub provider: Provider,
    /// Its ranges; blocks that cannot be read are missing.
    pub ranges: Vec<Range>,
    /// Whether there are blocks that cannot be read or known.
    pub has_gaps: bool,
    /// Whether the first and the last address of a network are never handed out.
    pub spares_ends: bool,
    /// The Services it is for; `None` when it is for all.
    pub selector: Option<Node>,
}

/// What an object asks for.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Wanted {
    /// An address.
    Address(IpAddr),
    /// An expression such as `${ADDRESS}` that no Kustomization fills in. A webhook in the cluster may do it, with the
    /// same value for all of them: whoever writes the same expression asks for the same address.
    Expression(String),
}

impl Wanted {
    /// The address, where it is known.
    pub fn address(&self) -> Option<IpAddr> {
        match self {
            Self::Address(address) => Some(*address),
            Self::Expression(_) => None,
        }
    }

    fn read(text: &str) -> Option<Self> {
        if let Ok(address) = text.parse() {
            return Some(Self::Address(address));
        }
        let name = text.strip_prefix("${")?.strip_suffix('}')?;
        let is_name = |c: char| c.is_ascii_alphanumeric() || c == '_';
        name.chars()
            .all(is_name)
            .then(|| Self::Expression(text.to_owned()))
    }
}

impl fmt::Display for Wanted {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Address(address) => address.fmt(f),
            Self::Expression(text) => f.write_str(text),
        }
    }
}

/// Something asks for an address of its own choice.
#[derive(Debug, Clone)]
pub struct AddressRequest {
    /// The address.
    pub wanted: Wanted,
    /// Who is to hand it out; `None` when either may.
    pub provider: Option<Provider>,
    /// With whom it may be shared, where it says so.
    pub sharing_key: Option<String>,
    /// The labels of the Service that asks; `None` when it is made of something else.
    pub labels: Option<ServiceLabels>,
    /// The object it belongs to.
    pub object: ObjectRef,
    /// Where it stands.
    pub place: Place,
}

/// Annotations that ask for addresses.
const REQUESTS: [(&str, Provider); 4] = [
    ("lbipam.cilium.io/ips", Provider::Cilium),
    ("io.cilium/lb-ipam-ips", Provider::Cilium),
    ("metallb.io/loadBalancerIPs", Provider::MetalLb),
    ("metallb.universe.tf/loadBalancerIPs", Provider::MetalLb),
];

/// Annotations that let several share an address.
const SHARING: [&str; 4] = [
    "lbipam.cilium.io/sharing-key",
    "io.cilium/lb-ipam-sharing-key",
    "metallb.io/allow-shared-ip",
    "metallb.universe.tf/allow-shared-ip",
];

/// How deep values are searched for annotations.
const DEPTH: usize = 32;

/// The pools of a cluster that are in use.
pub(super) fn pools(cluster: &Cluster) -> Vec<Pool> {
    let cilium = cluster
        .objects_of("CiliumLoadBalancerIPPool")
        .filter(|(_, object)| object.node.at(&["spec", "disabled"]).and_then(Node::as_bool) != Some(true))
        .map(|(_, object)| cilium_pool(object));
    let metallb = cluster
        .objects_of("IPAddressPool")
        .filter(|(_, object)| object.group() == "metallb.io")
        .map(|(_, object)| metallb_pool(object));
    cilium.chain(metallb).collect()
}

/// Whether values of a chart hold whole manifests of pools, as charts for raw manifests take them.
pub(super) fn made_by_charts(cluster: &Cluster) -> bool {
    cluster.objects_of("HelmRelease").any(|(_, release)| {
        let mut found = false;
        cluster.helm_values(release).tree.walk(&mut |_, _, node| {
            let text = node.as_text().unwrap_or_default();
            found |= text.contains("CiliumLoadBalancerIPPool") || text.contains("IPAddressPool");
            if found { Walk::Stop } else { Walk::Enter }
        });
        found
    })
}

fn cilium_pool(object: &Object) -> Pool {
    let mut pool = Pool {
        provider: Provider::Cilium,
        ranges: Vec::new(),
        has_gaps: false,
        spares_ends: object.node.text_at(&["spec", "allowFirstLastIPs"]) == Some("No"),
        selector: object.node.at(&["spec", "serviceSelector"]).cloned(),
    };
    // `cidrs` is what `blocks` was called until 1.15.
    for field in ["blocks", "cidrs"] {
        let blocks = object.node.at(&["spec", field]).map(Node::items);
        for (at, block) in blocks.unwrap_or_default().iter().enumerate() {
            let route = format!("spec.{field}[{at}]");
            let set = |key: &str| block.get(key).filter(|node| !node.is_null());
            let range = if let Some(cidr) = set("cidr") {
                network(&Place::in_object(object, cidr, format!("{route}.cidr")))
            } else if let Some(start) = set("start") {
                let stop = set("stop").unwrap_or(start);
                let first = Place::in_object(object, start, format!("{route}.start"));
                between(first.text(), stop.as_text().unwrap_or_default(), &first)
            } else {
                None
            };
            pool.add(range);
        }
    }
    pool
}

fn metallb_pool(object: &Object) -> Pool {
    let mut pool = Pool {
        provider: Provider::MetalLb,
        ranges: Vec::new(),
        has_gaps: false,
        spares_ends: false,
        selector: None,
    };
    let addresses = object.node.at(&["spec", "addresses"]).map(Node::items);
    for (at, item) in addresses.unwrap_or_default().iter().enumerate() {
        let place = Place::in_object(object, item, format!("spec.addresses[{at}]"));
        let range = match place.text().split_once('-') {
            Some((first, last)) => between(first.trim(), last.trim(), &place),
            None => network(&place),
        };
        pool.add(range);
    }
    pool
}

impl Pool {
    fn add(&mut self, range: Option<Range>) {
        match range {
            Some(range) => self.ranges.push(range),
            None => self.has_gaps = true,
        }
    }

    /// Whether the pool is for whoever asks; `None` when that cannot be known.
    pub fn selects(&self, request: &AddressRequest) -> Option<bool> {
        match (&self.selector, &request.labels) {
            (None, _) => Some(true),
            (Some(_), None) => None,
            (Some(_), Some(labels)) => self.takes(labels),
        }
    }

    /// Whether the pool is for a Service with these labels; `None` when that cannot be known.
    pub fn takes(&self, labels: &ServiceLabels) -> Option<bool> {
        match &self.selector {
            Some(selector) => labels.match_selector(selector),
            None => Some(true),
        }
    }

    /// Whether the pool may hand the address out.
    pub fn has(&self, address: IpAddr) -> bool {
        self.ranges.iter().any(|range| {
            let within =
                range.first.is_ipv4() == address.is_ipv4() && range.first <= address && address <= range.last;
            let single = range.first == range.last;
            let is_end = range.net.is_some() && (address == range.first || address == range.last);
            within && !(self.spares_ends && is_end && !single)
        })
    }
}

fn network(place: &Place) -> Option<Range> {
    if place.node.origin().is_unknown() {
        return None;
    }
    let net = lenient(place.text())?;
    Some(Range {
        first: net.network(),
        last: net.broadcast(),
        net: Some(net),
        place: place.clone(),
        by_default: false,
    })
}

fn between(first: &str, last: &str, place: &Place) -> Option<Range> {
    if place.node.origin().is_unknown() {
        return None;
    }
    let (first, last): (IpAddr, IpAddr) = (first.parse().ok()?, last.parse().ok()?);
    (first.is_ipv4() == last.is_ipv4() && first <= last).then(|| Range {
        first,
        last,
        net: None,
        place: place.clone(),
        by_default: false,
    })
}

/// Who asks for which address: Services, Gateways, and the values of charts that make such.
pub(super) fn requests(cluster: &Cluster) -> Vec<AddressRequest> {
    let mut requests = Vec::new();
    for (_, object) in cluster.objects() {
        match object.kind() {
            "Service" if object.group().is_empty() => of_service(object, &mut requests),
            "Gateway" if object.group() == "gateway.networking.k8s.io" => of_gateway(object, &mut requests),
            "HelmRelease" if !is_elsewhere(object) => {
                let tree = cluster.helm_values(object).tree;
                search(object, &tree, &mut requests);
            }
            _ => {}
        }
    }
    requests
}

/// A release that is suspended, or that goes to another cluster.
fn is_elsewhere(release: &Object) -> bool {
    release.node.at(&["spec", "kubeConfig"]).is_some()
        || release.node.at(&["spec", "suspend"]).and_then(Node::as_bool) == Some(true)
}

fn of_service(object: &Object, requests: &mut Vec<AddressRequest>) {
    let annotations = object.node.at(&["metadata", "annotations"]);
    if object.node.text_at(&["spec", "type"]) != Some("LoadBalancer") {
        return;
    }
    if let Some(annotations) = annotations {
        annotated(object, annotations, "metadata.annotations", requests);
    }
    // A class means that another controller answers.
    let class = object.node.at(&["spec", "loadBalancerClass"]).is_some();
    if let Some(node) = object.node.at(&["spec", "loadBalancerIP"])
        && !class
    {
        let sharing = annotations.and_then(sharing_key);
        add(
            object,
            node,
            "spec.loadBalancerIP".to_owned(),
            None,
            sharing.as_deref(),
            requests,
        );
    }
}

fn of_gateway(object: &Object, requests: &mut Vec<AddressRequest>) {
    if let Some(annotations) = object.node.at(&["spec", "infrastructure", "annotations"]) {
        annotated(object, annotations, "spec.infrastructure.annotations", requests);
    }
    let addresses = object.node.at(&["spec", "addresses"]).map(Node::items);
    for (at, address) in addresses.unwrap_or_default().iter().enumerate() {
        let kind = address.text_at(&["type"]).unwrap_or("IPAddress");
        if let Some(value) = address.get("value")
            && kind == "IPAddress"
        {
            let route = format!("spec.addresses[{at}].value");
            add(object, value, route, None, None, requests);
        }
    }
}

/// Looks for annotations in values of a chart. What is switched off makes no object.
fn search(object: &Object, values: &Node, requests: &mut Vec<AddressRequest>) {
    values.walk(&mut |route, _, node| {
        let is_off = || node.get("enabled").and_then(Node::as_bool) == Some(false);
        if route.0.len() > DEPTH || !node.is_mapping() && !node.is_sequence() || is_off() {
            return Walk::Skip;
        }
        if REQUESTS.iter().any(|(key, _)| node.get(key).is_some()) {
            annotated(object, node, &joined("spec.values", route), requests);
        }
        Walk::Enter
    });
}

fn joined(root: &str, route: Route<'_>) -> String {
    let route = route.to_string();
    let dot = if route.is_empty() || route.starts_with('[') {
        ""
    } else {
        "."
    };
    format!("{root}{dot}{route}")
}

fn annotated(object: &Object, annotations: &Node, route: &str, requests: &mut Vec<AddressRequest>) {
    for (key, provider) in REQUESTS {
        if let Some(node) = annotations.get(key) {
            let sharing = sharing_key(annotations);
            let route = format!("{route}.{key}");
            add(object, node, route, Some(provider), sharing.as_deref(), requests);
        }
    }
}

fn sharing_key(annotations: &Node) -> Option<String> {
    let node = SHARING.iter().find_map(|key| annotations.get(key))?;
    Some(node.as_text().unwrap_or_default().to_owned())
}

fn add(
    object: &Object,
    node: &Node,
    route: String,
    provider: Option<Provider>,
    sharing_key: Option<&str>,
    requests: &mut Vec<AddressRequest>,
) {
    if node.origin().is_unknown() {
        return;
    }
    let place = Place::in_object(object, node, route);
    for text in node.as_text().unwrap_or_default().split(',') {
        // What is no address is left to whoever hands them out: MetalLB and Cilium say so on the Service.
        if let Some(wanted) = Wanted::read(text.trim()) {
            requests.push(AddressRequest {
                wanted,
                provider,
                sharing_key: sharing_key.map(str::to_owned),
                labels: (object.kind() == "Service").then(|| ServiceLabels::of(object)),
                object: object.reference(),
                place: place.clone(),
            });
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_expression_that_nobody_fills_in_is_one_wish_and_other_text_is_none() {
        let read = |text: &str| Wanted::read(text).map(|wanted| wanted.to_string());
        assert_eq!(read("10.0.0.1").as_deref(), Some("10.0.0.1"));
        assert_eq!(read("${LB_ADDRESS}").as_deref(), Some("${LB_ADDRESS}"));
        for other in ["${LB_ADDRESS:=10.0.0.1}", "10.0.0.${LAST}", "none", "${A},${B}"] {
            assert_eq!(read(other), None, "{other}");
        }
    }
}
