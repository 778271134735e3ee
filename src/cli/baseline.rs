//! `--baseline` and `--write-baseline`.

use std::path::{Path, PathBuf};

use super::args::CheckArgs;
use super::configured::{self, ConfiguredRepository};
use super::terminal::Terminal;
use super::{Failure, links, output};
use crate::sink::{Known, Marks, Outcome, Policy, baseline, match_up};
use crate::source::{FileId, SourceMap};

/// Stale entries that are told one by one.
const SHOWN: usize = 10;

/// What the command line says of baselines.
#[derive(Debug, Default)]
pub(super) struct Baselines {
    /// The findings not to report, and the file that lists them.
    known: Option<(PathBuf, Vec<Known>)>,
    /// The file to write, and what it lists now.
    target: Option<(PathBuf, Vec<Known>)>,
    /// Whether nobody wants to hear of what the baseline lists in vain.
    is_quiet: bool,
}

impl Baselines {
    /// Reads the files, before a long run.
    pub(super) fn read(args: &CheckArgs, configured: &mut ConfiguredRepository) -> Result<Self, Failure> {
        let mut baselines = Self {
            is_quiet: args.stdin_filename.is_some(),
            ..Self::default()
        };
        if let Some(file) = args.baseline() {
            let known = read(file, configured)?.ok_or_else(|| {
                let name = file.display();
                Failure::Usage(format!("there is no `{name}`; --write-baseline {name} makes one"))
            })?;
            baselines.known = Some((file.to_owned(), known));
        } else if args.write_baseline.is_none()
            && let Some(file) = configured.baseline()
        {
            let on_disk = PathBuf::from(file.as_str());
            let id = configured.repository.sources.file_at(file);
            let id = id.ok_or_else(|| Failure::Usage(format!("the baseline `{file}` is no file")))?;
            let known = parse(&on_disk, &configured.repository.sources, id)?;
            baselines.known = Some((on_disk, known));
        }
        if let Some(file) = &args.write_baseline {
            if baselines.known.is_none() && !(args.format.is_empty() && args.output.is_empty()) {
                return Err(Failure::Usage(
                    "--write-baseline reports nothing, so it goes with no --format or --output".to_owned(),
                ));
            }
            output::check_place(file)?;
            links::refuse(file, configured.repository.checkout())?;
            baselines.target = Some((file.clone(), read(file, configured)?.unwrap_or_default()));
        }
        Ok(baselines)
    }

    /// Whether everything that is found is to be taken in, and nothing reported.
    pub(super) fn takes_everything_in(&self) -> bool {
        self.target.is_some() && self.known.is_none()
    }

    /// Which findings the baseline lists. Tells what it lists in vain, or drops that where the file is to be written.
    pub(super) fn known(
        &self,
        sources: &SourceMap,
        outcome: &Outcome,
        policy: &Policy,
        terminal: &Terminal,
    ) -> Result<Marks, Failure> {
        let Some((file, known)) = &self.known else {
            return Ok(Vec::new());
        };
        let matches = match_up(sources, &outcome.findings, known);
        let (stale, kept): (Vec<_>, Vec<_>) = known
            .iter()
            .zip(&matches.is_found)
            .partition(|(one, is_found)| !**is_found && baseline::would_show(policy, one));
        let stale: Vec<&Known> = stale.into_iter().map(|(one, _)| one).collect();
        match &self.target {
            Some((target, _)) => {
                let kept: Vec<Known> = kept.into_iter().map(|(one, _)| one.clone()).collect();
                let change = format!("{} dropped", stale.len());
                write(target, kept, &change, terminal)?;
            }
            // An editor asks about one file.
            None if self.is_quiet => {}
            None => tell(file, &stale, terminal),
        }
        Ok(matches.is_known)
    }

    /// Writes a baseline of everything that is found. What the file lists and the run had no eyes for stays in it.
    pub(super) fn take_everything_in(
        &self,
        sources: &SourceMap,
        outcome: &Outcome,
        policy: &Policy,
        terminal: &Terminal,
    ) -> Result<(), Failure> {
        let Some((target, before)) = &self.target else {
            return Ok(());
        };
        let matches = match_up(sources, &outcome.findings, before);
        let missing = before.iter().zip(&matches.is_found).filter(|(_, found)| !**found);
        let (dropped, unseen): (Vec<_>, Vec<_>) = missing
            .map(|(one, _)| one)
            .partition(|one| baseline::would_show(policy, one));
        let found = outcome.findings.iter().flat_map(Known::all_of);
        let all: Vec<Known> = found.chain(unseen.into_iter().cloned()).collect();
        let added = matches.is_known.iter().flatten().filter(|known| !**known).count();
        let change = format!("{added} added, {} dropped", dropped.len());
        write(target, all, &change, terminal)
    }
}

/// Whatever the file lists; nothing where there is no such file.
fn read(file: &Path, configured: &mut ConfiguredRepository) -> Result<Option<Vec<Known>>, Failure> {
    if !file.exists() {
        return Ok(None);
    }
    let (_, id) = configured::asked_for(file, &mut configured.repository)?;
    parse(file, &configured.repository.sources, id).map(Some)
}

fn parse(named: &Path, sources: &SourceMap, file: FileId) -> Result<Vec<Known>, Failure> {
    let refused = |why: &dyn std::fmt::Display| {
        Failure::Usage(format!("cannot take `{}` for a baseline: {why}", named.display()))
    };
    let text = sources.file(file).text().map_err(|error| refused(error))?;
    baseline::parse(text).map_err(|error| refused(&error))
}

fn write(file: &Path, known: Vec<Known>, change: &str, terminal: &Terminal) -> Result<(), Failure> {
    let count = known.len();
    output::write_file(file, baseline::text(known).as_bytes())?;
    let name = file.display();
    let findings = if count == 1 { "finding" } else { "findings" };
    terminal.remark(&format!(
        "meshlint: wrote `{name}` with {count} {findings} ({change})"
    ));
    Ok(())
}

fn tell(file: &Path, stale: &[&Known], terminal: &Terminal) {
    if stale.is_empty() {
        return;
    }
    let name = file.display();
    let entries = match stale.len() {
        1 => "one entry of the baseline is stale".to_owned(),
        several => format!("{several} entries of the baseline are stale"),
    };
    terminal.remark(&format!(
        "meshlint: {entries}, `{name}` lists what is found no more:"
    ));
    for one in stale.iter().take(SHOWN) {
        terminal.remark(&format!("  {}: {}: {}", one.path, one.rule, one.message));
    }
    if let Some(more) = stale.len().checked_sub(SHOWN).filter(|more| *more > 0) {
        terminal.remark(&format!("  and {more} more"));
    }
    terminal.remark(&format!(
        "  to drop what is stale: meshlint check --baseline {name} --write-baseline {name}"
    ));
}
