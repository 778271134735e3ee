//! The address ranges of a cluster: pods, Services, nodes, load balancers.

use std::net::IpAddr;

use ipnet::IpNet;

use super::fact::{CidrFault, Evidence, Fact, Known, MalformedCidr, Place, Range, Statement};
use super::facts::{Witnesses, agreed, judge, lenient, network_v4, network_v6, text};
use super::read;
use super::settings::Setting;
use super::values::CiliumValues;
use crate::fleet::Cluster;
use crate::helm::Lookup;
use crate::kustomize::Object;
use crate::tables::cilium::defaults;
use crate::unknown::UnknownReason;
use crate::yaml::Node;

/// What the operator cuts the nodes' pod ranges of one family from.
struct ClusterPool {
    family: &'static str,
    is_v4: bool,
    list: [&'static str; 3],
    /// What counted until 1.13 where the list is empty (templates/cilium-configmap.yaml of the chart).
    single: [&'static str; 3],
}

const CLUSTER_POOLS: [ClusterPool; 2] = [
    ClusterPool {
        family: "ipv4",
        is_v4: true,
        list: ["ipam", "operator", "clusterPoolIPv4PodCIDRList"],
        single: ["ipam", "operator", "clusterPoolIPv4PodCIDR"],
    },
    ClusterPool {
        family: "ipv6",
        is_v4: false,
        list: ["ipam", "operator", "clusterPoolIPv6PodCIDRList"],
        single: ["ipam", "operator", "clusterPoolIPv6PodCIDR"],
    },
];

/// Switches of the chart that have a cloud hand out addresses.
const CLOUDS: [&str; 4] = ["eni", "azure", "alibabacloud", "gke"];

/// Collects ranges, and what cannot be read as one.
pub(super) struct Ranges<'a> {
    pub(super) witnesses: &'a Witnesses<'a>,
    pub(super) cluster: &'a Cluster,
    pub(super) malformed: Vec<MalformedCidr>,
}

impl Ranges<'_> {
    /// The ranges that pods get their addresses from. Where Kubernetes or a cloud hands them out, only settings tell.
    pub(super) fn pods<'s>(
        &mut self,
        mode: &Fact<String>,
        settings: impl Iterator<Item = &'s Setting>,
    ) -> Fact<Vec<Range>> {
        let stated = self.settings(settings);
        let Some(values) = self.witnesses.applied else {
            return stated;
        };
        let from_values = match mode.get().map(String::as_str) {
            _ if let Some(reason) = self.handed_out_elsewhere(mode) => Fact::unknown(reason),
            Some("cluster-pool" | "cluster-pool-v2beta") => self.cluster_pools(values),
            Some("multi-pool") => self.multi_pools(values),
            Some("kubernetes") => return or_unknown(stated, UnknownReason::External),
            _ => Fact::unknown(mode.unknown_reason().unwrap_or(UnknownReason::External)),
        };
        Fact {
            value: from_values.value,
            evidence: from_values.evidence.into_iter().chain(stated.evidence).collect(),
        }
    }

    /// Why pods do not get their addresses from the pools of Cilium, whatever those are: Cilium is chained behind the
    /// plugin that hands them out (all but `portmap`, which hands out none), or runs on the network of a cloud without
    /// a mode being stated.
    fn handed_out_elsewhere(&self, mode: &Fact<String>) -> Option<UnknownReason> {
        let words = |path: &[&str]| self.witnesses.fact(path, text, std::iter::empty());
        let chaining = words(&["cni", "chainingMode"]);
        let is_behind = |name: &str| !matches!(name, "" | "none" | "portmap");
        if let Some(name) = chaining.stated() {
            return is_behind(name).then_some(UnknownReason::External);
        }
        // Since 1.14 the name of a network implies `generic-veth`.
        let target = words(&["cni", "chainingTarget"]);
        let in_cloud = |cloud: &&str| {
            let enabled = self
                .witnesses
                .fact(&[cloud, "enabled"], read::boolean, std::iter::empty());
            enabled.is_true()
        };
        let is_elsewhere = target.stated().is_some_and(|name| !name.is_empty())
            || (mode.stated().is_none() && CLOUDS.iter().any(in_cloud));
        is_elsewhere.then_some(UnknownReason::External)
    }

    fn cluster_pools(&mut self, values: &CiliumValues) -> Fact<Vec<Range>> {
        let mut all = Fact {
            value: Known::Default(Vec::new()),
            evidence: Vec::new(),
        };
        for pool in CLUSTER_POOLS {
            let enabled = self
                .witnesses
                .fact(&[pool.family, "enabled"], read::boolean, std::iter::empty());
            match enabled.value {
                Known::Stated(true) | Known::Default(true) => {}
                // A list that is stated tells that the family is meant.
                Known::Unknown(_) if matches!(values.lookup(&pool.list), Lookup::Value(_)) => {}
                Known::Unknown(reason) if pool.is_v4 => return Fact::unknown(reason),
                _ => continue,
            }
            let one = match values.lookup(&pool.list) {
                Lookup::Unknown(reason) => return Fact::unknown(reason),
                Lookup::Value(node) if !self.gives_way(node) => {
                    self.stated_pool(values, node, &pool.list, pool.is_v4)
                }
                _ => self.without_list(values, &pool),
            };
            if one.unknown_reason().is_some() {
                return one;
            }
            all = joined(all, one);
        }
        all
    }

    /// Whether a list leaves the word to the single range.
    fn gives_way(&self, list: &Node) -> bool {
        self.minor().is_none_or(|minor| minor < (1, 14)) && list.is_sequence() && list.items().is_empty()
    }

    fn minor(&self) -> Option<(u64, u64)> {
        let version = self.witnesses.version?;
        Some((version.major, version.minor))
    }

    /// The single range counts until 1.13; from 1.14 to 1.18 the chart refuses it, and later passes over it.
    fn without_list(&mut self, values: &CiliumValues, pool: &ClusterPool) -> Fact<Vec<Range>> {
        match (values.lookup(&pool.single), self.minor()) {
            (Lookup::Absent, _) => self.default_pool(values, &pool.list),
            (_, Some(minor)) if minor >= (1, 19) => self.default_pool(values, &pool.list),
            (_, Some(minor)) if minor >= (1, 14) => Fact::unknown(UnknownReason::Chart),
            (Lookup::Unknown(reason), _) => Fact::unknown(reason),
            (Lookup::Value(node), _) => self.stated_pool(values, node, &pool.single, pool.is_v4),
        }
    }

    /// A list, or the text that templates join into one: networks separated by blanks.
    fn stated_pool(
        &mut self,
        values: &CiliumValues,
        node: &Node,
        path: &[&str],
        is_v4: bool,
    ) -> Fact<Vec<Range>> {
        let place = values.place(node, path);
        let items: Vec<Node> = match node.as_text() {
            Some(text) => text
                .split_ascii_whitespace()
                .map(|item| part(node, item))
                .collect(),
            None => node.items().to_vec(),
        };
        let ranges = items
            .iter()
            .enumerate()
            .filter_map(|(at, item)| {
                let place = Place {
                    node: item.clone(),
                    route: format!("{}[{at}]", place.route),
                    ..place.clone()
                };
                judge(
                    item.as_text().unwrap_or_default(),
                    Some(is_v4),
                    &place,
                    &mut self.malformed,
                );
                range_of(item.as_text()?, &place).filter(|range| range.first.is_ipv4() == is_v4)
            })
            .collect();
        stated(ranges, place)
    }

    fn default_pool(&self, values: &CiliumValues, path: &[&str]) -> Fact<Vec<Range>> {
        let key = path.join(".");
        let range = defaults::of(&key, self.witnesses.version)
            .and_then(|text| range_of(text, &values.nearest(path)))
            .map(|range| Range {
                by_default: true,
                ..range
            });
        Fact {
            value: Known::Default(range.into_iter().collect()),
            evidence: Vec::new(),
        }
    }

    /// Pools that the operator creates from the values, and CiliumPodIPPools beside them.
    fn multi_pools(&mut self, values: &CiliumValues) -> Fact<Vec<Range>> {
        let path = ["ipam", "operator", "autoCreateCiliumPodIPPools"];
        let pools = match values.lookup(&path) {
            Lookup::Unknown(reason) => return Fact::unknown(reason),
            Lookup::Value(pools) => Some(pools),
            Lookup::Absent => None,
        };
        let mut places = Vec::new();
        for entry in pools.map(Node::entries).unwrap_or_default() {
            for family in ["ipv4", "ipv6"] {
                for item in entry
                    .value
                    .at(&[family, "cidrs"])
                    .map(Node::items)
                    .unwrap_or_default()
                {
                    places.push((family == "ipv4", values.place(item, &path)));
                }
            }
        }
        for (_, object) in self.cluster.objects_of("CiliumPodIPPool") {
            for family in ["ipv4", "ipv6"] {
                let route = format!("spec.{family}.cidrs");
                let cidrs = object.node.at(&["spec", family, "cidrs"]);
                for (at, item) in cidrs.map(Node::items).unwrap_or_default().iter().enumerate() {
                    places.push((
                        family == "ipv4",
                        Place::in_object(object, item, format!("{route}[{at}]")),
                    ));
                }
            }
        }
        if places.is_empty() {
            return Fact::unknown(UnknownReason::External);
        }
        let mut ranges = Vec::new();
        for (is_v4, place) in &places {
            judge(place.text(), Some(*is_v4), place, &mut self.malformed);
            ranges.extend(range_of(place.text(), place));
        }
        Fact {
            evidence: ranges.iter().map(evidence_of).collect(),
            value: Known::Stated(ranges),
        }
    }

    /// The network that is not masqueraded, `ipv4NativeRoutingCIDR` or `ipv6NativeRoutingCIDR`.
    pub(super) fn native(&mut self, key: &str, is_v4: bool) -> Fact<IpNet> {
        let read = if is_v4 { network_v4 } else { network_v6 };
        let fact = self.witnesses.fact(&[key], read, std::iter::empty());
        for evidence in &fact.evidence {
            // An empty text is how the chart's own default says "none".
            if !evidence.place.text().is_empty() {
                judge(
                    evidence.place.text(),
                    Some(is_v4),
                    &evidence.place,
                    &mut self.malformed,
                );
            }
        }
        fact
    }

    /// The blocks of CiliumLoadBalancerIPPools; where there is none, the settings.
    pub(super) fn load_balancers<'s>(
        &mut self,
        settings: impl Iterator<Item = &'s Setting>,
    ) -> Fact<Vec<Range>> {
        let stated = self.settings(settings);
        let mut ranges = Vec::new();
        for (_, object) in self.cluster.objects_of("CiliumLoadBalancerIPPool") {
            let disabled = object.node.at(&["spec", "disabled"]).and_then(Node::as_bool);
            if disabled == Some(true) {
                continue;
            }
            // `cidrs` is what `blocks` was called until 1.15.
            for field in ["blocks", "cidrs"] {
                let blocks = object
                    .node
                    .at(&["spec", field])
                    .map(Node::items)
                    .unwrap_or_default();
                for (at, block) in blocks.iter().enumerate() {
                    ranges.extend(self.block(object, block, &format!("spec.{field}[{at}]")));
                }
            }
        }
        if ranges.is_empty() {
            return stated;
        }
        let mut evidence: Vec<_> = ranges.iter().map(evidence_of).collect();
        evidence.extend(stated.evidence);
        Fact {
            value: Known::Stated(ranges),
            evidence,
        }
    }

    fn block(&mut self, object: &Object, block: &Node, route: &str) -> Option<Range> {
        if let Some(cidr) = block.get("cidr").filter(|node| !node.is_null()) {
            // That it is no text is told where the shape of objects is judged.
            cidr.as_scalar()?;
            let place = Place::in_object(object, cidr, format!("{route}.cidr"));
            judge(place.text(), None, &place, &mut self.malformed);
            return range_of(place.text(), &place);
        }
        let start = block.get("start").filter(|node| !node.is_null())?;
        let stop = block.get("stop").filter(|node| !node.is_null()).unwrap_or(start);
        let mut address = |node: &Node, field: &str| {
            let place = Place::in_object(object, node, format!("{route}.{field}"));
            let read: Option<IpAddr> = place.text().parse().ok();
            if read.is_none() && !node.origin().is_unknown() {
                self.malformed.push(MalformedCidr {
                    text: place.text().to_owned(),
                    fault: CidrFault::Unreadable,
                    place: place.clone(),
                });
            }
            Some((read?, place))
        };
        let (first, place) = address(start, "start")?;
        let (last, stop_place) = address(stop, "stop")?;
        let fault = if first.is_ipv4() != last.is_ipv4() {
            CidrFault::WrongFamily
        } else if last < first {
            CidrFault::Backwards
        } else {
            return Some(Range {
                first,
                last,
                net: None,
                place,
                by_default: false,
            });
        };
        self.malformed.push(MalformedCidr {
            text: stop_place.text().to_owned(),
            fault,
            place: stop_place,
        });
        None
    }

    /// What settings say of some ranges. Of settings that contradict each other any may hold, so each is judged.
    pub(super) fn settings<'s>(&mut self, settings: impl Iterator<Item = &'s Setting>) -> Fact<Vec<Range>> {
        let mut evidence = Vec::new();
        let mut unknown = None;
        for setting in settings {
            match &setting.value {
                Ok(text) => evidence.push(self.setting(text, &setting.place)),
                Err(reason) => unknown = Some(*reason),
            }
        }
        let nets = |evidence: &Evidence<Vec<Range>>| Evidence {
            value: evidence.value.as_ref().map(|ranges| {
                let mut nets: Vec<_> = ranges.iter().filter_map(|range| range.net).collect();
                nets.sort();
                nets
            }),
            place: evidence.place.clone(),
        };
        let value = families_apart(&evidence).unwrap_or_else(|| {
            match agreed(&evidence.iter().map(nets).collect::<Vec<_>>()) {
                Known::Stated(_) => evidence
                    .iter()
                    .find_map(|evidence| evidence.value.clone())
                    .map_or(Known::Absent, Known::Stated),
                _ => all_of(&evidence)
                    .map(Known::Stated)
                    .or(unknown.map(Known::Unknown))
                    .unwrap_or(Known::Absent),
            }
        });
        Fact { value, evidence }
    }

    fn setting(&mut self, text: &str, place: &Place) -> Evidence<Vec<Range>> {
        let items = read::list_in_text(text);
        if items.is_none() {
            judge(text, None, place, &mut self.malformed);
        }
        let ranges: Vec<Range> = items
            .unwrap_or_default()
            .iter()
            .filter_map(|item| {
                judge(item, None, place, &mut self.malformed);
                range_of(item, place)
            })
            .collect();
        Evidence {
            value: (!ranges.is_empty()).then_some(ranges),
            place: place.clone(),
        }
    }
}

