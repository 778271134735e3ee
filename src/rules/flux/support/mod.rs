//! What rules about delivery share.

pub(super) mod foreign;
pub(super) mod shape_faults;
