//! What is known of each cluster as a member of a mesh.

use std::fmt;
use std::net::IpAddr;
use std::sync::Arc;

use ipnet::IpNet;
use semver::Version;

use super::bgp::BgpSession;
use super::control_plane::{ApiServer, Encryption, Tls};
use super::datapath::Datapath;
use super::pools::{AddressRequest, Pool};
use super::secrets::MeshSecret;
use super::settings::SettingsKeys;
use super::sharing::Sharing;
use super::values::CiliumValues;
use crate::finding::ObjectRef;
use crate::fleet::Fleet;
use crate::helm::Lookup;
use crate::kustomize::Object;
use crate::source::Span;
use crate::unknown::UnknownReason;
use crate::yaml::Node;

/// What is known of a value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Known<T> {
    /// The repository states it.
    Stated(T),
    /// Nothing states it, and the chart's default for the cluster's version holds.
    Default(T),
    /// Nothing states it and there is no default.
    Absent,
    /// Something states it, but not as a value of this type (`id: abc`); the evidence has the text.
    Malformed,
    /// It cannot be known from the repository.
    Unknown(UnknownReason),
}

/// Who states a value.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Statement {
    /// Values of the Cilium HelmRelease.
    HelmRelease,
    /// A custom resource of Cilium, for example a CiliumLoadBalancerIPPool.
    Resource,
    /// A variable of the cluster settings, recognised by its name.
    Settings,
    /// The configuration of the machines that the cluster is made of: Talos, kubeadm, kind, k3s, Cluster API.
    Machine,
    /// Values that bootstrap the cluster before Flux runs, or all there is without Flux.
    Bootstrap,
}

/// A place in the repository that states something.
#[derive(Debug, Clone)]
pub struct Place {
    /// The node that states it: its origin has the span and the variables that went in.
    pub node: Node,
    /// Who states it.
    pub statement: Statement,
    /// The object that holds it; `None` for a plain values file.
    pub object: Option<ObjectRef>,
    /// The route inside the object, for example `spec.values.cluster.id`.
    pub route: String,
}

impl Place {
    /// A node of an object that states it itself, as custom resources and Secrets do.
    pub fn in_object(object: &Object, node: &Node, route: impl Into<String>) -> Self {
        Self {
            node: node.clone(),
            statement: Statement::Resource,
            object: Some(object.reference()),
            route: route.into(),
        }
    }

    /// The bytes to edit in order to change what is stated.
    pub fn edit_span(&self) -> Span {
        self.node.origin().edit_span()
    }

    /// Where the value takes effect, when that is not the place to edit: the scalar that holds the `${…}`.
    pub fn effect_span(&self) -> Option<Span> {
        let effect = self.node.span();
        (effect != self.edit_span()).then_some(effect)
    }

    /// The text of the stated scalar.
    pub fn text(&self) -> &str {
        self.node.as_text().unwrap_or_default()
    }
}

/// One place with the value read there.
#[derive(Debug, Clone)]
pub struct Evidence<T> {
    /// The value; `None` when it is malformed or unknown.
    pub value: Option<T>,
    /// Where it stands.
    pub place: Place,
}

/// A value with every place that states it. The evidence is ordered by authority: what Flux applies first.
#[derive(Debug, Clone)]
pub struct Fact<T> {
    /// What holds.
    pub value: Known<T>,
    /// All places that state it.
    pub evidence: Vec<Evidence<T>>,
}

impl<T> Default for Fact<T> {
    fn default() -> Self {
        Self {
            value: Known::Absent,
            evidence: Vec::new(),
        }
    }
}

impl<T> Fact<T> {
    /// A fact that nothing can be said about.
    pub fn unknown(reason: UnknownReason) -> Self {
        Self {
            value: Known::Unknown(reason),
            evidence: Vec::new(),
        }
    }

    /// The value, stated or by default.
    pub fn get(&self) -> Option<&T> {
        match &self.value {
            Known::Stated(value) | Known::Default(value) => Some(value),
            _ => None,
        }
    }

    /// The value, only where the repository states it.
    pub fn stated(&self) -> Option<&T> {
        match &self.value {
            Known::Stated(value) => Some(value),
            _ => None,
        }
    }

    /// The place with the most authority.
    pub fn best(&self) -> Option<&Evidence<T>> {
        self.evidence.first()
    }

    /// Why the value cannot be known.
    pub fn unknown_reason(&self) -> Option<UnknownReason> {
        match self.value {
            Known::Unknown(reason) => Some(reason),
            _ => None,
        }
    }
}

impl Fact<bool> {
    /// Whether the value is known and true.
    pub fn is_true(&self) -> bool {
        self.get() == Some(&true)
    }
}

/// Addresses that a cluster uses, with the place that says so.
#[derive(Debug, Clone)]
pub struct Range {
    /// The first address.
    pub first: IpAddr,
    /// The last address.
    pub last: IpAddr,
    /// The network, unless the range is written as two addresses.
    pub net: Option<IpNet>,
    /// Where it stands; for a default of the chart: the nearest place where another value could be written.
    pub place: Place,
    /// Whether the chart's default gave it.
    pub by_default: bool,
}

