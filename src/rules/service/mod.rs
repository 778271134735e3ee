//! Global services and the annotations that make them.

pub(super) mod annotation_not_a_string;
pub(super) mod annotation_without_global;
pub(super) mod deprecated_annotation;
pub(super) mod global_service_host_access;
pub(super) mod global_service_not_mirrored;
pub(super) mod global_service_port_mismatch;
pub(super) mod global_service_without_backends;
pub(super) mod global_service_without_spare;
pub(super) mod headless_global_service;
pub(super) mod illegal_annotation_value;
pub(super) mod ingress_bypasses_global_service;
pub(super) mod mcs_export_conflict;
pub(super) mod misspelt_annotation;
pub(super) mod namespace_not_global;
mod support;
pub(super) mod unknown_cilium_annotation;
pub(super) mod unresolvable_service_name;
