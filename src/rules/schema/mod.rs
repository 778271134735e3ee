//! What the API server refuses.

pub(super) mod duplicate_list_item;
pub(super) mod missing_field;
pub(super) mod refused_value;
mod support;
pub(super) mod unknown_field;
pub(super) mod wrong_field_type;
