//! What cannot be known from a repository, and why.

use std::fmt;

/// Why something cannot be known from the repository.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum UnknownReason {
    /// Encrypted with SOPS, or a SealedSecret.
    Encrypted,
    /// Made in the cluster: by an ExternalSecret, an operator, or by hand.
    External,
    /// In a remote base, another repository or an artifact.
    Remote,
    /// Inside a chart that is not in the repository.
    Chart,
    /// Made by a generator whose inputs are not in the repository.
    Generated,
    /// Its build failed.
    BrokenBuild,
    /// In a file that does not parse.
    Unparsable,
}

impl UnknownReason {
    /// The word used as key of `summary.unknown` in JSON.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Encrypted => "encrypted",
            Self::External => "external",
            Self::Remote => "remote",
            Self::Chart => "chart",
            Self::Generated => "generated",
            Self::BrokenBuild => "broken-build",
            Self::Unparsable => "unparsable",
        }
    }
}

impl fmt::Display for UnknownReason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}
