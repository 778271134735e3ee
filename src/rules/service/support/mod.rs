//! What rules about global services share.

pub(super) mod annotations;
