//! `meshlint check --fix`: files are changed until no fix is left, and written only then.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::io::{self, Write};

use super::Failure;
use super::configured::ConfiguredRepository;
use super::links;
use super::scope;
use super::terminal::Terminal;
use crate::engine;
use crate::finding::{Edit, Fix};
use crate::neutral::one_line;
use crate::report::hunks;
use crate::secret;
use crate::sink::Reported;
use crate::source::{FileId, RepoPath, SourceMap};
use crate::yaml::Store;

/// A fix may bring to light what another mends, but not for ever.
const MOST_ROUNDS: usize = 20;

/// The files that were changed, with what they held, and how many faults that mends.
#[derive(Debug, Default)]
pub(super) struct Mended {
    before: BTreeMap<FileId, Vec<u8>>,
    faults: usize,
}

/// Changes the files in memory.
pub(super) fn mend(configured: &mut ConfiguredRepository, only: &[RepoPath], takes_unsafe: bool) -> Mended {
    let mut mended = Mended::default();
    let mut refused = BTreeSet::new();
    for _ in 0..MOST_ROUNDS {
        let sources = &configured.repository.sources;
        let mut outcome = engine::check_watched(sources, &configured.config, &|_| {}).outcome;
        if !only.is_empty() {
            outcome.keep_those_in(|file| scope::covers(only, sources, file));
        }
        let is_allowed = |one: &&Reported| {
            let fix = one.finding.fix.as_ref();
            fix.is_some_and(|fix| (fix.is_safe || takes_unsafe) && may_be_written(configured, fix))
                && !refused.contains(&one.fingerprint)
        };
        let chosen = apart(outcome.findings.iter().filter(is_allowed));
        if chosen.is_empty() {
            break;
        }
        let (files, broken) = applied(sources, &chosen);
        let is_done = |one: &&&Reported| {
            let mut edits = one.finding.fix.iter().flat_map(|fix| &fix.edits);
            edits.all(|edit| files.contains_key(&edit.span.file))
        };
        mended.faults += chosen.iter().filter(is_done).count();
        refused.extend(broken);
        let sources = &mut configured.repository.sources;
        for (file, text) in files {
            let was = sources.file(file).bytes().unwrap_or_default().to_vec();
            mended.before.entry(file).or_insert(was);
            sources.put(file, Some(text.into_bytes()));
        }
    }
    mended
}

/// Only files of the repository are written, and through no link.
fn may_be_written(configured: &ConfiguredRepository, fix: &Fix) -> bool {
    let repository = &configured.repository;
    fix.edits.iter().all(|edit| {
        let path = repository.sources.file(edit.span.file).on_disk();
        path.is_some_and(|path| {
            path.starts_with(&repository.root) && links::refuse(path, repository.checkout()).is_ok()
        })
    })
}

/// Of fixes that touch the same bytes the first.
fn apart<'f>(findings: impl Iterator<Item = &'f Reported>) -> Vec<&'f Reported> {
    // By file and end: of what is apart, only the first that ends behind where an edit begins can touch it.
    let mut taken: BTreeMap<(FileId, u32), u32> = BTreeMap::new();
    let mut chosen = Vec::new();
    for one in findings {
        let edits = one.finding.fix.iter().flat_map(|fix| &fix.edits);
        let is_free = edits.clone().all(|edit| {
            let mut behind = taken.range((edit.span.file, edit.span.start)..);
            behind
                .next()
                .is_none_or(|((file, _), start)| *file != edit.span.file || edit.span.end < *start)
        });
        if is_free {
            for edit in edits {
                taken.insert((edit.span.file, edit.span.end), edit.span.start);
            }
            chosen.push(one);
        }
    }
    chosen
}

