//! Identity and addresses of the clusters of a mesh.

pub(super) mod cidr_kind_overlap;
pub(super) mod cluster_id_out_of_range;
mod compare;
pub(super) mod duplicate_cluster_id;
pub(super) mod duplicate_cluster_name;
pub(super) mod incomplete_mesh;
pub(super) mod malformed_cidr;
pub(super) mod malformed_cluster_name;
pub(super) mod malformed_peer;
pub(super) mod mesh_switched_off;
pub(super) mod missing_cluster_id;
pub(super) mod native_routing_cidr_gap;
pub(super) mod one_way_peering;
pub(super) mod peer_address_mismatch;
pub(super) mod peer_name_not_in_certificate;
pub(super) mod peer_port_mismatch;
pub(super) mod peer_without_apiserver;
mod peering;
mod places;
pub(super) mod pod_cidr_overlap;
pub(super) mod service_cidr_overlap;
pub(super) mod unknown_peer;
