//! Finding what an entry of a kustomization names: files and directories below the artifact's root, or an address.

use std::sync::atomic::{AtomicUsize, Ordering};

use super::model::{Problem, ProblemKind};
use super::remote;
use crate::source::{FileId, Lookup, RepoPath, Span};
use crate::yaml::{ParseError, ParseErrorKind, Parsed, Store};

/// What an entry names.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Target {
    /// A file.
    File(FileId),
    /// A directory, links resolved.
    Directory(RepoPath),
    /// Something outside of this repository.
    Remote,
}

/// Why an entry names nothing that may be read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct LoadError {
    pub(super) message: String,
    pub(super) label: &'static str,
}

/// Reads relative to one directory, never outside of the artifact's root.
#[derive(Debug, Clone)]
pub(super) struct Loader<'a> {
    pub(super) store: &'a Store<'a>,
    pub(super) root: &'a RepoPath,
    pub(super) directory: RepoPath,
    /// Bytes of files that became part of generated objects, in all builds.
    pub(super) generated: &'a AtomicUsize,
}

/// Generated data of all builds together. In real repositories it is some megabytes; the API server takes one of an object.
const MAX_GENERATED: usize = if cfg!(test) { 1 } else { 256 } * 1024 * 1024;

impl<'a> Loader<'a> {
    /// The same for another directory.
    pub(super) fn at(&self, directory: RepoPath) -> Self {
        Self {
            directory,
            ..self.clone()
        }
    }

    /// What the text names. A path that exists is taken before an address of the same text.
    pub(super) fn find(&self, text: &str) -> Result<Target, LoadError> {
        if text.is_empty() {
            return Err(LoadError {
                message: "the path is empty: new root cannot be empty".to_owned(),
                label: "names nothing",
            });
        }
        let is_remote = remote::is_remote(text);
        let Ok(path) = self.directory.join(text) else {
            if is_remote {
                return Ok(Target::Remote);
            }
            let message = if text.starts_with('/') {
                format!("`{text}` cannot be absolute")
            } else {
                format!("`{text}` leaves the repository")
            };
            return Err(LoadError {
                message,
                label: "leads out of the repository",
            });
        };
        let sources = self.store.sources();
        let (found, place) = match sources.lookup(&path) {
            Lookup::File(file) => (Target::File(file), sources.file(file).path().clone()),
            Lookup::Directory(directory) => (Target::Directory(directory.clone()), directory),
            Lookup::Missing if is_remote => return Ok(Target::Remote),
            Lookup::Missing => {
                return Err(LoadError {
                    message: format!("`{text}` does not exist: no such file or directory"),
                    label: "names nothing",
                });
            }
            Lookup::LeavesRepository => {
                return Err(LoadError {
                    message: format!("`{text}` is reached through a link that leaves the repository"),
                    label: "leads out of the repository",
                });
            }
        };
        if place.starts_with(self.root) {
            Ok(found)
        } else {
            Err(LoadError {
                message: format!(
                    "path `{text}` is not in or below `{}`, the root of the source",
                    self.root
                ),
                label: "leads out of the source",
            })
        }
    }

    /// The file that the text names.
    pub(super) fn file(&self, text: &str) -> Result<Target, LoadError> {
        match self.find(text)? {
            Target::Directory(_) => Err(LoadError {
                message: format!("`{text}` is a directory"),
                label: "a file is expected",
            }),
            found => Ok(found),
        }
    }

    /// A file's bytes.
    pub(super) fn bytes(&self, file: FileId) -> Result<&'a [u8], LoadError> {
        self.store
            .sources()
            .file(file)
            .bytes()
            .map_err(|error| LoadError {
                message: format!(
                    "`{}` cannot be read: {error}",
                    self.store.sources().file(file).path()
                ),
                label: "cannot be read",
            })
    }

    /// A file's bytes for a generator, within the bound on all generated data.
    pub(super) fn bytes_to_generate(&self, file: FileId) -> Result<&'a [u8], LoadError> {
        let bytes = self.bytes(file)?;
        let before = self.generated.fetch_add(bytes.len(), Ordering::Relaxed);
        if before.saturating_add(bytes.len()) > MAX_GENERATED {
            return Err(LoadError {
                message: format!("generated objects hold more than {MAX_GENERATED} bytes"),
                label: "adds too much",
            });
        }
        Ok(bytes)
    }

    /// A file's text, when it is text.
    pub(super) fn text(&self, file: FileId) -> &'a str {
        self.store.sources().file(file).text().unwrap_or_default()
    }

    /// A file's documents.
    pub(super) fn parsed(&self, file: FileId) -> &'a Parsed {
        self.store.parsed(file)
    }
}

/// The problem that a file does not parse, at its place in the file.
pub(super) fn unparsable(error: &ParseError, entry: Option<Span>) -> Problem {
    let problem = Problem::new(
        ProblemKind::Unparsable,
        error.span,
        format!("malformed YAML: {}", error.message),
        "does not parse",
    );
    let problem = match entry {
        Some(entry) => problem.related(entry, "read here"),
        None => problem,
    };
    let problem = match error.related {
        Some((span, text)) => problem.related(span, text),
        None => problem,
    };
    match &error.help {
        Some(help) => problem.help(help.clone()),
        None => problem,
    }
}

/// The errors that kustomize's own reading of kustomization.yaml and configurations would meet: it does not look for
/// keys that stand twice (kustomize#5061).
pub(super) fn errors_of_settings(parsed: &Parsed) -> impl Iterator<Item = &ParseError> {
    parsed
        .errors
        .iter()
        .filter(|error| error.kind != ParseErrorKind::DuplicateKey)
}
