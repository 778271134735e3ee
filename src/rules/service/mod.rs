//! Global services, their annotations, and what reaches the API server instead of them.

pub(super) mod annotation_not_a_string;
