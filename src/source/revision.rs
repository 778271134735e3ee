//! The files of a repository as they were at an earlier revision, read from Git's objects: the work tree is left alone.

use std::collections::{BTreeSet, HashSet};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use gix::object::tree::EntryKind;
use gix::{ObjectId, Repository};

use super::ignored::{self, Ignores};
use super::map::{Walked, WalkedKind};
use super::objects::{Blob, Objects, told};
use super::{RepoPath, SourceFile, SourceMap, border, disk};

/// Directories in each other. A file system has no room for the paths of more.
const MAX_DEPTH: usize = 500;

/// Why there is no earlier tree.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum RevisionError {
    /// No `.git` is in any directory upwards.
    #[error("`{0}` is in no Git repository, so it has no earlier revision")]
    NoRepository(PathBuf),
    /// Git's directory is not what it should be.
    #[error("cannot read the Git repository of `{0}`: {1}")]
    Unreadable(PathBuf, String),
    /// No commit has been made.
    #[error("HEAD has no commit yet, so nothing can be compared with `{0}`")]
    NoHead(String),
    /// Nothing has that name.
    #[error("this clone has no revision `{revision}`; {}", advice(*.is_shallow, "fetch it, as with `git fetch origin`"))]
    Unknown {
        /// What was asked for.
        revision: String,
        /// Whether the clone lacks history.
        is_shallow: bool,
    },
    /// The name is one of several commits.
    #[error("`{0}` names a range of commits; name one revision, that which the change began from")]
    Range(String),
    /// The name is that of a file or a directory.
    #[error("`{0}` is no commit")]
    NoCommit(String),
    /// The histories do not meet.
    #[error("`{revision}` and HEAD have no commit in common; {}", advice(*.is_shallow, "name a revision that HEAD comes from"))]
    NoMergeBase {
        /// What was asked for.
        revision: String,
        /// Whether the clone lacks history.
        is_shallow: bool,
    },
    /// A clone without all objects, or a broken one.
    #[error(
        "an object of the earlier revision is not in this clone ({0}); clone without --filter, or get what is missing with \
         `git fetch --refetch --no-filter`"
    )]
    Lacking(String),
    /// More entries than one run takes on.
    #[error("the earlier revision holds more than {0} files and directories")]
    TooManyEntries(usize),
}

fn advice(is_shallow: bool, otherwise: &str) -> String {
    if is_shallow {
        "the clone is shallow: get the history with `git fetch --unshallow`, or `fetch-depth: 0` for actions/checkout".to_owned()
    } else {
        otherwise.to_owned()
    }
}

/// An earlier state of a repository.
#[derive(Debug)]
pub struct Earlier {
    /// Its files. They are read when first asked for.
    pub sources: SourceMap,
    /// The commit.
    pub commit: String,
    objects: Arc<Objects>,
}

impl Earlier {
    /// Makes sure that every file that was asked for could be had.
    ///
    /// # Errors
    /// When the clone lacks one, so that what was found in the others may be wrong.
    pub fn confirm(&self) -> Result<(), RevisionError> {
        match self.objects.lacking() {
            Some(error) => Err(RevisionError::Lacking(error.to_owned())),
            None => Ok(()),
        }
    }
}

/// The files below `root` as they were where the history of HEAD left that of `revision`: at the best of their common
/// ancestors. `now` are the files of today. Of them, those are taken that Git knows nothing of, and the one at
/// `unchanged`: whatever they hold is no part of a change.
///
/// # Errors
/// When Git does not have that state.
pub fn at_merge_base(
    root: &Path,
    revision: &str,
    now: &SourceMap,
    unchanged: Option<&RepoPath>,
) -> Result<Earlier, RevisionError> {
    let work_tree = root
        .ancestors()
        .find(|directory| directory.join(".git").exists())
        .ok_or_else(|| RevisionError::NoRepository(root.to_owned()))?;
    let unreadable = |error: String| RevisionError::Unreadable(work_tree.to_owned(), error);
    border::can_be_read(work_tree).map_err(unreadable)?;
    border::guarded(|| read(root, work_tree, revision, now, unchanged)).map_err(unreadable)?
}

