//! Why a template gives nothing.

use crate::budget::Exhausted;

/// Why a template gives nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Stopped {
    /// It needs what only the cluster knows, or what is not understood here.
    Unsure,
    /// The operator fails at it as well.
    Fails,
    /// It takes more than a template may.
    Exhausted,
}

impl From<Exhausted> for Stopped {
    fn from(_: Exhausted) -> Self {
        Self::Exhausted
    }
}
