//! From rendered clusters to the mesh.

use super::bgp;
use super::control_plane::{ApiServer, Encryption, Tls};
use super::datapath::Datapath;
use super::fact::{Fact, Known};
use super::facts::{self, Witnesses};
use super::groups::groups;
use super::machine::Machines;
use super::model::{Member, Mesh};
use super::options::MeshOptions;
use super::ranges::Ranges;
use super::settings::{Settings, SettingsKeys};
use super::sharing::Sharing;
use super::values::CiliumValues;
use super::{carriers, peers, pools, read, secrets, service, signs};
use crate::fleet::{Cluster, Fleet};
use crate::source::SourceMap;
use crate::unknown::UnknownReason;
use crate::yaml::Node;
use rayon::prelude::*;

/// Reads what every cluster of the fleet says of itself, and finds out who belongs together.
pub fn build<'a>(fleet: &'a Fleet, sources: &SourceMap) -> Mesh<'a> {
    build_with(fleet, &MeshOptions::default(), &Machines::default(), sources)
}

/// The same, with what the caller states, and with what the configuration of machines says besides.
pub fn build_with<'a>(
    fleet: &'a Fleet,
    options: &MeshOptions,
    machines: &Machines,
    sources: &SourceMap,
) -> Mesh<'a> {
    let keys = &options.settings;
    let by_cluster = machines.by_cluster(fleet);
    let members: Vec<Member> = fleet
        .clusters
        .par_iter()
        .enumerate()
        .map(|(at, cluster)| {
            let own = by_cluster.get(at).map(Vec::as_slice).unwrap_or_default();
            member((at, cluster), keys, (machines, own), sources)
        })
        .collect();
    Mesh {
        fleet,
        groups: groups(&members, fleet, &options.meshes),
        members,
        settings: options.settings.clone(),
    }
}

