//! Git's object store, for reading only.
//!
//! Nothing but the repository's own directory is read, and what its `objects/info/alternates` and, in a linked work tree,
//! its `gitdir:` and `commondir` name: that is where Git keeps the objects. No other configuration is looked at than the
//! repository's, and of that only what is needed to find objects, because it is opened as one that is not trusted. No
//! program is run, no filter applied, nothing fetched.

use std::path::Path;
use std::sync::{Arc, OnceLock};

use gix::ObjectId;

use super::border;
use super::read::{MAX_FILE_BYTES, ReadError};

/// An error with its causes, outermost first.
pub(super) fn told(error: &gix::Error) -> String {
    let first: &dyn std::error::Error = error;
    let causes = std::iter::successors(Some(first), |error| error.source());
    let mut told: Vec<String> = causes.map(ToString::to_string).collect();
    told.dedup();
    told.join(": ")
}

/// The object store of a repository, shared by the files that lie in it.
pub(super) struct Objects {
    repository: gix::ThreadSafeRepository,
    /// The first object that could not be had.
    lacking: OnceLock<String>,
}

impl std::fmt::Debug for Objects {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Objects").finish_non_exhaustive()
    }
}

impl Objects {
    /// Opens the repository whose work tree is at `directory`.
    pub(super) fn open(directory: &Path) -> Result<Self, String> {
        let options = gix::open::Options::isolated()
            .with(gix::sec::Trust::Reduced)
            .open_path_as_is(true);
        let repository = options
            .open(directory.join(".git"))
            .map_err(|error| told(&error))?;
        Ok(Self {
            repository,
            lacking: OnceLock::new(),
        })
    }

    /// For use on this thread.
    pub(super) fn local(&self) -> gix::Repository {
        self.repository.to_thread_local()
    }

    /// What made an object unreadable, if any was.
    pub(super) fn lacking(&self) -> Option<&str> {
        self.lacking.get().map(String::as_str)
    }

    /// The bytes of an object.
    pub(super) fn read(&self, id: ObjectId) -> Result<Vec<u8>, ReadError> {
        let repository = self.local();
        let failed = |error: gix::Error| {
            let error = told(&error);
            let _ = self.lacking.set(error.clone());
            ReadError::Io(error)
        };
        let read = || {
            let size = repository.find_header(id).map_err(failed)?.size();
            if size > MAX_FILE_BYTES {
                return Err(ReadError::TooLarge(size));
            }
            Ok(repository.find_object(id).map_err(failed)?.detach().data)
        };
        border::guarded(read).unwrap_or_else(|error| {
            let _ = self.lacking.set(error.clone());
            Err(ReadError::Io(error))
        })
    }
}

/// A file in the object store.
#[derive(Debug, Clone)]
pub(super) struct Blob {
    pub(super) objects: Arc<Objects>,
    pub(super) id: ObjectId,
}

impl Blob {
    pub(super) fn read(&self) -> Result<Vec<u8>, ReadError> {
        self.objects.read(self.id)
    }
}
