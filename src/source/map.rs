//! The source map: every path once, every file read once.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::{Arc, OnceLock};

use super::columns::{BLOCK, BOM, Columns};
#[cfg(feature = "since")]
use super::objects::Blob;
use super::read::{self, ReadError};
use super::reads::{self, Contents};
use super::{Anchor, FileId, LineColumn, Patterns, RepoPath, Span};

/// One file of the repository. A clone shares what was read.
#[derive(Debug, Clone)]
pub struct SourceFile {
    path: RepoPath,
    /// By a `.gitignore`.
    ignored: bool,
    /// By the configuration, or because it is another repository's.
    pub(super) excluded: bool,
    origin: Origin,
    held: Arc<Held>,
}

/// What a file holds, once it was asked for.
#[derive(Debug, Default)]
struct Held {
    content: OnceLock<Result<Content, ReadError>>,
    line_starts: OnceLock<Box<[u32]>>,
    columns: OnceLock<Columns>,
}

impl Held {
    fn of(bytes: Vec<u8>) -> Self {
        let size = bytes.len() as u64;
        let content = if size > SourceMap::MAX_FILE_BYTES {
            Err(ReadError::TooLarge(size))
        } else {
            Ok(Content::of(bytes))
        };
        Self {
            content: OnceLock::from(content),
            ..Self::default()
        }
    }
}

#[derive(Debug)]
enum Content {
    Text(Box<str>),
    /// With the reason why it is no text.
    Bytes(Box<[u8]>, ReadError),
}

impl Content {
    fn of(bytes: Vec<u8>) -> Self {
        match String::from_utf8(bytes) {
            Ok(text) => Self::Text(text.into()),
            Err(error) => {
                let at = error.utf8_error().valid_up_to();
                Self::Bytes(error.into_bytes().into(), ReadError::NotUtf8(at))
            }
        }
    }
}

#[derive(Debug, Clone)]
enum Origin {
    Memory,
    Disk(Arc<Path>),
    #[cfg(feature = "since")]
    Git(Blob),
}

impl SourceFile {
    /// Where the file lies.
    pub fn path(&self) -> &RepoPath {
        &self.path
    }

    /// The file on this machine, unless it exists in memory only.
    pub fn on_disk(&self) -> Option<&Path> {
        match &self.origin {
            Origin::Disk(path) => Some(path),
            _ => None,
        }
    }

    /// Whether a `.gitignore` of the repository, or the configuration, leaves the file out: it can be named, but discovery
    /// passes over it.
    pub fn is_ignored(&self) -> bool {
        self.ignored || self.excluded
    }

    /// Whether a `.gitignore` leaves the file out, so that Git knows nothing of it unless it was added all the same.
    #[cfg(feature = "since")]
    pub(super) fn is_left_out_of_git(&self) -> bool {
        self.ignored
    }

    /// Notes that whatever is being worked on depends on what the file holds.
    pub(crate) fn note_read(&self) {
        reads::note(&self.held);
    }

    fn content(&self) -> Result<&Content, &ReadError> {
        self.note_read();
        self.loaded()
    }

    fn loaded(&self) -> Result<&Content, &ReadError> {
        let load = || match &self.origin {
            Origin::Memory => Ok(Content::Text(Box::default())),
            Origin::Disk(path) => read::read(path).map(Content::of),
            #[cfg(feature = "since")]
            Origin::Git(blob) => blob.read().map(Content::of),
        };
        self.held.content.get_or_init(load).as_ref()
    }

    /// The raw content.
    ///
    /// # Errors
    /// When the file is too large or cannot be read.
    pub fn bytes(&self) -> Result<&[u8], &ReadError> {
        self.content().map(|content| match content {
            Content::Text(text) => text.as_bytes(),
            Content::Bytes(bytes, _) => bytes,
        })
    }

    /// Looks once at the raw content, which stays in memory only where something else has asked for it. Of a file that cannot be read
    /// nothing is seen.
    pub fn look<T>(&self, look: impl FnOnce(&[u8]) -> T) -> T {
        self.note_read();
        match (self.held.content.get(), &self.origin) {
            (None, Origin::Disk(path)) => look(&read::read(path).unwrap_or_default()),
            #[cfg(feature = "since")]
            (None, Origin::Git(blob)) => look(&blob.read().unwrap_or_default()),
            _ => look(self.bytes().unwrap_or_default()),
        }
    }

