//! From the path on the command line to the files of the repository around it.

use std::fs;
use std::path::{Path, PathBuf};

use super::Failure;
use crate::source::{OpenError, SourceMap};

/// Opens the repository that holds `path`.
pub(super) fn open(path: &Path) -> Result<SourceMap, Failure> {
    let here = absolute(path)?;
    SourceMap::open(root_of(&here)).map_err(refused)
}

/// The nearest directory from `path` upwards that Git calls a work tree (a linked one has a file `.git`), else `path`.
fn root_of(path: &Path) -> &Path {
    path.ancestors()
        .find(|directory| directory.join(".git").exists())
        .unwrap_or(path)
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
