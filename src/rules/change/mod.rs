//! What a change does that no look at its result shows. These rules see both trees and run where there are two.

pub(super) mod cilium_minor_skipped;
pub(super) mod cluster_id_changed;
pub(super) mod cluster_name_changed;
pub(super) mod immutable_field_changed;
pub(super) mod pod_cidr_changed;
pub(super) mod prune_deletes_data;
pub(super) mod pruned_and_recreated;
pub(super) mod rbac_widened;
pub(super) mod service_cidr_changed;
mod support;
pub(super) mod suspended;
pub(super) mod volume_claim_shrinks;
