//! What rules about global services share.

pub(super) mod annotations;
pub(super) mod globals;
pub(super) mod names;
