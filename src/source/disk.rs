//! Reading a repository from disk: the walk, `.gitignore`, and the content of one file.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use walkdir::WalkDir;

use super::ignored::{self, Ignores};
use super::map::{Walked, WalkedKind};
use super::{RepoPath, SourceMap, read};

/// A file's content that is not on disk yet: an editor's buffer.
#[derive(Debug, Clone)]
pub struct Buffer {
    /// The file it belongs to, as an absolute path without symbolic links. Nothing needs to be there.
    pub path: PathBuf,
    /// What the file is to hold.
    pub content: Vec<u8>,
}

/// Why a directory cannot be opened as a repository.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// Nothing is at that path.
    #[error("`{0}` does not exist")]
    Missing(PathBuf),
    /// The path names a file.
    #[error("`{0}` is not a directory")]
    NotADirectory(PathBuf),
    /// The operating system refused.
    #[error("cannot read `{path}`: {source}")]
    Io {
        /// The path asked for.
        path: PathBuf,
        /// What the operating system said.
        source: std::io::Error,
    },
    /// More entries than one run takes on.
    #[error("`{path}` holds more than {max} files and directories")]
    TooManyEntries {
        /// The root of the walk.
        path: PathBuf,
        /// The bound.
        max: usize,
    },
}

impl SourceMap {
    /// Entries taken from one repository; the largest Flux monorepos known hold some 50,000.
    pub(super) const MAX_ENTRIES: usize = 2_000_000;

    /// Walks the directory `root` and everything below it except `.git`. File contents are read when first asked for. What lies in
    /// another repository (a submodule, a clone, a linked work tree) can be named, and counts as left out otherwise.
    ///
    /// # Errors
    /// When `root` is no readable directory, or holds more entries than the bound.
    pub fn open(root: &Path) -> Result<Self, OpenError> {
        Self::open_with(root, &[])
    }

    /// The same, with buffers in the place of their files.
    ///
    /// # Errors
    /// When `root` is no readable directory, or holds more entries than the bound.
    pub fn open_with(root: &Path, buffers: &[Buffer]) -> Result<Self, OpenError> {
        let io = |source| OpenError::Io {
            path: root.to_owned(),
            source,
        };
        let metadata = match fs::metadata(root) {
            Ok(metadata) => metadata,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
                return Err(OpenError::Missing(root.to_owned()));
            }
            Err(error) => return Err(io(error)),
        };
        if !metadata.is_dir() {
            return Err(OpenError::NotADirectory(root.to_owned()));
        }
        fs::read_dir(root).map_err(io)?;
        let mut ignores = Ignores::new(root, read_gitignore(root).as_deref());
        let mut found = Vec::new();
        let inside = buffers.iter().filter(|buffer| buffer.path.starts_with(root));
        let mut pending: BTreeMap<&Path, &Buffer> = inside.map(|buffer| (&*buffer.path, buffer)).collect();
        let walk = WalkDir::new(root).follow_links(false).min_depth(1);
        let walk = walk.into_iter().filter_entry(|entry| entry.file_name() != ".git");
        let mut unseen = Unseen::default();
        let mut repositories = Vec::new();
        for entry in walk {
            let entry = match entry {
                Ok(entry) => entry,
                Err(error) => {
                    unseen.failed(root, &error, &mut ignores);
                    continue;
                }
            };
            let Some(path) = repo_path(root, entry.path()) else {
                unseen.unnamed(root, &entry, &mut ignores);
                continue;
            };
            let is_dir = entry.file_type().is_dir();
            let ignored = ignores.covers(&path, is_dir);
            if is_dir && !ignored && entry.path().join(".git").exists() {
                repositories.push(path.clone());
            }
            let what = if entry.file_type().is_symlink() {
                WalkedKind::Link(link_target(root, entry.path()))
            } else if is_dir {
                ignores.enter(&path, read_gitignore(entry.path()).as_deref());
                WalkedKind::Directory
            } else if entry.file_type().is_file() {
                match pending.remove(entry.path()) {
                    Some(buffer) => WalkedKind::Memory(buffer.content.clone()),
                    None => WalkedKind::Disk(entry.into_path()),
                }
            } else {
                continue;
            };
            found.push(Walked { path, ignored, what });
            if found.len() > Self::MAX_ENTRIES {
                return Err(OpenError::TooManyEntries {
                    path: root.to_owned(),
                    max: Self::MAX_ENTRIES,
                });
            }
        }
        // Files that are not on disk yet, unless something else is in their place.
        for buffer in pending.into_values() {
            if let Some(path) = repo_path(root, &buffer.path) {
                found.push(Walked {
                    ignored: is_ignored(root, &path),
                    path,
                    what: WalkedKind::Memory(buffer.content.clone()),
                });
            }
        }
        let mut map = Self::build(found).with_borders(repositories);
        for (name, reason) in unseen.0 {
            map.add_unseen(&name, reason);
        }
        Ok(map)
    }
}

