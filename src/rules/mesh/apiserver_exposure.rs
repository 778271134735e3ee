use std::collections::BTreeMap;

use crate::finding::{Finding, Severity};
use crate::fleet::Cluster;
use crate::helm::Lookup;
use crate::mesh::peering::Peering;
use crate::mesh::{Fact, Member, Mesh, Place, Range};
use crate::rules::gather::Gathered;
use crate::rules::places::Told;
use crate::rules::words;
use crate::rules::{Category, Context, Rule};
use crate::yaml::{Entry, Node};
use ipnet::IpNet;

/// The API server is exposed in a way in which its peers lose it.
pub(crate) static RULE: Rule = Rule {
    name: "apiserver-exposure",
    category: Category::Mesh,
    severity: Severity::Warning,
    pedantic: false,
    since: "0.1.0",
    page: include_str!("../../../rules/mesh/apiserver-exposure.md"),
    check,
};

const SERVICE: [&str; 3] = ["clustermesh", "apiserver", "service"];

/// What is wrong.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
enum Fault {
    NoAffinity(i64),
    IllegalWord(&'static str, String),
    IllegalType(String),
    LocalNodePort,
    /// The load balancer of AWS that refuses a Service whose clients are kept at one pod.
    RefusedAffinity,
    /// Peers whose nodes and pods are not among the sources that are let in.
    LeavesOut(Vec<String>),
}

impl Told for Fault {
    fn message(&self, _: &Place, clusters: &[String]) -> String {
        let of = words::clusters(clusters);
        match self {
            Self::NoAffinity(replicas) => format!(
                "the API server of {of} has {replicas} replicas, but peers are not kept at one of them"
            ),
            Self::IllegalWord(key, text) => {
                format!("`{key}: {text}` for the API server of {of} is none that the chart takes")
            }
            Self::IllegalType(text) => format!("`{text}` for the API server of {of} is no type of a Service"),
            Self::LocalNodePort => {
                format!("only nodes that run a pod of it answer for the API server of {of}")
            }
            Self::RefusedAffinity => format!(
                "the Service of the API server of {of} keeps clients at one replica, which its load balancer of AWS refuses"
            ),
            Self::LeavesOut(peers) => format!(
                "the API server of {of} lets in neither nodes nor pods of {}",
                words::clusters(peers)
            ),
        }
    }

    fn label(&self) -> String {
        let label = match self {
            Self::NoAffinity(_) => "each replica has an etcd of its own",
            Self::IllegalWord(..) => "not among the legal words",
            Self::IllegalType(_) => "`NodePort`, `LoadBalancer` or `ClusterIP`",
            Self::LocalNodePort => "other nodes drop the connection",
            Self::RefusedAffinity => "asks for `sessionAffinity: ClientIP`",
            Self::LeavesOut(_) => "who may connect",
        };
        label.to_owned()
    }

