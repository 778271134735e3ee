//! What rules about the mesh share.

pub(super) mod authority;
pub(super) mod compare;
pub(super) mod peering;
pub(super) mod places;
pub(super) mod secret_source;
