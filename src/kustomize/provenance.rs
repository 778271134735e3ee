//! `buildMetadata`: where objects came from and what changed them (api `resource/origin.go`).

/// One entry of the origin or transformations annotation. Paths are relative to the directory being accumulated.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct BuildOrigin {
    /// The file of the object.
    pub(super) path: String,
    /// The file of the generator or transformer.
    pub(super) configured_in: String,
    /// The kind of generator or transformer.
    pub(super) configured_by: &'static str,
}