    fn help(&self) -> String {
        match self {
            Self::NoAffinity(_) => "set `enableSessionAffinity: HAOnly`, the default".to_owned(),
            Self::IllegalWord("enableSessionAffinity", _) => "write `HAOnly`, `Always` or `Never`".to_owned(),
            Self::IllegalWord(..) => "write `Cluster` or `Local`".to_owned(),
            Self::IllegalType(_) => "write one of the three types".to_owned(),
            Self::LocalNodePort => {
                "use `externalTrafficPolicy: Cluster`, or a Service of type LoadBalancer".to_owned()
            }
            Self::RefusedAffinity => {
                "use a network load balancer, `loadBalancerClass: service.k8s.aws/nlb`, or one replica"
                    .to_owned()
            }
            Self::LeavesOut(_) => {
                "add the nodes of the peers, and their pods where these are not masqueraded".to_owned()
            }
        }
    }
}

fn check(context: &Context<'_>, findings: &mut Vec<Finding>) {
    let mut gathered = Gathered::new();
    for (to, peers) in left_out(context.mesh) {
        if let Some(place) = to.place_of(&[&SERVICE[..], &["loadBalancerSourceRanges"]].concat()) {
            gathered.add(place.edit_span(), Fault::LeavesOut(peers), &to.name, place);
        }
    }
    for member in context
        .mesh
        .members
        .iter()
        .filter(|member| member.api_server.is_true())
    {
        let cluster = context.fleet.clusters.get(member.cluster);
        let refused = cluster.and_then(|cluster| refused_affinity(member, cluster));
        for (fault, place) in faults(member).into_iter().chain(refused) {
            gathered.add(place.edit_span(), fault, &member.name, place);
        }
    }
    gathered.report(findings);
}

/// Annotations that only the AWS Load Balancer Controller reads, which takes the Service then.
const OF_CONTROLLER: [&str; 4] = ["scheme", "nlb-target-type", "name", "ip-address-type"];

/// The cloud provider of AWS refuses `sessionAffinity` for classic load balancers and for those of type `nlb`
/// (kubernetes/cloud-provider-aws `pkg/providers/v1/aws.go`, `EnsureLoadBalancer`).
fn refused_affinity(member: &Member, cluster: &Cluster) -> Option<(Fault, Place)> {
    const PREFIX: &str = "service.beta.kubernetes.io/aws-load-balancer-";
    let offer = &member.offer;
    let values = &member.cilium.as_ref()?.values;
    let by_load_balancer = offer
        .service_type
        .get()
        .is_some_and(|kind| kind == "LoadBalancer");
    if !by_load_balancer || !member.version_at_least(1, 16)? || brings_controller(cluster) {
        return None;
    }
    let class = values.lookup(&[&SERVICE[..], &["loadBalancerClass"]].concat());
    let annotations = match values.lookup(&[&SERVICE[..], &["annotations"]].concat()) {
        Lookup::Value(node) if matches!(class, Lookup::Absent) => node.entries(),
        _ => return None,
    };
    let of_aws = |entry: &Entry| {
        Some((
            entry.key.as_text()?.strip_prefix(PREFIX)?.to_owned(),
            entry.value.clone(),
        ))
    };
    let of_aws: Vec<_> = annotations.iter().filter_map(of_aws).collect();
    let is_taken = |(name, value): &(String, Node)| {
        let by_type = name == "type" && !matches!(value.as_text(), Some("nlb" | "classic"));
        by_type || OF_CONTROLLER.contains(&name.as_str())
    };
    if of_aws.is_empty() || of_aws.iter().any(is_taken) {
        return None;
    }
    let by_replicas = offer.replicas.stated().is_some_and(|replicas| *replicas > 1);
    let path: &[&str] = match offer.session_affinity.get()?.as_str() {
        "Always" => &["clustermesh", "apiserver", "service", "enableSessionAffinity"],
        "HAOnly" if by_replicas => &["clustermesh", "apiserver", "replicas"],
        _ => return None,
    };
    Some((Fault::RefusedAffinity, member.place_of(path)?))
}

/// Whether the cluster runs the controller that takes Services of load balancers unasked.
fn brings_controller(cluster: &Cluster) -> bool {
    cluster
        .objects()
        .any(|(_, object)| object.name().contains("load-balancer-controller"))
}

/// Clusters with the peers that dial them in vain, where all that a peer may send from is known.
fn left_out<'m>(mesh: &'m Mesh<'_>) -> Vec<(&'m Member, Vec<String>)> {
    let mut found: BTreeMap<usize, (&Member, Vec<String>)> = BTreeMap::new();
    for link in Peering::of(mesh).links() {
        let offer = &link.to.offer;
        let is_filtered = link.to.api_server.is_true()
            && offer.service_type.get().is_some_and(|kind| kind == "LoadBalancer")
            // New in 1.17; charts before pass over it.
            && link.to.version_at_least(1, 17) == Some(true);
        let ranges = offer
            .source_ranges
            .stated()
            .filter(|ranges| is_filtered && !ranges.is_empty());
        let allowed: Option<Vec<IpNet>> =
            ranges.and_then(|ranges| ranges.iter().map(|range| range.parse().ok()).collect());
        let (Some(allowed), Some(nodes), Some(pods)) = (
            allowed,
            link.from.node_cidrs.stated(),
            link.from.pod_cidrs.stated(),
        ) else {
            continue;
        };
        let meets =
            |net: &IpNet, range: &Range| net.network() <= range.last && range.first <= net.broadcast();
        let is_let_in = |range: &Range| allowed.iter().any(|net| meets(net, range));
        if !nodes.is_empty() && !nodes.iter().chain(pods).any(is_let_in) {
            let (_, peers) = found
                .entry(link.to.cluster)
                .or_insert_with(|| (link.to, Vec::new()));
            peers.push(link.from.name.clone());
        }
    }
    found.into_values().collect()
}

fn faults(member: &Member) -> Vec<(Fault, Place)> {
    let offer = &member.offer;
    let place = |key: &str| member.place_of(&[&SERVICE[..], &[key]].concat());
    let mut faults = Vec::new();
    let mut add = |fault: Fault, key: &str| faults.extend(place(key).map(|place| (fault, place)));
    let words: [(&'static str, &Fact<String>, &[&str]); 3] = [
        (
            "enableSessionAffinity",
            &offer.session_affinity,
            &["HAOnly", "Always", "Never"],
        ),
        (
            "externalTrafficPolicy",
            &offer.external_traffic_policy,
            &["Cluster", "Local"],
        ),
        (
            "internalTrafficPolicy",
            &offer.internal_traffic_policy,
            &["Cluster", "Local"],
        ),
    ];
    for (key, fact, legal) in words {
        if let Some(text) = fact
            .stated()
            .filter(|text| !text.is_empty() && !legal.contains(&text.as_str()))
        {
            add(Fault::IllegalWord(key, text.clone()), key);
        }
    }
    if let Some(text) = offer
        .service_type
        .stated()
        .filter(|text| !matches!(text.as_str(), "NodePort" | "LoadBalancer" | "ClusterIP"))
    {
        add(Fault::IllegalType(text.clone()), "type");
    }
    let never = offer
        .session_affinity
        .stated()
        .is_some_and(|text| text == "Never")
        && member.version_at_least(1, 16) != Some(false);
    match offer.replicas.get() {
        Some(replicas) if *replicas > 1 && never => {
            add(Fault::NoAffinity(*replicas), "enableSessionAffinity")
        }
        _ => {}
    }
    let local = offer
        .external_traffic_policy
        .stated()
        .is_some_and(|text| text == "Local");
    if local && offer.service_type.get().is_some_and(|kind| kind == "NodePort") {
        add(Fault::LocalNodePort, "externalTrafficPolicy");
    }
    faults
}
