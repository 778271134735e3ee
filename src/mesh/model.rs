//! What is known of each cluster as a member of a mesh.

use ipnet::IpNet;
use semver::Version;

use super::bgp::BgpSession;
use super::carriers::Installation;
use super::control_plane::{ApiServer, Encryption, Tls};
use super::datapath::Datapath;
use super::fact::{Fact, Known, MalformedCidr, Place, Range};
use super::facts::Witnesses;
use super::peers::Peer;
use super::pools::{AddressRequest, Pool};
use super::read;
use super::secrets::MeshSecret;
use super::service::GlobalService;
use super::settings::SettingsKeys;
use super::sharing::Sharing;
use super::values::CiliumValues;
use crate::fleet::Fleet;
use crate::yaml::Node;

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

/// One cluster, as far as the mesh is concerned.
#[derive(Debug, Default)]
pub struct Member {
    /// Position in [`Fleet::clusters`].
    pub cluster: usize,
    /// The cluster's name in the repository (not `cluster.name`).
    pub name: String,
    /// Its Cilium, where the repository shows one.
    pub cilium: Option<Installation>,
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
    /// Whether pod traffic between nodes is routed natively (else tunnelled).
    pub native_routing: Fact<bool>,
    /// `clustermesh.useAPIServer`
    pub api_server: Fact<bool>,
    /// `clustermesh.config.enabled`
    pub mesh_config: Fact<bool>,
    /// The peers in `clustermesh.config.clusters`, or where these are off in Secrets made beside the chart.
    pub peers: Fact<Vec<Peer>>,
    /// Whether they are those of Secrets.
    pub peers_by_secret: bool,
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
    /// Values that bootstrap the cluster before what is in `cilium` applies.
    pub(super) bootstrap: Vec<CiliumValues>,
}

impl Member {
    /// What is known of one value of the chart.
    pub fn fact<T: Clone + PartialEq>(&self, path: &[&str], read: fn(&Node) -> Option<T>) -> Fact<T> {
        let witnesses = Witnesses {
            applied: self.cilium.as_ref().map(|cilium| &cilium.values),
            bootstrap: &self.bootstrap,
            version: self.version.get(),
        };
        witnesses.fact(path, read, std::iter::empty())
    }

    /// What is known of a switch of the chart.
    pub fn flag(&self, path: &[&str]) -> Fact<bool> {
        self.fact(path, read::boolean)
    }

    /// Where the effective values of the cluster state `path`, or could.
    pub fn place_of(&self, path: &[&str]) -> Option<Place> {
        let values = &self.cilium.as_ref()?.values;
        Some(match values.node(path) {
            Some(node) => values.place(node, path),
            None => values.nearest(path),
        })
    }

    /// Whether the cluster runs Cilium, as far as the repository tells.
    pub fn has_cilium(&self) -> bool {
        self.cilium.is_some()
    }

    /// Whether ClusterMesh is switched on: an API server of its own, or peers that are configured.
    pub fn mesh_on(&self) -> bool {
        self.api_server.is_true() || (self.dials() && self.peers.get().is_some_and(|peers| !peers.is_empty()))
    }

    /// Whether its peers take effect: without `clustermesh.config.enabled` the chart passes over them, but not over Secrets.
    pub fn dials(&self) -> bool {
        self.mesh_config.is_true() || self.peers_by_secret
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
