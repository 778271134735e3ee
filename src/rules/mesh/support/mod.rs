//! What rules about the mesh share.

pub(super) mod overlap;