    /// Whether both hold the same text.
    pub fn holds_the_same(&self, other: &SourceFile) -> bool {
        let both = || (self.loaded(), other.loaded());
        Arc::ptr_eq(&self.held, &other.held)
            || matches!(both(), (Ok(Content::Text(one)), Ok(Content::Text(two))) if one == two)
    }

    /// The content as text. A byte order mark is part of it.
    ///
    /// # Errors
    /// When the file cannot be read or is not UTF-8.
    pub fn text(&self) -> Result<&str, &ReadError> {
        match self.content()? {
            Content::Text(text) => Ok(text),
            Content::Bytes(_, error) => Err(error),
        }
    }

    /// Offsets at which lines begin; the first is 0.
    pub fn line_starts(&self) -> &[u32] {
        self.note_read();
        self.held.line_starts.get_or_init(|| {
            let bytes = self.bytes().unwrap_or_default();
            let breaks =
                memchr::memchr_iter(b'\n', bytes).map(|at| u32::try_from(at + 1).unwrap_or(u32::MAX));
            std::iter::once(0).chain(breaks).collect()
        })
    }

    /// Line and column of a byte offset; an offset behind the end counts as the end.
    pub fn line_column(&self, offset: u32) -> LineColumn {
        let starts = self.line_starts();
        let line = starts.partition_point(|&start| start <= offset).max(1);
        let line_start = starts[line - 1] as usize;
        let bytes = self.bytes().unwrap_or_default();
        let end = (offset as usize).min(bytes.len());
        let before = bytes.get(line_start..end).unwrap_or_default();
        let column = if before.len() > 2 * BLOCK && self.text().is_ok() {
            let columns = self.held.columns.get_or_init(|| Columns::of(bytes));
            columns.before(bytes, end) - columns.before(bytes, line_start)
        } else {
            String::from_utf8_lossy(before)
                .chars()
                .filter(|&c| c != BOM)
                .count()
        };
        LineColumn {
            line,
            column: column + 1,
        }
    }
}

/// What a path names.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Lookup {
    /// A file.
    File(FileId),
    /// A directory, at this path once symbolic links are followed.
    Directory(RepoPath),
    /// Nothing is there.
    Missing,
    /// A symbolic link on the way leads out of the repository or round in a circle.
    LeavesRepository,
}

#[derive(Debug, Clone)]
pub(super) enum Inode {
    File(FileId),
    Directory(BTreeMap<Box<str>, Inode>),
    /// Target as written in the link.
    Link(Box<str>),
}

impl Default for Inode {
    fn default() -> Self {
        Self::Directory(BTreeMap::new())
    }
}

/// A path found by a walk, before files are numbered.
pub(super) struct Walked {
    pub(super) path: RepoPath,
    pub(super) ignored: bool,
    pub(super) what: WalkedKind,
}

pub(super) enum WalkedKind {
    Disk(PathBuf),
    #[cfg(feature = "since")]
    Git(Blob),
    Memory(Vec<u8>),
    Link(String),
    Directory,
}

/// A part of the repository that could not be looked at.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unseen {
    /// Stands for it, without any content.
    pub file: FileId,
    /// Why.
    pub reason: String,
}

/// Every file of the repository. A clone shares what was walked and read.
#[derive(Debug, Clone, Default)]
pub struct SourceMap {
    pub(super) files: Vec<SourceFile>,
    root: Arc<Inode>,
    unseen: Vec<Unseen>,
    /// The roots of other repositories in it.
    pub(super) repositories: Vec<RepoPath>,
}

impl SourceMap {
    /// Files above this size are not read. The largest manifest seen in real repositories (a bundle of CRDs) has 6 MB.
    pub const MAX_FILE_BYTES: u64 = read::MAX_FILE_BYTES;
    /// Symbolic links followed for one path.
    const MAX_LINKS: usize = 40;

    /// A repository that exists in memory only.
    pub fn from_memory<P: AsRef<str>, B: Into<Vec<u8>>>(files: impl IntoIterator<Item = (P, B)>) -> Self {
        let found = files.into_iter().map(|(path, bytes)| Walked {
            path: RepoPath::clamp(path.as_ref()),
            ignored: false,
            what: WalkedKind::Memory(bytes.into()),
        });
        Self::build(found.collect())
    }

