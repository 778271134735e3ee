//! What several rules about a change need.

pub(super) mod fields;
pub(super) mod members;
pub(super) mod ranges;
