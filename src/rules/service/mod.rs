//! Global services and the annotations that make them.

pub(super) mod annotation_not_a_string;
pub(super) mod annotation_without_global;
mod annotations;
pub(super) mod global_service_not_mirrored;
pub(super) mod illegal_annotation_value;
pub(super) mod unknown_cilium_annotation;