fn read(
    root: &Path,
    work_tree: &Path,
    revision: &str,
    now: &SourceMap,
    unchanged: Option<&RepoPath>,
) -> Result<Earlier, RevisionError> {
    let unreadable = |error: String| RevisionError::Unreadable(work_tree.to_owned(), error);
    let objects = Arc::new(Objects::open(work_tree).map_err(unreadable)?);
    let (head, base) = commits(&objects.local(), revision)?;
    let prefix = root.strip_prefix(work_tree).unwrap_or(Path::new(""));
    let before = Lister::list(&objects, base, root, prefix)?;
    let mut found = before.found;
    if !before.submodules.is_empty() || now.files().iter().any(SourceFile::is_left_out_of_git) {
        let today = Lister::list(&objects, head, root, prefix)?;
        let is_carried = |path: &RepoPath, file: &SourceFile| {
            let is_unknown = file.is_left_out_of_git() && !today.paths.contains(path);
            // A submodule at the same commit is the same, and its files are in another repository.
            let mut same = before.submodules.intersection(&today.submodules);
            (is_unknown || same.any(|(submodule, _)| path.starts_with(submodule)))
                && !before.paths.contains(path)
        };
        for (id, file) in now.iter() {
            // Files that lie outside cannot be looked up.
            let is_inside = now.file_at(file.path()) == Some(id);
            if let Some(on_disk) = file
                .on_disk()
                .filter(|_| is_inside && is_carried(file.path(), file))
            {
                found.push(Walked {
                    path: file.path().clone(),
                    ignored: file.is_left_out_of_git(),
                    what: WalkedKind::Disk(on_disk.to_owned()),
                });
            }
        }
    }
    if let Some((path, file)) = unchanged.and_then(|path| Some((path, now.file_at(path)?))) {
        found.retain(|one| one.path != *path);
        found.push(Walked {
            path: path.clone(),
            ignored: now.file(file).is_left_out_of_git(),
            what: WalkedKind::Memory(now.file(file).bytes().unwrap_or_default().to_owned()),
        });
    }
    Ok(Earlier {
        sources: SourceMap::build(found).with_borders(now.repositories().to_vec()),
        commit: base.to_string(),
        objects,
    })
}

/// HEAD, and the best of the ancestors that it has in common with a revision.
fn commits(repository: &Repository, revision: &str) -> Result<(ObjectId, ObjectId), RevisionError> {
    let is_shallow = repository.is_shallow().unwrap_or_default();
    let head = repository
        .head_commit()
        .map_err(|_| RevisionError::NoHead(revision.to_owned()))?
        .id;
    let unknown = || RevisionError::Unknown {
        revision: revision.to_owned(),
        is_shallow,
    };
    let named = repository.rev_parse(revision).map_err(|_| unknown())?.detach();
    let gix::revision::plumbing::Spec::Include(named) = named else {
        return Err(RevisionError::Range(revision.to_owned()));
    };
    let named = repository.find_object(named).map_err(|_| unknown())?;
    let other = named
        .peel_to_commit()
        .map_err(|_| RevisionError::NoCommit(revision.to_owned()))?
        .id;
    // Where the history is cut off, commits are named that are not there.
    let base = repository.merge_base(head, other).ok().flatten();
    let base = base.ok_or_else(|| RevisionError::NoMergeBase {
        revision: revision.to_owned(),
        is_shallow,
    })?;
    Ok((head, base.detach()))
}

/// What a tree holds.
struct Listing {
    found: Vec<Walked>,
    /// Of files and links.
    paths: HashSet<RepoPath>,
    submodules: BTreeSet<(RepoPath, ObjectId)>,
}

/// Goes through a tree as the walk of a disk does.
struct Lister<'a> {
    objects: &'a Arc<Objects>,
    repository: Repository,
    root: &'a Path,
    ignores: Ignores,
    listing: Listing,
}

