//! Standard input as the content of a file.

use std::io::{self, Read};
use std::path::{Path, PathBuf};

use super::Failure;
use super::repository::Repository;
use crate::source::{Buffer, FileId, RepoPath, SourceMap};

/// Reads standard input for the content of `path`.
pub(super) fn read(path: &Path) -> Result<Buffer, Failure> {
    let absolute = resolve(path)?;
    let mut content = Vec::new();
    // One byte more than a file may have, so that what is too long is told as that.
    io::stdin()
        .lock()
        .take(SourceMap::MAX_FILE_BYTES + 1)
        .read_to_end(&mut content)
        .map_err(|source| Failure::Io {
            what: "cannot read standard input".to_owned(),
            source,
        })?;
    Ok(Buffer {
        path: absolute,
        content,
    })
}

/// The nearest directory around the name of the file that is there. Where a link leads to is not asked: one that leads out of
/// its repository must not make another directory the repository.
pub(super) fn directory(named: &Path) -> PathBuf {
    let absolute = std::path::absolute(named).unwrap_or_else(|_| named.to_owned());
    nearest_directory(absolute.parent().unwrap_or(&absolute))
}

/// The path itself where a directory is there, else the nearest around it.
pub(super) fn nearest_directory(absolute: &Path) -> PathBuf {
    let found = absolute.ancestors().find(|directory| directory.is_dir());
    found.unwrap_or(Path::new("/")).to_owned()
}

/// The file in the repository, which it has to lie in.
pub(super) fn file_in(
    repository: &Repository,
    buffer: &Buffer,
    named: &Path,
) -> Result<Option<FileId>, Failure> {
    let Ok(inside) = buffer.path.strip_prefix(&repository.root) else {
        return Err(Failure::Usage(format!(
            "`{}` is not in the repository `{}`",
            named.display(),
            repository.root.display()
        )));
    };
    let path = inside
        .to_str()
        .map(|inside| RepoPath::clamp(&inside.replace('\\', "/")));
    Ok(path.and_then(|path| repository.sources.file_at(&path)))
}

/// An absolute path without symbolic links, of a file that need not be there.
pub(super) fn resolve(path: &Path) -> Result<PathBuf, Failure> {
    let failed = |source| Failure::Io {
        what: format!("cannot find `{}`", path.display()),
        source,
    };
    let absolute = std::path::absolute(path).map_err(failed)?;
    let mut missing = PathBuf::new();
    for above in absolute.ancestors() {
        let Ok(found) = above.canonicalize() else {
            let name = above.file_name().ok_or_else(|| {
                Failure::Usage(format!(
                    "`{}` goes up from a directory that is not there",
                    path.display()
                ))
            })?;
            missing = if missing.as_os_str().is_empty() {
                name.into()
            } else {
                Path::new(name).join(missing)
            };
            continue;
        };
        if missing.as_os_str().is_empty() {
            return if found.is_dir() {
                Err(Failure::Usage(format!("`{}` is a directory", path.display())))
            } else {
                Ok(found)
            };
        }
        if !found.is_dir() {
            return Err(Failure::Usage(format!(
                "`{}` goes through a file",
                path.display()
            )));
        }
        return Ok(found.join(missing));
    }
    Ok(absolute)
}
