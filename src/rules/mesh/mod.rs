//! Identity and addresses of the clusters of a mesh.

pub(super) mod cidr_kind_overlap;
pub(super) mod cluster_id_out_of_range;
mod compare;
pub(super) mod duplicate_cluster_id;
pub(super) mod duplicate_cluster_name;
pub(super) mod malformed_cidr;
pub(super) mod malformed_cluster_name;
pub(super) mod missing_cluster_id;
pub(super) mod native_routing_cidr_gap;
pub(super) mod one_way_peering;
mod peering;
mod places;
pub(super) mod pod_cidr_overlap;
pub(super) mod service_cidr_overlap;
pub(super) mod unknown_peer;
