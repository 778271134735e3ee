//! What rules about policies share.

pub(super) mod selectors;