impl Range {
    /// Whether both have an address in common.
    pub fn overlaps(&self, other: &Range) -> bool {
        self.first.is_ipv4() == other.first.is_ipv4() && self.first <= other.last && other.first <= self.last
    }

    /// Whether both are exactly the same addresses.
    pub fn is_same_as(&self, other: &Range) -> bool {
        (self.first, self.last) == (other.first, other.last)
    }

    /// Whether every address of `other` is in this range.
    pub fn contains(&self, other: &Range) -> bool {
        self.first.is_ipv4() == other.first.is_ipv4() && self.first <= other.first && other.last <= self.last
    }
}

impl fmt::Display for Range {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.net {
            Some(net) => net.fmt(f),
            None if self.first == self.last => self.first.fmt(f),
            None => write!(f, "{}-{}", self.first, self.last),
        }
    }
}

/// A peer in `clustermesh.config.clusters`.
#[derive(Debug, Clone)]
pub struct Peer {
    /// Its name.
    pub name: String,
    /// Its `address`.
    pub address: Known<Node>,
    /// The list of its `ips`.
    pub ips: Known<Node>,
    /// Its `port`.
    pub port: Known<Node>,
    /// The item of the list, or the value under the name in the map form.
    pub entry: Node,
    /// Where the name stands.
    pub place: Place,
}

/// What is wrong with something that ought to be a CIDR.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CidrFault {
    /// It is no address with a prefix length at all.
    Unreadable,
    /// An address without `/n`.
    NoPrefixLength,
    /// `/n` beyond what the address family has.
    PrefixTooLong,
    /// Bits are set behind the prefix: the network it stands for is another one than it looks like.
    HostBits(IpNet),
    /// An IPv6 network where IPv4 belongs, or the other way round.
    WrongFamily,
    /// The last address of a block comes before its first.
    Backwards,
}

/// A CIDR-typed value that is malformed.
#[derive(Debug, Clone)]
pub struct MalformedCidr {
    /// The text as it reached the field.
    pub text: String,
    /// What is wrong.
    pub fault: CidrFault,
    /// Where.
    pub place: Place,
}

/// A Service that says it is global.
#[derive(Debug, Clone)]
pub struct GlobalService {
    /// Its namespace.
    pub namespace: String,
    /// Its name.
    pub name: String,
    /// The annotation that makes it global.
    pub annotation: Node,
    /// The object.
    pub object: Arc<Object>,
}

/// How two clusters stand to each other (the second law of the rule catalogue: only what is meshed).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Relation {
    /// No sign of a mesh between them.
    Unrelated,
    /// Both carry mesh configuration that is merely switched off.
    Intended,
    /// ClusterMesh is on in both, or one names the other as a peer.
    Meshed,
}

/// The Cilium of a cluster: its effective values and where they come from.
#[derive(Debug)]
pub struct Cilium {
    /// The HelmRelease; `None` when only a values file is known.
    pub release: Option<Arc<Object>>,
    /// Its values.
    pub values: CiliumValues,
}

impl Cilium {
    /// The namespace of what the chart makes; `None` where it cannot be known.
    pub fn namespace(&self) -> Option<&str> {
        let release = self.release.as_ref()?;
        // New in 1.17; charts before pass over it.
        match self.values.lookup(&["namespaceOverride"]) {
            Lookup::Unknown(_) => None,
            Lookup::Value(node) if node.as_text() != Some("") => node.as_text(),
            _ => release
                .node
                .text_at(&["spec", "targetNamespace"])
                .or(release.namespace()),
        }
    }
}

