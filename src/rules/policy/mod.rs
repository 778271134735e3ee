//! Network policies in a mesh: whom they mean in other clusters.

pub(super) mod policy_cidr_of_nodes;
pub(super) mod policy_cidr_of_pods;
pub(super) mod policy_default_mismatch;
pub(super) mod policy_needs_cluster_label;
pub(super) mod policy_needs_namespace;
pub(super) mod policy_refused;
pub(super) mod policy_shuts_out_peers;
pub(super) mod policy_unknown_cluster;
