//! Every file parsed at most once, from any thread.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, OnceLock};

use rayon::prelude::*;

use super::parse;
use super::parse_error::{ParseError, ParseErrorKind};
use super::parsed::Parsed;
use crate::source::{FileId, ReadError, SourceMap, Span};

/// The parsed files of a repository. Files are parsed when first asked for.
#[derive(Debug)]
pub struct Store<'a> {
    sources: &'a SourceMap,
    parsed: Box<[OnceLock<Arc<Parsed>>]>,
    parses: AtomicUsize,
    before: Parses,
}

/// What a store leaves behind, for another over files of which most are the same.
#[derive(Debug, Clone, Default)]
pub struct Parses {
    sources: SourceMap,
    parsed: Box<[OnceLock<Arc<Parsed>>]>,
}

impl<'a> Store<'a> {
    /// A store over these files; parses nothing yet.
    pub fn new(sources: &'a SourceMap) -> Self {
        Self {
            sources,
            parsed: sources.files().iter().map(|_| OnceLock::new()).collect(),
            parses: AtomicUsize::new(0),
            before: Parses::default(),
        }
    }

    /// A store that takes over what is left of an earlier one, where a file of the same number and path holds the same.
    pub fn after(sources: &'a SourceMap, before: Parses) -> Self {
        Self {
            before,
            ..Self::new(sources)
        }
    }

    /// What was parsed so far, here and in earlier runs: what was not asked for this time may be the next.
    pub fn parses_so_far(&self) -> Parses {
        let parsed = self
            .parsed
            .iter()
            .zip(self.sources.iter())
            .map(|(slot, (file, _))| {
                let slot = slot.clone();
                if let (None, Some(earlier)) = (slot.get(), self.before.of(file, self.sources)) {
                    let _ = slot.set(earlier);
                }
                slot
            });
        Parses {
            sources: self.sources.clone(),
            parsed: parsed.collect(),
        }
    }

    /// The files the store reads from.
    pub fn sources(&self) -> &'a SourceMap {
        self.sources
    }

    /// What the file holds. A file that cannot be read as text has one error and no document.
    pub fn parsed(&self, file: FileId) -> &Parsed {
        // A number from another map would be a caller's mistake; it gets an empty answer rather than a crash.
        static NOTHING: Parsed = Parsed {
            documents: Vec::new(),
            errors: Vec::new(),
            comments: Vec::new(),
        };
        self.parsed.get(file.index()).map_or(&NOTHING, |slot| {
            self.sources.file(file).note_read();
            slot.get_or_init(|| {
                self.before
                    .of(file, self.sources)
                    .unwrap_or_else(|| self.parse(file))
            })
        })
    }

    fn parse(&self, file: FileId) -> Arc<Parsed> {
        self.parses.fetch_add(1, Ordering::Relaxed);
        let source = self.sources.file(file);
        Arc::new(match source.text() {
            Ok(text) => parse::parse(file, text),
            Err(error) => unreadable(file, error, source.bytes().unwrap_or_default()),
        })
    }

    /// Parses the files that are not parsed yet, in parallel.
    pub fn parse_all(&self, files: &[FileId]) {
        files.par_iter().for_each(|&file| {
            self.parsed(file);
        });
    }

    /// How many files were parsed so far.
    pub fn parses(&self) -> usize {
        self.parses.load(Ordering::Relaxed)
    }
}

impl Parses {
    /// What was read from a file that holds the same today. Spans name files by number.
    fn of(&self, file: FileId, sources: &SourceMap) -> Option<Arc<Parsed>> {
        let parsed = self.parsed.get(file.index())?.get()?;
        let (now, then) = (sources.file(file), self.sources.file(file));
        (now.path() == then.path() && now.holds_the_same(then)).then(|| Arc::clone(parsed))
    }
}

fn unreadable(file: FileId, error: &ReadError, bytes: &[u8]) -> Parsed {
    let problem = |span, message: String| ParseError::new(ParseErrorKind::Unreadable, span, message);
    let error = match error {
        ReadError::NotUtf8(_) if bytes.starts_with(&[0xff, 0xfe]) || bytes.starts_with(&[0xfe, 0xff]) => {
            problem(Span::new(file, 0, 2), "the file is UTF-16".to_owned()).help("save the file as UTF-8")
        }
        ReadError::NotUtf8(at) => problem(
            Span::new(file, *at, at + 1),
            format!("byte {:#04x} is not UTF-8", bytes.get(*at).unwrap_or(&0)),
        )
        .help("save the file as UTF-8"),
        ReadError::TooLarge(size) => problem(
            Span::at_start(file),
            format!(
                "the file has {size} bytes, more than the {} that are read of one file",
                SourceMap::MAX_FILE_BYTES
            ),
        ),
        ReadError::Io(cause) => problem(Span::at_start(file), format!("the file cannot be read: {cause}")),
    };
    Parsed {
        errors: vec![error],
        ..Parsed::default()
    }
}
