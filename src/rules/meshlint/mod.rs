//! meshlint's own comments and bounds.

pub(super) mod limit_reached;
pub(super) mod malformed_ignore;
pub(super) mod unused_ignore;
