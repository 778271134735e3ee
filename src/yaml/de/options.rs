//! How strictly a model is read.

/// How strictly a model is read.
#[derive(Debug, Clone, Copy, Default)]
pub struct ReadOptions {
    /// Match the fields of structs whatever the case of their letters, as Go's JSON decoder does. A key in the exact case
    /// wins over others.
    pub any_case: bool,
}
