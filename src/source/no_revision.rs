//! In the place of `revision.rs` where the program is built without the feature `since`: there is no earlier revision.

use std::convert::Infallible;
use std::path::Path;

use super::{RepoPath, SourceMap};

/// Why there is no earlier tree.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum RevisionError {
    /// The program has no reader of Git's objects.
    #[error(
        "this build of meshlint cannot read Git; build it with the feature `since`, which `cargo install` turns on unless told otherwise"
    )]
    NotInThisBuild,
}

/// An earlier state of a repository. There is none.
#[derive(Debug)]
pub struct Earlier {
    /// Its files.
    pub sources: SourceMap,
    /// The commit.
    pub commit: String,
    none: Infallible,
}

impl Earlier {
    /// Makes sure that every file that was asked for could be had.
    ///
    /// # Errors
    /// Never: there is no earlier state.
    pub fn confirm(&self) -> Result<(), RevisionError> {
        match self.none {}
    }
}

/// Refuses.
///
/// # Errors
/// Always.
pub fn at_merge_base(
    _root: &Path,
    _revision: &str,
    _now: &SourceMap,
    _unchanged: Option<&RepoPath>,
) -> Result<Earlier, RevisionError> {
    Err(RevisionError::NotInThisBuild)
}