/// Every range that some setting states. Where the configuration of the machines says otherwise, the settings are no proof.
fn all_of(evidence: &[Evidence<Vec<Range>>]) -> Option<Vec<Range>> {
    if evidence
        .iter()
        .any(|one| one.place.statement != Statement::Settings)
    {
        return None;
    }
    let mut all: Vec<Range> = Vec::new();
    for range in evidence.iter().filter_map(|one| one.value.as_ref()).flatten() {
        if !all
            .iter()
            .any(|known| known.contains(range) && range.contains(known))
        {
            all.push(range.clone());
        }
    }
    (!all.is_empty()).then_some(all)
}

/// Settings that hold the two families apart (POD_CIDR_V4, POD_CIDR_V6) add up.
fn families_apart(evidence: &[Evidence<Vec<Range>>]) -> Option<Known<Vec<Range>>> {
    let [a, b] = evidence else { return None };
    let (a, b) = (a.value.as_ref()?, b.value.as_ref()?);
    let all = |ranges: &[Range], v4: bool| ranges.iter().all(|range| range.first.is_ipv4() == v4);
    let apart = (all(a, true) && all(b, false)) || (all(a, false) && all(b, true));
    apart.then(|| Known::Stated(a.iter().chain(b).cloned().collect()))
}

/// A network as a range, its host bits dropped.
fn range_of(text: &str, place: &Place) -> Option<Range> {
    let net = lenient(text)?;
    Some(Range {
        first: net.network(),
        last: last_of(net),
        net: Some(net),
        place: place.clone(),
        by_default: false,
    })
}