fn member(
    (at, cluster): (usize, &Cluster),
    keys: &SettingsKeys,
    (machines, own): (&Machines, &[usize]),
    sources: &SourceMap,
) -> Member {
    let settings = Settings::of(cluster, keys);
    let made = Machines::made_for(cluster);
    let all_made = made.all();
    let mut installations = carriers::installations(cluster, sources).into_iter();
    let cilium = installations.next();
    let bootstrap: Vec<CiliumValues> = installations.map(|other| other.values).collect();
    let version = cilium.as_ref().map_or_else(
        || Fact::unknown(UnknownReason::Chart),
        |cilium| cilium.version.clone(),
    );
    let witnesses = Witnesses {
        applied: cilium.as_ref().map(|cilium| &cilium.values),
        bootstrap: &bootstrap,
        version: version.get(),
    };
    let none = std::iter::empty;
    let flag = |path: &[&str]| witnesses.fact(path, read::boolean, std::iter::empty());
    let ipam_mode = witnesses.fact(&["ipam", "mode"], facts::text, none());
    let mut ranges = Ranges {
        witnesses: &witnesses,
        cluster,
        malformed: Vec::new(),
    };
    // Kubernetes hands out what the machines are told, and their own default where they are told nothing.
    let by_kubernetes = ipam_mode.get().is_some_and(|mode| mode == "kubernetes");
    let default_pods = machines.default_pods(own).filter(|_| by_kubernetes);
    let told = settings
        .under(&keys.pod_cidr)
        .chain(machines.pods(own))
        .chain(made.pods(&all_made));
    let mut told = told.peekable();
    let default_pods = default_pods.filter(|_| told.peek().is_none());
    let pod_cidrs = ranges.pods(&ipam_mode, told.chain(default_pods));
    let service_cidrs = ranges.settings(
        settings
            .under(&keys.service_cidr)
            .chain(machines.services(own))
            .chain(made.services(&all_made)),
    );
    let node_cidrs = ranges.settings(settings.under(&keys.node_cidr));
    let lb_ranges = ranges.load_balancers(settings.under(&keys.load_balancer_cidr));
    let native_cidr_v4 = ranges.native("ipv4NativeRoutingCIDR", true);
    let native_cidr_v6 = ranges.native("ipv6NativeRoutingCIDR", false);
    let malformed_cidrs = ranges.malformed;
    let mesh_secrets = secrets::mesh_secrets(cluster, sources);
    let mesh_config = flag(&["clustermesh", "config", "enabled"]);
    let listed = peers::peers(&witnesses);
    let are_listed = listed.0.get().is_some_and(|peers| !peers.is_empty());
    let tells =
        |secret: &secrets::MeshSecret| !secret.peers.is_empty() || secret.empty.is_some() && !are_listed;
    let by_secret = !mesh_config.is_true() && mesh_secrets.iter().any(tells);
    let (peers, peers_hidden) = if by_secret {
        secrets::peers(&mesh_secrets)
    } else {
        listed
    };
    let may_be_in_a_secret = || {
        let builds = cluster
            .kustomizations
            .iter()
            .filter_map(|owner| owner.build.as_ref());
        builds
            .into_iter()
            .any(|build| build.unread.may_hold(secrets::PEERS))
    };
    let peers_hidden = peers_hidden || !mesh_config.is_true() && may_be_in_a_secret();
    let global_services = service::global_services(cluster);
    let mesh_signs = signs::objects(cluster)
        .chain(settings.markers.iter().cloned())
        .chain(
            witnesses
                .applied
                .into_iter()
                .chain(&bootstrap)
                .filter_map(signs::values),
        )
        .chain(signs::services(&global_services))
        .collect();
    Member {
        cluster: at,
        name: cluster.name.clone(),
        id: witnesses.fact(
            &["cluster", "id"],
            read::integer,
            settings.under(&keys.cluster_id),
        ),
        cluster_name: witnesses.fact(
            &["cluster", "name"],
            facts::text,
            settings.under(&keys.cluster_name),
        ),
        max_connected: witnesses.fact(&["clustermesh", "maxConnectedClusters"], read::integer, none()),
        native_routing: native_routing(&witnesses),
        api_server: flag(&["clustermesh", "useAPIServer"]),
        mesh_config,
        peers_by_secret: by_secret,
        offer: ApiServer::of(&witnesses),
        tls: Tls::of(&witnesses),
        encryption: Encryption::of(&witnesses),
        datapath: Datapath::of(&witnesses),
        pools: pools::pools(cluster),
        pools_from_charts: pools::made_by_charts(cluster),
        requests: pools::requests(cluster),
        bgp: bgp::sessions(cluster),
        mesh_secrets,
        peers_hidden,
        peers,
        sharing: Sharing::of(&witnesses),
        ipam_mode,
        pod_cidrs,
        service_cidrs,
        node_cidrs,
        lb_ranges,
        native_cidr_v4,
        native_cidr_v6,
        malformed_cidrs,
        global_services,
        mesh_signs,
        version,
        cilium,
        bootstrap,
    }
}

/// Whether pods are routed natively: `routingMode`, before 1.15 also `tunnel: disabled`, and what the chart decides for
/// GKE and (since 1.19) ENI when nothing is set.
fn native_routing(witnesses: &Witnesses<'_>) -> Fact<bool> {
    let none = std::iter::empty;
    let mode = witnesses.fact(&["routingMode"], facts::text, none());
    let native = |node: &Node| node.as_text().map(|text| text == "native");
    let stated = matches!(&mode.value, Known::Stated(text) if !text.is_empty());
    if stated || matches!(mode.value, Known::Unknown(_) | Known::Malformed) {
        return witnesses.fact(&["routingMode"], native, none());
    }
    let old = |major, minor| {
        witnesses
            .version
            .map(|version| (version.major, version.minor) < (major, minor))
    };
    if old(1, 15) == Some(true) {
        let disabled = |node: &Node| node.as_text().map(|text| text == "disabled");
        let tunnel = witnesses.fact(&["tunnel"], disabled, none());
        if tunnel.stated().is_some() || tunnel.unknown_reason().is_some() {
            return tunnel;
        }
    }
    let cloud = if old(1, 19) == Some(false) { "eni" } else { "gke" };
    for provider in ["gke", cloud] {
        let enabled = witnesses.fact(&[provider, "enabled"], read::boolean, none());
        if enabled.is_true() || enabled.unknown_reason().is_some() {
            return enabled;
        }
    }
    Fact {
        value: witnesses.applied.map_or(Known::Absent, |_| Known::Default(false)),
        evidence: mode
            .evidence
            .into_iter()
            .map(|evidence| super::Evidence {
                value: Some(false),
                place: evidence.place,
            })
            .collect(),
    }
}
