//! From the path on the command line to the files of the repository around it.

use std::fs;
use std::path::{Path, PathBuf};

use super::Failure;
use crate::flux::{self, Discovery};
use crate::source::{OpenError, SourceMap};
use crate::yaml::Store;

/// Opens the repository that holds `path`: `path` itself when the paths of its Flux objects start there (a fleet that
/// lies in another repository), else the work tree around it, else `path`.
pub(super) fn open(path: &Path, discovery: &Discovery) -> Result<SourceMap, Failure> {
    let here = absolute(path)?;
    let work_tree = work_tree(&here);
    if work_tree.is_some_and(|root| root != here) {
        let inner = SourceMap::open(&here).map_err(refused)?;
        if flux::is_root_of_clusters(&inner, &Store::new(&inner), discovery) {
            return Ok(inner);
        }
    }
    SourceMap::open(work_tree.unwrap_or(&here)).map_err(refused)
}

/// The nearest directory from `path` upwards that Git calls a work tree; a linked one has a file `.git`.
fn work_tree(path: &Path) -> Option<&Path> {
    path.ancestors().find(|directory| directory.join(".git").exists())
}

fn absolute(path: &Path) -> Result<PathBuf, Failure> {
    match fs::canonicalize(path) {
        Ok(absolute) if absolute.is_dir() => Ok(absolute),
        Ok(_) => Err(Failure::Nothing(format!(
            "`{}` is a file; looked for the directory of a repository",
            path.display()
        ))),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Err(Failure::Nothing(format!(
            "`{}` does not exist; looked for the directory of a repository",
            path.display()
        ))),
        Err(source) => Err(Failure::Io {
            what: format!("cannot read `{}`", path.display()),
            source,
        }),
    }
}

fn refused(error: OpenError) -> Failure {
    match error {
        OpenError::Missing(_) | OpenError::NotADirectory(_) => Failure::Nothing(error.to_string()),
        OpenError::TooManyEntries { .. } => Failure::Usage(error.to_string()),
        OpenError::Io { path, source } => Failure::Io {
            what: format!("cannot read `{}`", path.display()),
            source,
        },
    }
}
