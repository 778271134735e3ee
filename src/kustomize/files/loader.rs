//! Finding what an entry of a kustomization names: files and directories below the artifact's root, or an address.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use super::left_out::{Exclusion, LeftOut};
use super::remote;
use crate::kustomize::model::{Problem, ProblemKind};
use crate::source::{FileId, Lookup, RepoPath, Span};
use crate::yaml::{ParseError, ParseErrorKind, Parsed, Store};

/// What an entry names.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Target {
    /// A file.
    File(FileId),
    /// A directory, links resolved.
    Directory(RepoPath),
    /// Something outside of this repository.
    Remote,
}

/// Why an entry names nothing that may be read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct LoadError {
    kind: ProblemKind,
    pub(crate) message: String,
    pub(crate) label: &'static str,
    /// Why the artifact does not hold what the repository does.
    pub(crate) exclusion: Option<Exclusion>,
}

impl LoadError {
    pub(crate) fn new(message: impl Into<String>, label: &'static str) -> Self {
        Self {
            kind: ProblemKind::Failure,
            message: message.into(),
            label,
            exclusion: None,
        }
    }

    fn names_nothing(message: impl Into<String>) -> Self {
        Self {
            kind: ProblemKind::NamesNothing,
            ..Self::new(message, "names nothing")
        }
    }

    pub(crate) fn left_out(message: impl Into<String>, exclusion: Exclusion) -> Self {
        Self {
            exclusion: Some(exclusion),
            ..Self::new(message, "not in the artifact")
        }
    }

    /// The problem at the entry that names it; `what` fails.
    pub(crate) fn problem(&self, entry: Span, what: &str) -> Problem {
        let separator = if what.is_empty() { "" } else { ": " };
        let message = format!("{what}{separator}{}", self.message);
        let problem = Problem::new(self.kind, entry, message, self.label);
        let Some(exclusion) = self.exclusion else {
            return problem;
        };
        let problem = problem.help(exclusion.help());
        match exclusion.place() {
            Some(place) => problem.related(place, "left out of the artifact here"),
            None => problem,
        }
    }
}

/// Reads relative to one directory, never outside of the artifact's root.
#[derive(Debug, Clone)]
pub(crate) struct Loader<'a> {
    pub(crate) store: &'a Store<'a>,
    pub(crate) root: &'a RepoPath,
    pub(crate) directory: RepoPath,
    /// What of the files the artifact does not hold.
    pub(crate) left_out: &'a Arc<LeftOut>,
    /// Bytes of files that became part of generated objects, in all builds.
    pub(crate) generated: &'a AtomicUsize,
}

/// Generated data of all builds together. In real repositories it is some megabytes; the API server takes one of an object.
pub(crate) const MAX_GENERATED: usize = if cfg!(test) { 1 } else { 256 } * 1024 * 1024;

impl<'a> Loader<'a> {
    /// The same for another directory.
    pub(crate) fn at(&self, directory: RepoPath) -> Self {
        Self {
            directory,
            ..self.clone()
        }
    }

    /// What the text names. A path that exists is taken before an address of the same text.
    pub(crate) fn find(&self, text: &str) -> Result<Target, LoadError> {
        if text.is_empty() {
            return Err(LoadError::names_nothing(
                "the path is empty: new root cannot be empty",
            ));
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
            return Err(LoadError::new(message, "leads out of the repository"));
        };
        let sources = self.store.sources();
        let (found, place) = match sources.lookup(&path) {
            Lookup::File(file) => (Target::File(file), sources.file(file).path().clone()),
            Lookup::Directory(directory) => (Target::Directory(directory.clone()), directory),
            Lookup::Missing if is_remote => return Ok(Target::Remote),
            Lookup::Missing => {
                let message = format!("`{text}` does not exist: no such file or directory");
                return Err(LoadError::names_nothing(message));
            }
            Lookup::LeavesRepository => {
                let message = format!("`{text}` is reached through a link that leaves the repository");
                return Err(LoadError::new(message, "leads out of the repository"));
            }
        };
        if !place.starts_with(self.root) {
            let message = format!(
                "path `{text}` is not in or below `{}`, the root of the source",
                self.root
            );
            return Err(LoadError::new(message, "leads out of the source"));
        }
        match self.exclusion(&found, &path) {
            Some(exclusion) => {
                let message = format!("the artifact does not hold `{text}`: no such file or directory");
                Err(LoadError::left_out(message, exclusion))
            }
            None => Ok(found),
        }
    }

    fn exclusion(&self, found: &Target, path: &RepoPath) -> Option<Exclusion> {
        let sources = self.store.sources();
        match found {
            Target::File(file) => self.left_out.file(sources, *file, path),
            Target::Directory(directory) => self.left_out.directory(sources, directory, path),
            Target::Remote => None,
        }
    }

    /// The file that the text names.
    pub(crate) fn file(&self, text: &str) -> Result<Target, LoadError> {
        match self.find(text)? {
            Target::Directory(_) => Err(LoadError::new(
                format!("`{text}` is a directory"),
                "a file is expected",
            )),
            found => Ok(found),
        }
    }

    /// A file's bytes.
    pub(crate) fn bytes(&self, file: FileId) -> Result<&'a [u8], LoadError> {
        self.store.sources().file(file).bytes().map_err(|error| {
            let path = self.store.sources().file(file).path();
            LoadError::new(format!("`{path}` cannot be read: {error}"), "cannot be read")
        })
    }

    /// A file's bytes for a generator, within the bound on all generated data.
    pub(crate) fn bytes_to_generate(&self, file: FileId) -> Result<&'a [u8], LoadError> {
        let bytes = self.bytes(file)?;
        let before = self.generated.fetch_add(bytes.len(), Ordering::Relaxed);
        if before.saturating_add(bytes.len()) > MAX_GENERATED {
            let message = format!("generated objects hold more than {MAX_GENERATED} bytes");
            return Err(LoadError::new(message, "adds too much"));
        }
        Ok(bytes)
    }

    /// A file's text, when it is text.
    pub(crate) fn text(&self, file: FileId) -> &'a str {
        self.store.sources().file(file).text().unwrap_or_default()
    }

    /// A file's documents.
    pub(crate) fn parsed(&self, file: FileId) -> &'a Parsed {
        self.store.parsed(file)
    }
}

/// The problem that a file does not parse, at its place in the file.
pub(crate) fn unparsable(error: &ParseError, entry: Option<Span>) -> Problem {
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
pub(crate) fn errors_of_settings(parsed: &Parsed) -> impl Iterator<Item = &ParseError> {
    parsed
        .errors
        .iter()
        .filter(|error| error.kind != ParseErrorKind::DuplicateKey)
}