fn last_of(net: IpNet) -> IpAddr {
    // For IPv6 the crate calls the last address the broadcast address too.
    net.broadcast()
}

/// A word of a text value, pointing at the whole value.
fn part(node: &Node, text: &str) -> Node {
    Node::string(text, node.origin().clone())
}

fn evidence_of(range: &Range) -> Evidence<Vec<Range>> {
    Evidence {
        value: Some(vec![range.clone()]),
        place: range.place.clone(),
    }
}

fn stated(ranges: Vec<Range>, place: Place) -> Fact<Vec<Range>> {
    Fact {
        value: Known::Stated(ranges.clone()),
        evidence: vec![Evidence {
            value: Some(ranges),
            place,
        }],
    }
}

fn or_unknown(fact: Fact<Vec<Range>>, reason: UnknownReason) -> Fact<Vec<Range>> {
    Fact {
        value: match fact.value {
            Known::Absent => Known::Unknown(reason),
            known => known,
        },
        evidence: fact.evidence,
    }
}

/// Both families' ranges together; stated as soon as one of them is.
fn joined(a: Fact<Vec<Range>>, b: Fact<Vec<Range>>) -> Fact<Vec<Range>> {
    let ranges = a.get().into_iter().chain(b.get()).flatten().cloned().collect();
    let is_stated = matches!(a.value, Known::Stated(_)) || matches!(b.value, Known::Stated(_));
    Fact {
        value: if is_stated {
            Known::Stated(ranges)
        } else {
            Known::Default(ranges)
        },
        evidence: a.evidence.into_iter().chain(b.evidence).collect(),
    }
}
