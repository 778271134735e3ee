//! From the path on the command line to the files of the repository around it.

use std::fs;
use std::path::{Path, PathBuf};

use super::{Failure, nothing};
use crate::config;
use crate::fleet::RootSigns;
use crate::flux::Discovery;
use crate::source::{self, Buffer, OpenError, RepoPath, SourceMap};
use crate::yaml::Store;

/// The files of a repository, and what the person calls it.
#[derive(Debug)]
pub(super) struct Repository {
    /// The path on the command line.
    pub(super) named: PathBuf,
    /// Its root.
    pub(super) root: PathBuf,
    /// Why that is not the path on the command line.
    pub(super) because: Option<Because>,
    /// Its files.
    pub(super) sources: SourceMap,
}

impl Repository {
    /// The addresses it was cloned from, where it says so.
    pub(super) fn remotes(&self) -> Vec<String> {
        source::remotes(&self.root)
    }

    /// Which root was taken, where it is not the directory that was named.
    pub(super) fn remark(&self) -> Option<String> {
        let because = self.because?.words();
        Some(format!(
            "meshlint: the root of the repository is `{}`, {because}; --root names another",
            self.root.display()
        ))
    }

    /// All that whoever wrote the repository wrote: the work tree around it, or itself.
    pub(super) fn checkout(&self) -> &Path {
        work_tree(&self.root).unwrap_or(&self.root)
    }

    /// Why there is nothing to do here.
    pub(super) fn nothing(&self) -> Failure {
        nothing::found(&self.named, &self.sources)
    }
}

/// Why another directory than the named one is the root.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Because {
    /// `--root` says so.
    Stated,
    /// The configuration lies there.
    Configuration,
    /// It is the work tree around the named one.
    WorkTree,
}

impl Because {
    fn words(self) -> &'static str {
        match self {
            Self::Stated => "as --root says",
            Self::Configuration => "where the configuration lies",
            Self::WorkTree => "the work tree around it",
        }
    }
}

/// Opens the repository that holds `path`. Its root is, whichever is first: the directory of `--root`; the directory from `path` upwards that
/// has a configuration; `path` itself where it was named and a fleet of its own lies in it (see [`is_of_its_own`]); the work tree around
/// it; `path`. Buffers take the place of their files.
pub(super) fn open(
    path: &Path,
    is_named: bool,
    stated: Option<&Path>,
    buffers: &[Buffer],
) -> Result<Repository, Failure> {
    let here = absolute(path)?;
    let (root, sources, because) = match stated {
        Some(stated) => {
            let root = absolute(stated)?;
            if is_named && !here.starts_with(&root) {
                return Err(Failure::Usage(format!(
                    "`{}` is not in the directory `{}` of --root",
                    path.display(),
                    stated.display()
                )));
            }
            let sources = walked(&root, buffers)?;
            (root, sources, Because::Stated)
        }
        None => files_around(&here, is_named, buffers)?,
    };
    Ok(Repository {
        named: path.to_owned(),
        because: (root != here).then_some(because),
        root,
        sources,
    })
}

/// The files that a build of `directory` may read, and the directory among them: the work tree around it, else the
/// current directory when it lies around it, else the directory alone.
pub(super) fn open_for_build(directory: &Path) -> Result<(SourceMap, RepoPath), Failure> {
    let here = absolute(directory)?;
    let current = std::env::current_dir().and_then(fs::canonicalize).ok();
    // A program started in the root of the file system would read all of it.
    let current = current
        .as_deref()
        .filter(|current| current.parent().is_some() && here.starts_with(current));
    let root = work_tree(&here).or(current).unwrap_or(&here);
    let inside = here
        .strip_prefix(root)
        .ok()
        .and_then(Path::to_str)
        .unwrap_or_default();
    let sources = SourceMap::open(root).map_err(refused)?;
    Ok((sources, RepoPath::clamp(inside)))
}

fn files_around(
    here: &Path,
    is_named: bool,
    buffers: &[Buffer],
) -> Result<(PathBuf, SourceMap, Because), Failure> {
    let work_tree = work_tree(here);
    if let Some(root) = configured_root(here, work_tree) {
        return Ok((root.to_owned(), walked(root, buffers)?, Because::Configuration));
    }
    if let Some(around) = work_tree.filter(|root| *root != here) {
        let inner = walked(here, buffers)?;
        if is_of_its_own(&inner, is_named, around) {
            return Ok((here.to_owned(), inner, Because::WorkTree));
        }
    }
    let root = work_tree.unwrap_or(here);
    Ok((root.to_owned(), walked(root, buffers)?, Because::WorkTree))
}

fn walked(root: &Path, buffers: &[Buffer]) -> Result<SourceMap, Failure> {
    refuse_everything(root)?;
    SourceMap::open_with(root, buffers).map_err(refused)
}

/// Whether a fleet of its own lies in a directory of a work tree, as examples and the data of tests do: the paths of its Flux objects
/// start there. A directory that was named needs less: a fleet without Flux, or one whose paths lead nowhere from the work tree either.
fn is_of_its_own(inner: &SourceMap, is_named: bool, around: &Path) -> bool {
    let (store, options) = (Store::new(inner), Discovery::default());
    let found = RootSigns::of(inner, &store, &options);
    found.starts_here
        || is_named && found.has_fleet && !found.paths.iter().any(|path| around.join(path.as_str()).is_dir())
}

/// The root of the file system and a home directory hold no fleet, but everything else.
fn refuse_everything(root: &Path) -> Result<(), Failure> {
    let home = std::env::var_os("HOME").map(PathBuf::from);
    let is_home = home.and_then(|home| fs::canonicalize(home).ok()).as_deref() == Some(root);
    if root.parent().is_some() && !is_home || root.join(config::FILE).is_file() {
        return Ok(());
    }
    Err(Failure::Nothing(format!(
        "`{}` is not taken for a repository, as it is the root of the file system or the home directory; name the \
         repository's own directory",
        root.display()
    )))
}

/// The nearest directory with a configuration, as far up as the work tree reaches.
fn configured_root<'p>(here: &'p Path, work_tree: Option<&Path>) -> Option<&'p Path> {
    let border = work_tree.unwrap_or(here);
    here.ancestors()
        .take_while(|directory| directory.starts_with(border))
        .find(|directory| directory.join(config::FILE).is_file())
}

/// The nearest directory from `path` upwards that Git calls a work tree; a linked one has a file `.git`.
pub(super) fn work_tree(path: &Path) -> Option<&Path> {
    path.ancestors().find(|directory| directory.join(".git").exists())
}

fn absolute(path: &Path) -> Result<PathBuf, Failure> {
    match fs::canonicalize(path) {
        Ok(absolute) if absolute.is_dir() => Ok(absolute),
        Ok(_) => Err(Failure::Usage(format!(
            "`{}` is a file; looked for the directory of a repository",
            path.display()
        ))),
        Err(error) => Err(missing(path, error)),
    }
}

/// Why a path on the command line leads nowhere.
pub(super) fn missing(path: &Path, source: std::io::Error) -> Failure {
    if source.kind() == std::io::ErrorKind::NotFound {
        return Failure::Usage(format!(
            "`{}` does not exist; looked for the directory of a repository",
            path.display()
        ));
    }
    Failure::Io {
        what: format!("cannot read `{}`", path.display()),
        source,
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