/// One cluster, as far as the mesh is concerned.
#[derive(Debug, Default)]
pub struct Member {
    /// Position in [`Fleet::clusters`].
    pub cluster: usize,
    /// The cluster's name in the repository (not `cluster.name`).
    pub name: String,
    /// Its Cilium, where the repository shows one.
    pub cilium: Option<Cilium>,
    /// Version of the Cilium chart.
    pub version: Fact<Version>,
    /// `cluster.id`
    pub id: Fact<i64>,
    /// `cluster.name`
    pub cluster_name: Fact<String>,
    /// `clustermesh.maxConnectedClusters`
    pub max_connected: Fact<i64>,
    /// `ipam.mode`
    pub ipam_mode: Fact<String>,
    /// Effective pod ranges, both families.
    pub pod_cidrs: Fact<Vec<Range>>,
    /// Service ranges.
    pub service_cidrs: Fact<Vec<Range>>,
    /// Node ranges, where something states them.
    pub node_cidrs: Fact<Vec<Range>>,
    /// Load balancer ranges: the blocks of CiliumLoadBalancerIPPools, else of the settings.
    pub lb_ranges: Fact<Vec<Range>>,
    /// `ipv4NativeRoutingCIDR`
    pub native_cidr_v4: Fact<IpNet>,
    /// `ipv6NativeRoutingCIDR`
    pub native_cidr_v6: Fact<IpNet>,
    /// `nativeRoutingCIDRFromClusterPool`, new in 1.20
    pub native_cidr_from_pool: Fact<bool>,
    /// `enableIPv4Masquerade`
    pub masquerade_v4: Fact<bool>,
    /// `enableIPv6Masquerade`
    pub masquerade_v6: Fact<bool>,
    /// `ipMasqAgent.enabled`: a list of its own decides what is masqueraded.
    pub masquerade_agent: Fact<bool>,
    /// Whether pod traffic between nodes is routed natively (else tunnelled).
    pub native_routing: Fact<bool>,
    /// `clustermesh.useAPIServer`
    pub api_server: Fact<bool>,
    /// `clustermesh.config.enabled`
    pub mesh_config: Fact<bool>,
    /// The peers in `clustermesh.config.clusters`.
    pub peers: Fact<Vec<Peer>>,
    /// Whether there are peers whose names cannot be known.
    pub peers_hidden: bool,
    /// How peers reach its API server.
    pub offer: ApiServer,
    /// The certificates of its API server.
    pub tls: Tls,
    /// How its traffic is encrypted.
    pub encryption: Encryption,
    /// How its nodes carry the traffic of pods.
    pub datapath: Datapath,
    /// Pools of load balancer addresses.
    pub pools: Vec<Pool>,
    /// Whether values of a chart ask for pools, which are not among `pools`.
    pub pools_from_charts: bool,
    /// Load balancer addresses that something asks for.
    pub requests: Vec<AddressRequest>,
    /// Sessions with routers.
    pub bgp: Vec<BgpSession>,
    /// Secrets from which Cilium reads peers.
    pub mesh_secrets: Vec<MeshSecret>,
    /// How Services and policies reach beyond the cluster.
    pub sharing: Sharing,
    /// Services that say they are global.
    pub global_services: Vec<GlobalService>,
    /// CIDR-typed values that cannot be read as such.
    pub malformed_cidrs: Vec<MalformedCidr>,
    /// Places that show that a mesh is meant although it is off: mesh Secrets, clustermesh settings, global services.
    pub mesh_signs: Vec<Place>,
}

impl Member {
    /// Whether the cluster runs Cilium, as far as the repository tells.
    pub fn has_cilium(&self) -> bool {
        self.cilium.is_some()
    }

    /// Whether ClusterMesh is switched on: an API server of its own, or peers that are configured.
    pub fn mesh_on(&self) -> bool {
        self.api_server.is_true()
            || (self.mesh_config.is_true() && self.peers.get().is_some_and(|peers| !peers.is_empty()))
    }

    /// Whether the chart is of that minor version or newer; `None` when its version is not known.
    pub fn version_at_least(&self, major: u64, minor: u64) -> Option<bool> {
        self.version
            .get()
            .map(|version| (version.major, version.minor) >= (major, minor))
    }

    /// Whether the cluster is called `name` in the mesh: by `cluster.name`, or by its name in the repository while
    /// `cluster.name` is not known.
    pub fn is_called(&self, name: &str) -> bool {
        match &self.cluster_name.value {
            Known::Stated(own) => own == name,
            Known::Unknown(_) | Known::Absent => self.name == name,
            Known::Default(_) | Known::Malformed => false,
        }
    }
}

/// Clusters that belong to one mesh, or are meant to.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Group {
    /// Positions in [`Mesh::members`], ascending.
    pub members: Vec<usize>,
    /// Which of `members` are connected now, not merely meant to be.
    pub connected: Vec<usize>,
    /// Peers that are named but are no cluster of the repository, and those that are stated to be in none.
    pub external: Vec<String>,
    /// Peers that are stated to be no cluster of the repository.
    pub stated_external: Vec<String>,
}

/// All clusters and who belongs together.
#[derive(Debug)]
pub struct Mesh<'a> {
    /// The rendered fleet.
    pub fleet: &'a Fleet,
    /// One per cluster, in the order of [`Fleet::clusters`].
    pub members: Vec<Member>,
    /// Who belongs together: at least two members, or one with peers outside of the repository. A cluster is in one
    /// group at most.
    pub groups: Vec<Group>,
    /// The names by which settings are recognised.
    pub settings: SettingsKeys,
}

impl Mesh<'_> {
    /// The members of a group, in order.
    pub fn members_of<'m>(&'m self, group: &'m Group) -> impl Iterator<Item = &'m Member> + Clone {
        group.members.iter().filter_map(|at| self.members.get(*at))
    }

    /// The group that the member at that position belongs to.
    pub fn group_of(&self, member: usize) -> Option<&Group> {
        self.groups
            .iter()
            .find(|group| group.members.binary_search(&member).is_ok())
    }

    /// How the members at two positions stand to each other.
    pub fn relation(&self, a: usize, b: usize) -> Relation {
        match self.group_of(a) {
            Some(group) if group.members.binary_search(&b).is_ok() => {
                let connected = |at: &usize| group.connected.contains(at);
                if connected(&a) && connected(&b) {
                    Relation::Meshed
                } else {
                    Relation::Intended
                }
            }
            _ => Relation::Unrelated,
        }
    }
}
