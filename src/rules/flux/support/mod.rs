//! What rules about delivery share.

pub(super) mod cilium;
pub(super) mod foreign;
pub(super) mod shape_faults;
