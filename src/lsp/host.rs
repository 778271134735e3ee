//! What a session needs of the machine that it runs on.

use std::path::{Path, PathBuf};

use crate::source::{Buffer, SourceMap};

/// A repository as it lies on disk, with buffers in the place of their files.
#[derive(Debug)]
pub struct Opened {
    /// Its root.
    pub root: PathBuf,
    /// Its files.
    pub sources: SourceMap,
    /// The addresses it was cloned from.
    pub remotes: Vec<String>,
}

/// The machine.
pub trait Host: Send + Sync + 'static {
    /// An absolute path without symbolic links, of a file that need not be there.
    fn resolve(&self, path: &Path) -> Option<PathBuf>;

    /// The nearest directory to a path: itself, or around it.
    fn directory(&self, path: &Path) -> PathBuf;

    /// Opens the repository around a directory.
    ///
    /// # Errors
    /// With the reason why there is none.
    fn open(&self, directory: &Path, buffers: &[Buffer]) -> Result<Opened, String>;
}
