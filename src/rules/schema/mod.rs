//! What the API server refuses.

pub(super) mod missing_field;
pub(super) mod unknown_field;
pub(super) mod wrong_field_type;