impl<'a> Lister<'a> {
    fn list(
        objects: &'a Arc<Objects>,
        commit: ObjectId,
        root: &'a Path,
        prefix: &Path,
    ) -> Result<Listing, RevisionError> {
        let repository = objects.local();
        let tree = below(&repository, commit, prefix).map_err(lacking)?;
        let mut lister = Self {
            objects,
            repository,
            root,
            ignores: Ignores::new(root, None),
            listing: Listing {
                found: Vec::new(),
                paths: HashSet::new(),
                submodules: BTreeSet::new(),
            },
        };
        if let Some(tree) = tree {
            lister.enter(&RepoPath::root(), tree, 0)?;
        }
        Ok(lister.listing)
    }

    fn enter(&mut self, directory: &RepoPath, tree: ObjectId, depth: usize) -> Result<(), RevisionError> {
        let entries = entries(&self.repository, tree).map_err(lacking)?;
        let is_ignore_file = |(name, kind, _): &&(String, EntryKind, ObjectId)| {
            name == ignored::FILE && matches!(kind, EntryKind::Blob | EntryKind::BlobExecutable)
        };
        let ignore_file = entries.iter().find(is_ignore_file);
        let patterns = ignore_file.and_then(|(_, _, id)| self.objects.read(*id).ok());
        self.ignores.enter(directory, patterns.as_deref());
        for (name, kind, id) in entries {
            let path = directory.child(&name);
            let is_dir = matches!(kind, EntryKind::Tree | EntryKind::Commit);
            let what = match kind {
                EntryKind::Tree => WalkedKind::Directory,
                EntryKind::Commit => {
                    self.listing.submodules.insert((path.clone(), id));
                    WalkedKind::Directory
                }
                EntryKind::Blob | EntryKind::BlobExecutable => WalkedKind::Git(Blob {
                    objects: Arc::clone(self.objects),
                    id,
                }),
                EntryKind::Link => WalkedKind::Link(self.target(directory, id)),
            };
            if !is_dir {
                self.listing.paths.insert(path.clone());
            }
            self.listing.found.push(Walked {
                ignored: self.ignores.covers(&path, is_dir),
                path: path.clone(),
                what,
            });
            if self.listing.found.len() > SourceMap::MAX_ENTRIES {
                return Err(RevisionError::TooManyEntries(SourceMap::MAX_ENTRIES));
            }
            if kind == EntryKind::Tree && depth < MAX_DEPTH {
                self.enter(&path, id, depth + 1)?;
            }
        }
        Ok(())
    }

    fn target(&self, directory: &RepoPath, link: ObjectId) -> String {
        let bytes = self.objects.read(link).unwrap_or_else(|_| b"/".to_vec());
        let text = String::from_utf8_lossy(&bytes);
        disk::relative_target(self.root, directory.components().count(), Path::new(&*text))
    }
}

fn lacking(error: gix::Error) -> RevisionError {
    RevisionError::Lacking(told(&error))
}

/// The tree of a commit, or the one at a path in it.
fn below(repository: &Repository, commit: ObjectId, prefix: &Path) -> Result<Option<ObjectId>, gix::Error> {
    let tree = repository.find_commit(commit)?.tree()?;
    if prefix.as_os_str().is_empty() {
        return Ok(Some(tree.id));
    }
    let entry = tree.lookup_entry_by_path(prefix)?;
    let entry = entry.filter(|entry| entry.mode().is_tree());
    Ok(entry.map(|entry| entry.object_id()))
}

/// What a tree names. Names that no walk of a disk meets are left out.
fn entries(
    repository: &Repository,
    tree: ObjectId,
) -> Result<Vec<(String, EntryKind, ObjectId)>, gix::Error> {
    let tree = repository.find_tree(tree)?;
    let mut entries = Vec::new();
    for entry in tree.iter() {
        let entry = entry?;
        let name = std::str::from_utf8(entry.filename()).unwrap_or_default();
        let is_a_name = !matches!(name, "" | "." | ".." | ".git") && !name.contains('/');
        if is_a_name {
            entries.push((name.to_owned(), entry.mode().kind(), entry.object_id()));
        }
    }
    Ok(entries)
}
