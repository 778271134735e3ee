//! The one list of all rules: dispatch, `rules`, `explain`, the README table and the tests read it.

use super::Rule;
use super::{flux, kustomize, mesh, service, yaml};

/// Every rule, sorted by category, then name.
pub static RULES: &[&Rule] = &[
    &mesh::cidr_kind_overlap::RULE,
    &mesh::cluster_id_out_of_range::RULE,
    &mesh::duplicate_cluster_id::RULE,
    &mesh::duplicate_cluster_name::RULE,
    &mesh::incomplete_mesh::RULE,
    &mesh::malformed_cidr::RULE,
    &mesh::malformed_cluster_name::RULE,
    &mesh::malformed_peer::RULE,
    &mesh::mesh_switched_off::RULE,
    &mesh::missing_cluster_id::RULE,
    &mesh::native_routing_cidr_gap::RULE,
    &mesh::one_way_peering::RULE,
    &mesh::peer_address_mismatch::RULE,
    &mesh::peer_name_not_in_certificate::RULE,
    &mesh::peer_port_mismatch::RULE,
    &mesh::peer_without_apiserver::RULE,
    &mesh::pod_cidr_overlap::RULE,
    &mesh::service_cidr_overlap::RULE,
    &mesh::unknown_peer::RULE,
    &service::annotation_not_a_string::RULE,
    &service::annotation_without_global::RULE,
    &service::deprecated_annotation::RULE,
    &service::global_service_host_access::RULE,
    &service::global_service_not_mirrored::RULE,
    &service::global_service_port_mismatch::RULE,
    &service::global_service_without_backends::RULE,
    &service::headless_global_service::RULE,
    &service::illegal_annotation_value::RULE,
    &service::ingress_bypasses_global_service::RULE,
    &service::namespace_not_global::RULE,
    &service::unknown_cilium_annotation::RULE,
    &flux::dependency_cycle::RULE,
    &flux::deprecated_api_version::RULE,
    &flux::encrypted_secret_without_decryption::RULE,
    &flux::ignored_health_check::RULE,
    &flux::malformed_chart_reference::RULE,
    &flux::malformed_substitution::RULE,
    &flux::missing_dependency::RULE,
    &flux::missing_health_check_target::RULE,
    &flux::missing_namespace::RULE,
    &flux::missing_path::RULE,
    &flux::missing_source::RULE,
    &flux::missing_substitute_source::RULE,
    &flux::plaintext_secret::RULE,
    &flux::undefined_variable::RULE,
    &flux::unknown_flux_field::RULE,
    &kustomize::kustomize_build_failed::RULE,
    &yaml::unparsable_yaml::RULE,
];

/// The rule of that name.
pub fn find(name: &str) -> Option<&'static Rule> {
    RULES.iter().copied().find(|rule| rule.name == name)
}
