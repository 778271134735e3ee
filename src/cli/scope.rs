//! What of a repository the command line names: all of it, or some files and directories.

use std::fs;
use std::path::{Path, PathBuf};

use super::Failure;
use super::repository::{Repository, missing, work_tree};
use crate::source::{RepoPath, SourceMap};

/// Where the repository is looked for, and what is reported of it.
#[derive(Debug)]
pub(super) struct Scope {
    /// A directory of the repository.
    pub(super) start: PathBuf,
    /// Whether a person named just that directory.
    pub(super) is_named: bool,
    /// The files and directories whose findings are of interest, when not all are.
    only: Vec<PathBuf>,
}

impl Scope {
    /// The repository around a directory, whole.
    pub(super) fn around(path: &Path) -> Self {
        Self {
            start: path.to_owned(),
            is_named: path != Path::new("."),
            only: Vec::new(),
        }
    }

    /// The repository around a directory that nobody named.
    pub(super) fn somewhere_around(path: &Path) -> Self {
        Self {
            is_named: false,
            ..Self::around(path)
        }
    }

    /// One directory stands for its repository. A file, or several paths, are what findings have to be about.
    pub(super) fn of(paths: &[PathBuf]) -> Result<Self, Failure> {
        match paths {
            [] => return Ok(Self::around(Path::new("."))),
            [one] if !one.is_file() => return Ok(Self::around(one)),
            _ => {}
        }
        let absolute = |path: &PathBuf| fs::canonicalize(path).map_err(|error| missing(path, error));
        let only: Vec<PathBuf> = paths.iter().map(absolute).collect::<Result<_, _>>()?;
        of_one_repository(&only)?;
        let directories = only.iter().map(|path| match path.parent() {
            Some(parent) if path.is_file() => parent.to_owned(),
            _ => path.clone(),
        });
        Ok(Self {
            start: directories.reduce(|a, b| common(&a, &b)).unwrap_or_default(),
            is_named: false,
            only,
        })
    }

    /// Whether all of the repository is of interest.
    pub(super) fn is_whole(&self) -> bool {
        self.only.is_empty()
    }

    /// The paths within the repository; nothing where all of it is of interest.
    pub(super) fn within(&self, repository: &Repository) -> Result<Vec<RepoPath>, Failure> {
        let inside = |path: &PathBuf| {
            let inside = path.strip_prefix(&repository.root).ok().and_then(Path::to_str);
            inside
                .map(|inside| RepoPath::clamp(&inside.replace('\\', "/")))
                .ok_or_else(|| {
                    Failure::Usage(format!(
                        "`{}` is not in the repository `{}`",
                        path.display(),
                        repository.root.display()
                    ))
                })
        };
        self.only.iter().map(inside).collect()
    }
}

/// Whether the file is one of the paths, or lies in one.
pub(super) fn covers(paths: &[RepoPath], sources: &SourceMap, file: crate::source::FileId) -> bool {
    let file = Path::new(sources.file(file).path().as_str());
    paths.iter().any(|path| file.starts_with(path.as_str()))
}

/// What holds the paths of two repositories is none.
fn of_one_repository(paths: &[PathBuf]) -> Result<(), Failure> {
    let Some((first, others)) = paths.split_first() else {
        return Ok(());
    };
    let is_elsewhere = |path: &&PathBuf| work_tree(path) != work_tree(first);
    match others.iter().find(is_elsewhere) {
        Some(other) => Err(Failure::Usage(format!(
            "`{}` and `{}` are not in one repository; check each by itself",
            first.display(),
            other.display()
        ))),
        None => Ok(()),
    }
}

fn common(a: &Path, b: &Path) -> PathBuf {
    let parts = a.components().zip(b.components());
    parts.take_while(|(a, b)| a == b).map(|(a, _)| a).collect()
}