    pub(super) fn build(mut found: Vec<Walked>) -> Self {
        found.sort_by(|a, b| a.path.cmp(&b.path));
        let mut map = Self::default();
        let mut root = Inode::default();
        for Walked { path, ignored, what } in found {
            let entry = match what {
                WalkedKind::Directory => Inode::Directory(BTreeMap::new()),
                WalkedKind::Link(target) => Inode::Link(target.into()),
                WalkedKind::Disk(on_disk) => {
                    map.add_file(path.clone(), ignored, Origin::Disk(on_disk.into()), None)
                }
                #[cfg(feature = "since")]
                WalkedKind::Git(blob) => map.add_file(path.clone(), ignored, Origin::Git(blob), None),
                WalkedKind::Memory(bytes) => map.add_file(path.clone(), ignored, Origin::Memory, Some(bytes)),
            };
            insert(&mut root, &path, entry);
        }
        map.root = Arc::new(root);
        map
    }

    /// What all files hold, to be compared with what was read.
    pub fn contents(&self) -> Contents {
        Contents::of(self.files.iter().map(|file| &file.held))
    }

    /// Whether both have the same files, whatever these hold: a clone and what it was made from.
    pub fn has_the_files_of(&self, other: &SourceMap) -> bool {
        let are_alike = |(one, two): (&SourceFile, &SourceFile)| {
            one.path == two.path && one.ignored == two.ignored && one.excluded == two.excluded
        };
        Arc::ptr_eq(&self.root, &other.root)
            && self.unseen == other.unseen
            && self.files.len() == other.files.len()
            && self.files.iter().zip(&other.files).all(are_alike)
    }

    /// Gives a file another content, as an editor's buffer does; without one, that which is on disk is read anew.
    pub fn put(&mut self, file: FileId, content: Option<Vec<u8>>) {
        let Some(file) = self.files.get_mut(file.index()) else {
            return;
        };
        if content.is_none() || file.bytes().ok() != content.as_deref() {
            file.held = Arc::new(content.map_or_else(Held::default, Held::of));
        }
    }

    /// Leaves the files that the patterns cover out, as a `.gitignore` does.
    pub fn exclude(&mut self, patterns: &Patterns) {
        for file in &mut self.files {
            file.excluded |= patterns.cover(&file.path);
        }
    }

    /// Adds a file that lies outside of the repository, so that findings can point into it. Nothing in the repository
    /// reaches it. Gives the path that it has from now on, which is `name`.
    pub fn add_outside(&mut self, name: &str, on_disk: PathBuf) -> (RepoPath, FileId) {
        let path = RepoPath::outside(name);
        let id = FileId(u32::try_from(self.files.len()).unwrap_or(u32::MAX));
        self.add_file(path.clone(), true, Origin::Disk(on_disk.into()), None);
        (path, id)
    }

    /// Adds a part of the repository that nothing can be told of but its name.
    pub(super) fn add_unseen(&mut self, name: &str, reason: String) {
        let file = FileId(u32::try_from(self.files.len()).unwrap_or(u32::MAX));
        self.add_file(RepoPath::outside(name), true, Origin::Memory, None);
        self.unseen.push(Unseen { file, reason });
    }

    /// What could not be looked at.
    pub fn unseen(&self) -> &[Unseen] {
        &self.unseen
    }

    /// The bytes that an anchor names, where this map has the file.
    pub fn span_of(&self, anchor: &Anchor) -> Option<Span> {
        // Files from outside are in no directory.
        let outside = || {
            let at = self.files.iter().rposition(|file| file.path == anchor.path)?;
            Some(FileId(u32::try_from(at).unwrap_or(u32::MAX)))
        };
        let file = self.file_at(&anchor.path).or_else(outside)?;
        Some(Span::new(file, anchor.start, anchor.end))
    }

    fn add_file(&mut self, path: RepoPath, ignored: bool, origin: Origin, bytes: Option<Vec<u8>>) -> Inode {
        let id = FileId(u32::try_from(self.files.len()).unwrap_or(u32::MAX));
        self.files.push(SourceFile {
            path,
            ignored,
            excluded: false,
            origin,
            held: Arc::new(bytes.map_or_else(Held::default, Held::of)),
        });
        Inode::File(id)
    }

