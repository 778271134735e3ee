//! What rules about global services share.

pub(super) mod annotations;
pub(super) mod globals;
pub(super) mod mcs_difference;
pub(super) mod names;