/// The files as they become, and the fixes that would break one of them.
fn applied(sources: &SourceMap, chosen: &[&Reported]) -> (BTreeMap<FileId, String>, Vec<String>) {
    let mut edits: BTreeMap<FileId, Vec<&Edit>> = BTreeMap::new();
    for edit in chosen
        .iter()
        .flat_map(|one| &one.finding.fix)
        .flat_map(|fix| &fix.edits)
    {
        edits.entry(edit.span.file).or_default().push(edit);
    }
    let changed = edits
        .iter()
        .filter_map(|(file, edits)| Some((*file, edited(sources, *file, edits)?)));
    let files: BTreeMap<FileId, String> = changed.collect();
    let is_spoilt = |one: &Reported| {
        let mut edits = one.finding.fix.iter().flat_map(|fix| &fix.edits);
        edits.any(|edit| !files.contains_key(&edit.span.file))
    };
    let spoilt: Vec<&&Reported> = chosen.iter().filter(|one| is_spoilt(one)).collect();
    if spoilt.is_empty() {
        return (files, Vec::new());
    }
    // All of a fix or nothing: whoever shares a file with one that breaks it has another round.
    let shared: BTreeSet<FileId> = spoilt
        .iter()
        .flat_map(|one| &one.finding.fix)
        .flat_map(|fix| &fix.edits)
        .map(|edit| edit.span.file)
        .collect();
    let alone = spoilt.iter().filter(|one| breaks_alone(sources, one));
    let mut lost: Vec<String> = alone.map(|one| one.fingerprint.clone()).collect();
    if lost.is_empty() {
        lost = spoilt.iter().skip(1).map(|one| one.fingerprint.clone()).collect();
    }
    let whole = files.into_iter().filter(|(file, _)| !shared.contains(file));
    (whole.collect(), lost)
}

fn breaks_alone(sources: &SourceMap, one: &Reported) -> bool {
    let edits: Vec<&Edit> = one.finding.fix.iter().flat_map(|fix| &fix.edits).collect();
    let mut by_file = edits.chunk_by(|a, b| a.span.file == b.span.file);
    by_file.any(|edits| {
        edits
            .first()
            .is_some_and(|first| edited(sources, first.span.file, edits).is_none())
    })
}

/// The file with its edits, unless it cannot be read then and could before.
fn edited(sources: &SourceMap, file: FileId, edits: &[&Edit]) -> Option<String> {
    let before = sources.file(file).text().ok()?;
    let mut edits = edits.to_vec();
    edits.sort_by_key(|edit| std::cmp::Reverse(edit.span.start));
    let mut text = before.to_owned();
    for edit in edits {
        let is_there = text.get(edit.span.range()) == Some(&edit.from);
        is_there.then(|| text.replace_range(edit.span.range(), &edit.to))?;
    }
    (errors(&text) <= errors(before)).then_some(text)
}

fn errors(text: &str) -> usize {
    let sources = SourceMap::from_memory([("a.yaml", text)]);
    let store = Store::new(&sources);
    let ids = sources.iter().map(|(id, _)| id);
    ids.map(|id| store.parsed(id).errors.len()).sum()
}

impl Mended {
    pub(super) fn is_empty(&self) -> bool {
        self.before.is_empty()
    }

    /// What would be written, as `diff -u` prints it.
    pub(super) fn print(&self, sources: &SourceMap, out: &mut dyn Write) -> io::Result<()> {
        let store = Store::new(sources);
        for (file, before) in &self.before {
            let path = one_line(&sources.file(*file).path().to_string());
            let before = String::from_utf8_lossy(before);
            let after = sources.file(*file).text().unwrap_or_default();
            // Lines around a change are not shown where some of the file are secret.
            let is_open = secret::hidden(sources, *file, store.parsed(*file)).is_empty();
            let around = if is_open { 3 } else { 0 };
            write!(
                out,
                "--- a/{path}\n+++ b/{path}\n{}",
                hunks(&before, after, around)
            )?;
        }
        Ok(())
    }

    /// Writes the files, unless somebody changed one meanwhile.
    pub(super) fn write(
        &self,
        configured: &ConfiguredRepository,
        terminal: &Terminal,
    ) -> Result<(), Failure> {
        let repository = &configured.repository;
        let mut files = 0;
        for (file, before) in &self.before {
            let file = repository.sources.file(*file);
            let Some(path) = file.on_disk() else { continue };
            links::refuse(path, repository.checkout())?;
            let failed = |source| Failure::Io {
                what: format!("cannot write `{}`", file.path()),
                source,
            };
            if fs::read(path).map_err(failed)? != *before {
                terminal.complain(&format!(
                    "meshlint: `{}` changed meanwhile and is left as it is",
                    file.path()
                ));
                continue;
            }
            fs::write(path, file.bytes().unwrap_or_default()).map_err(failed)?;
            files += 1;
        }
        let s = |count: usize| if count == 1 { "" } else { "s" };
        terminal.remark(&format!(
            "meshlint: mended {} finding{} in {files} file{}",
            self.faults,
            s(self.faults),
            s(files)
        ));
        Ok(())
    }
}
