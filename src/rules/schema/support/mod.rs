//! What the rules about refused objects share.

pub(super) mod told;