    /// All files in path order; the position is the [`FileId`].
    pub fn files(&self) -> &[SourceFile] {
        &self.files
    }

    /// All files with their numbers, in path order.
    pub fn iter(&self) -> impl Iterator<Item = (FileId, &SourceFile)> {
        self.files
            .iter()
            .enumerate()
            .map(|(at, file)| (FileId(u32::try_from(at).unwrap_or(u32::MAX)), file))
    }

    /// The file of that number.
    pub fn file(&self, id: FileId) -> &SourceFile {
        &self.files[id.index()]
    }

    /// The bytes under a span, as text; empty when the span does not lie in readable text.
    pub fn snippet(&self, span: Span) -> &str {
        self.file(span.file)
            .text()
            .ok()
            .and_then(|text| text.get(span.range()))
            .unwrap_or_default()
    }

    /// What a path names, symbolic links followed.
    pub fn lookup(&self, path: &RepoPath) -> Lookup {
        let mut links = 0;
        match self.walk_to(path, &mut links) {
            Ok(Some((at, Inode::Directory(_)))) => Lookup::Directory(at),
            Ok(Some((_, Inode::File(id)))) => Lookup::File(*id),
            Ok(_) => Lookup::Missing,
            Err(LinkLeaves) => Lookup::LeavesRepository,
        }
    }

    /// The file at a path, symbolic links followed.
    pub fn file_at(&self, path: &RepoPath) -> Option<FileId> {
        match self.lookup(path) {
            Lookup::File(id) => Some(id),
            _ => None,
        }
    }

    /// Whether the path names a directory, symbolic links followed.
    pub fn is_directory(&self, path: &RepoPath) -> bool {
        matches!(self.lookup(path), Lookup::Directory(_))
    }

    /// The names in a directory in byte order, each with what it names (links followed). Empty when there is no such directory.
    pub fn list(&self, directory: &RepoPath) -> Vec<(&str, Lookup)> {
        let mut links = 0;
        let Ok(Some((at, Inode::Directory(entries)))) = self.walk_to(directory, &mut links) else {
            return Vec::new();
        };
        entries
            .iter()
            .map(|(name, entry)| {
                let what = match entry {
                    Inode::File(id) => Lookup::File(*id),
                    Inode::Directory(_) => Lookup::Directory(at.child(name)),
                    Inode::Link(_) => self.lookup(&at.child(name)),
                };
                (&**name, what)
            })
            .collect()
    }

    /// Finds the entry at `path`; the returned path has its links resolved.
    fn walk_to(&self, path: &RepoPath, links: &mut usize) -> Result<Option<(RepoPath, &Inode)>, LinkLeaves> {
        let mut at = RepoPath::root();
        let mut entry = &*self.root;
        for name in path.components() {
            let Inode::Directory(children) = entry else {
                return Ok(None);
            };
            let Some(child) = children.get(name) else {
                return Ok(None);
            };
            (at, entry) = match child {
                Inode::Link(target) => {
                    *links += 1;
                    if *links > Self::MAX_LINKS {
                        return Err(LinkLeaves);
                    }
                    let target = at.join(target).map_err(|_| LinkLeaves)?;
                    match self.walk_to(&target, links)? {
                        Some(found) => found,
                        None => return Ok(None),
                    }
                }
                other => (at.child(name), other),
            };
        }
        Ok(Some((at, entry)))
    }
}

/// A link on the way leads out of the repository, or links form a circle.
struct LinkLeaves;

fn insert(root: &mut Inode, path: &RepoPath, entry: Inode) {
    let mut at = root;
    let mut components = path.components().peekable();
    while let Some(name) = components.next() {
        let Inode::Directory(children) = at else {
            return;
        };
        if components.peek().is_none() {
            match children.entry(name.into()) {
                std::collections::btree_map::Entry::Vacant(slot) => {
                    slot.insert(entry);
                }
                std::collections::btree_map::Entry::Occupied(_) => {}
            }
            return;
        }
        at = children
            .entry(name.into())
            .or_insert_with(|| Inode::Directory(BTreeMap::new()));
    }
}
