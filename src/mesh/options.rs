//! What a caller may state about the meshes instead of leaving it to be found out.

use super::settings::SettingsKeys;

/// How settings are recognised and who belongs together.
#[derive(Debug, Clone, Default)]
pub struct MeshOptions {
    /// The names by which settings are recognised.
    pub settings: SettingsKeys,
    /// Meshes whose members are stated. The other clusters are sorted by what the repository shows of them.
    pub meshes: Vec<StatedMesh>,
}

/// A mesh whose members are stated.
#[derive(Debug, Clone, Default)]
pub struct StatedMesh {
    /// The names of its clusters.
    pub clusters: Vec<String>,
    /// Peers that are clusters of no repository, or of another.
    pub external_peers: Vec<String>,
}
