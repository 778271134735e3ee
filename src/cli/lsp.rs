//! `meshlint lsp`.

use std::io::{self, BufReader};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::{Failure, Status, buffer, repository};
use crate::lsp::{self, Host, Opened};
use crate::source::Buffer;

/// Serves an editor over standard input and output.
pub(super) fn run() -> Status {
    let input = BufReader::new(io::stdin());
    if lsp::serve(Arc::new(Machine), input, io::stdout()) {
        Status::Clean
    } else {
        Status::Findings
    }
}

struct Machine;

impl Host for Machine {
    fn resolve(&self, path: &Path) -> Option<PathBuf> {
        buffer::resolve(path).ok()
    }

    fn directory(&self, path: &Path) -> PathBuf {
        buffer::nearest_directory(path)
    }

    fn open(&self, directory: &Path, buffers: &[Buffer]) -> Result<Opened, String> {
        let opened = repository::open(directory, false, None, buffers)
            .map_err(|failure: Failure| failure.to_string())?;
        Ok(Opened {
            remotes: opened.remotes(),
            root: opened.root,
            sources: opened.sources,
        })
    }
}
