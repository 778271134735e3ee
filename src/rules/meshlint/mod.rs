//! meshlint's own comments.

pub(super) mod malformed_ignore;
pub(super) mod unused_ignore;
