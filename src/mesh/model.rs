//! Facts about the clusters of a mesh.

use crate::finding::ObjectRef;
use crate::flux::{Fleet, UnknownReason};
use crate::yaml::Node;
use ipnet::IpNet;
use semver::Version;

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
    /// A key of a cluster settings ConfigMap, recognised by its name.
    Settings,
    /// Values that bootstrap the cluster before Flux runs, or all there is without Flux.
    Bootstrap,
}

/// One place that states a value.
#[derive(Debug, Clone)]
pub struct Evidence<T> {
    /// The value read there; `None` when it is malformed or unknown.
    pub value: Option<T>,
    /// The node that states it: its origin has the span and the variables that went in.
    pub node: Node,
    /// Who states it.
    pub statement: Statement,
    /// The object that holds it; `None` for a plain values file.
    pub object: Option<ObjectRef>,
    /// The route inside the object, for example `spec.values.cluster.id`.
    pub route: String,
}

/// A value with every place that states it. The evidence is ordered by authority: what Flux applies first.
#[derive(Debug, Clone)]
pub struct Fact<T> {
    /// What holds.
    pub value: Known<T>,
    /// All places that state it.
    pub evidence: Vec<Evidence<T>>,
}

impl<T> Fact<T> {
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
}

/// How two clusters stand to each other (RULES.md, the second law).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Relation {
    /// No sign of a mesh between them.
    Unrelated,
    /// Both carry mesh configuration that is merely switched off.
    Intended,
    /// ClusterMesh is on in both, or one names the other as a peer, or the configuration says so.
    Meshed,
}

/// One cluster, as far as the mesh is concerned.
#[derive(Debug)]
pub struct Member {
    /// Position in [`Fleet::clusters`].
    pub cluster: usize,
    /// The cluster's name in the repository (not `cluster.name`).
    pub name: String,
    /// Version of the Cilium chart.
    pub version: Fact<Version>,
    /// `cluster.id`
    pub id: Fact<i64>,
    /// `cluster.name`
    pub cluster_name: Fact<String>,
    /// `clustermesh.maxConnectedClusters`
    pub max_connected: Fact<i64>,
    /// Effective pod ranges, both families.
    pub pod_cidrs: Fact<Vec<IpNet>>,
    /// Service ranges.
    pub service_cidrs: Fact<Vec<IpNet>>,
    /// Node ranges, where something states them.
    pub node_cidrs: Fact<Vec<IpNet>>,
    /// Load balancer ranges: the blocks of CiliumLoadBalancerIPPools and of settings.
    pub lb_ranges: Fact<Vec<IpNet>>,
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
    /// Names of the peers in `clustermesh.config.clusters`.
    pub peers: Fact<Vec<String>>,
    /// Whether the cluster runs Cilium at all, as far as the repository tells.
    pub has_cilium: bool,
    /// Whether ClusterMesh is on: an API server or configured peers, and an id.
    pub mesh_on: bool,
    /// Places that show that a mesh is meant although it is off: mesh Secrets, clustermesh settings, global services.
    pub mesh_signs: Vec<Node>,
}

/// All clusters with their relations.
#[derive(Debug)]
pub struct Mesh<'a> {
    /// The rendered fleet.
    pub fleet: &'a Fleet,
    /// One per cluster, in the order of [`Fleet::clusters`].
    pub members: Vec<Member>,
    /// `relations[a][b]`, symmetric.
    pub relations: Vec<Vec<Relation>>,
}

impl Mesh<'_> {
    /// How the members at two positions stand to each other.
    pub fn relation(&self, a: usize, b: usize) -> Relation {
        self.relations
            .get(a)
            .and_then(|row| row.get(b))
            .copied()
            .unwrap_or(Relation::Unrelated)
    }

    /// Every pair of different members once, with their relation.
    pub fn pairs(&self) -> impl Iterator<Item = (&Member, &Member, Relation)> {
        self.members.iter().enumerate().flat_map(move |(a, left)| {
            self.members
                .iter()
                .enumerate()
                .skip(a + 1)
                .map(move |(b, right)| (left, right, self.relation(a, b)))
        })
    }
}
