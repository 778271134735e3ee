//! The files of the repository: what exists, what is in it, and where in a file a byte lies.
//!
//! A [`SourceMap`] knows every path of the repository from one walk, reads each file at most once, and is the
//! only part of the program that touches the disk. It can equally be made from memory, which is how an editor's
//! unsaved buffer, a Git tree and a test get in. Symbolic links are resolved here, inside the repository only.

#[cfg(feature = "since")]
mod border;
mod borders;
mod columns;
mod disk;
mod git;
mod ignored;
mod map;
#[cfg(feature = "since")]
mod objects;
mod path;
mod patterns;
mod read;
mod reads;
#[cfg_attr(not(feature = "since"), path = "no_revision.rs")]
mod revision;
mod span;

pub use disk::{Buffer, OpenError};
pub use git::remotes;
pub use map::{Lookup, SourceFile, SourceMap, Unseen};
pub use path::{LeavesRepository, RepoPath};
pub(crate) use path::{is_manifest, is_yaml};
pub use patterns::{MalformedPattern, Patterns};
pub use read::ReadError;
pub use reads::{Contents, Noting, Reads};
pub use revision::{Earlier, RevisionError, at_merge_base};
pub use span::{Anchor, FileId, LineColumn, Span};
