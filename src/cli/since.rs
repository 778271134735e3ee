//! `--since`: what the tree that the change began from does not have.

use super::Failure;
use super::configured::ConfiguredRepository;
use crate::neutral::one_line;
use crate::source::{self, Earlier, RevisionError};

/// The repository as it was, under the configuration of today: what that asks for is no part of the change.
pub(super) fn open(revision: &str, configured: &ConfiguredRepository) -> Result<Earlier, Failure> {
    let repository = &configured.repository;
    let now = &repository.sources;
    let configuration = configured.file().map(|file| now.file(file));
    let unchanged = configuration.map(|file| file.path());
    let mut earlier = source::at_merge_base(&repository.root, revision, now, unchanged).map_err(refused)?;
    // Findings about a configuration from outside of the repository point into it.
    if let Some(file) = configuration.filter(|file| earlier.sources.file_at(file.path()).is_none())
        && let Some(on_disk) = file.on_disk()
    {
        earlier
            .sources
            .add_outside(file.path().as_str(), on_disk.to_owned());
    }
    configured.exclude_from(&mut earlier.sources);
    Ok(earlier)
}

/// Makes sure that all of the earlier tree could be read.
pub(super) fn confirm(earlier: &Earlier) -> Result<(), Failure> {
    earlier.confirm().map_err(refused)
}

fn refused(error: RevisionError) -> Failure {
    // It may quote Git's files.
    Failure::Usage(one_line(&format!("--since: {error}")))
}