/// What the walk cannot look at, each with the reason. What Git does not know is nobody's loss.
#[derive(Default)]
struct Unseen(Vec<(String, String)>);

impl Unseen {
    /// An entry that cannot be listed.
    fn failed(&mut self, root: &Path, error: &walkdir::Error, ignores: &mut Ignores) {
        let path = error.path().unwrap_or(root);
        let name = lossy(root, path);
        // What is gone since its directory was read was never there.
        let is_gone = error
            .io_error()
            .is_some_and(|error| error.kind() == std::io::ErrorKind::NotFound);
        if !is_gone && !ignores.covers(&RepoPath::clamp(&name), true) {
            let why = error
                .io_error()
                .map_or_else(|| error.to_string(), ToString::to_string);
            self.0.push((name, why));
        }
    }

    /// A directory or manifest whose name is no text.
    fn unnamed(&mut self, root: &Path, entry: &walkdir::DirEntry, ignores: &mut Ignores) {
        let is_dir = entry.file_type().is_dir();
        let name = lossy(root, entry.path());
        // Below a directory that is told already there is nothing more to tell.
        let is_first = entry
            .path()
            .parent()
            .is_none_or(|parent| parent == root || repo_path(root, parent).is_some());
        if is_first
            && (is_dir || super::is_manifest(&name))
            && !ignores.covers(&RepoPath::clamp(&name), is_dir)
        {
            self.0.push((name, "its name is not UTF-8".to_owned()));
        }
    }
}

fn lossy(root: &Path, path: &Path) -> String {
    path.strip_prefix(root)
        .unwrap_or(path)
        .to_string_lossy()
        .into_owned()
}

/// Whether a `.gitignore` covers a file that the walk did not meet.
fn is_ignored(root: &Path, path: &RepoPath) -> bool {
    let mut ignores = Ignores::new(root, read_gitignore(root).as_deref());
    let mut at = RepoPath::root();
    let names: Vec<&str> = path.components().collect();
    names.iter().enumerate().any(|(nth, name)| {
        at = at.child(name);
        let is_dir = nth + 1 < names.len();
        let covered = ignores.covers(&at, is_dir);
        if is_dir {
            ignores.enter(&at, read_gitignore(&root.join(at.as_str())).as_deref());
        }
        covered
    })
}

fn read_gitignore(directory: &Path) -> Option<Vec<u8>> {
    let file = directory.join(ignored::FILE);
    if !fs::symlink_metadata(&file).is_ok_and(|m| m.is_file()) {
        return None;
    }
    read::read(&file).ok()
}

fn repo_path(root: &Path, on_disk: &Path) -> Option<RepoPath> {
    let relative = on_disk.strip_prefix(root).ok()?.to_str()?;
    #[cfg(windows)]
    let relative = &relative.replace('\\', "/");
    Some(RepoPath::clamp(relative))
}

/// The target of a link as text relative to the link's directory, or absolute when it points outside of `root`.
fn link_target(root: &Path, link: &Path) -> String {
    let Ok(target) = fs::read_link(link) else {
        return "/".to_owned();
    };
    let depth = link
        .strip_prefix(root)
        .map_or(0, |path| path.components().count().saturating_sub(1));
    relative_target(root, depth, &target)
}

/// The same for a link that lies in so many directories below `root`.
pub(super) fn relative_target(root: &Path, depth: usize, target: &Path) -> String {
    target.strip_prefix(root).ok().map_or_else(
        || target.to_string_lossy().into_owned(),
        |inside| format!("{}{}", "../".repeat(depth), inside.to_string_lossy()),
    )
}
