//! `meshlint check`.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::fs::File;
use std::io::{BufWriter, Write};
use std::num::NonZeroUsize;
use std::path::PathBuf;

use clap::ArgMatches;
use clap::parser::ValueSource;

use super::args::CheckArgs;
use super::configured::{self, Configured};
use super::terminal::Terminal;
use super::{Failure, Status, buffer};
use crate::engine;
use crate::finding::Severity;
use crate::flux::Fleet;
use crate::report::{Format, Look, Report};
use crate::rules::suggest::nearest;
use crate::sink::{Outcome, Policy, Selector};
use crate::source::{Buffer, SourceMap};

pub(super) fn run(
    args: &CheckArgs,
    matches: Option<&ArgMatches>,
    terminal: &Terminal,
) -> Result<Status, Failure> {
    let targets = targets(args, matches, terminal)?;
    let wishes = Policy {
        select: selectors(&args.select)?,
        ignore: selectors(&args.ignore)?,
        clusters: args.cluster.clone(),
        ..Policy::default()
    };
    let buffer = args.stdin_filename.as_deref().map(buffer::read).transpose()?;
    let path_is_given =
        matches.is_some_and(|matches| matches.value_source("path") != Some(ValueSource::DefaultValue));
    let path = match &buffer {
        Some(buffer) if !path_is_given => buffer::directory(buffer),
        _ => args.path.clone(),
    };
    let pool = pool(args.threads)?;
    pool.install(|| {
        let mut configured = configured::open(&path, &args.config, buffer.as_ref(), terminal)?;
        let policy = &mut configured.config.policy;
        *policy = Policy {
            levels: std::mem::take(&mut policy.levels),
            entries: std::mem::take(&mut policy.entries),
            preselected: std::mem::take(&mut policy.preselected),
            ..wishes
        };
        check(args, &configured, buffer.as_ref(), &targets, terminal)
    })
}

/// A pool of its own, so that the number of threads is what was asked for wherever the work happens.
fn pool(threads: Option<NonZeroUsize>) -> Result<rayon::ThreadPool, Failure> {
    let threads = threads.map_or(0, NonZeroUsize::get);
    let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build();
    pool.map_err(|error| Failure::Usage(format!("cannot start {threads} threads: {error}")))
}

fn check(
    args: &CheckArgs,
    configured: &Configured,
    buffer: Option<&Buffer>,
    targets: &[Target],
    terminal: &Terminal,
) -> Result<Status, Failure> {
    let repository = &configured.repository;
    let sources = &repository.sources;
    let only_in = match buffer.zip(args.stdin_filename.as_deref()) {
        Some((buffer, named)) => Some(buffer::file_in(repository, buffer, named)?),
        None => None,
    };
    let mut run = engine::check(sources, &configured.config);
    configured.check_clusters(&run.fleet, terminal)?;
    // Findings in files that cannot be read are worth showing even where no cluster is found, perhaps because of them.
    if run.fleet.clusters.is_empty() && run.outcome.findings.is_empty() {
        return Err(repository.nothing());
    }
    known_clusters(&args.cluster, &run.fleet)?;
    if let Some(file) = only_in {
        run.outcome.keep_those_in(file);
    }
    for target in targets {
        target.write(sources, &run.outcome, terminal)?;
    }
    if args.statistics {
        let _ = std::io::stderr().write_all(statistics(&run.outcome).as_bytes());
    }
    let fails = run
        .outcome
        .findings
        .iter()
        .any(|one| args.fail_on.reached_by(one.severity));
    Ok(if fails { Status::Findings } else { Status::Clean })
}

fn selectors(words: &[String]) -> Result<Vec<Selector>, Failure> {
    words
        .iter()
        .map(|word| Selector::parse(word).map_err(|unknown| Failure::Usage(unknown.to_string())))
        .collect()
}

/// A filter that names no cluster would make every run clean.
pub(super) fn known_clusters(names: &[String], fleet: &Fleet) -> Result<(), Failure> {
    let known: Vec<&str> = fleet
        .clusters
        .iter()
        .map(|cluster| cluster.name.as_str())
        .collect();
    let Some(unknown) = names.iter().find(|name| !known.contains(&name.as_str())) else {
        return Ok(());
    };
    let hint = nearest(unknown, known.iter().copied()).map(|name| format!(" (did you mean `{name}`?)"));
    let known: Vec<String> = known.iter().map(|name| format!("`{name}`")).collect();
    Err(Failure::Usage(format!(
        "no cluster is called `{unknown}`{}; found {}",
        hint.unwrap_or_default(),
        if known.is_empty() {
            "none".to_owned()
        } else {
            known.join(", ")
        }
    )))
}

/// A report and where it goes; `None` is standard output.
#[derive(Debug, PartialEq, Eq)]
struct Target {
    format: Format,
    file: Option<PathBuf>,
}

impl Target {
    fn write(&self, sources: &SourceMap, outcome: &Outcome, terminal: &Terminal) -> Result<(), Failure> {
        let report = |look| Report {
            sources,
            outcome,
            look,
        };
        let Some(path) = &self.file else {
            return terminal.print(|out| report(terminal.look).write(self.format, out));
        };
        let failed = |source| Failure::Io {
            what: format!("cannot write `{}`", path.display()),
            source,
        };
        let look = Look {
            quiet: terminal.look.quiet,
            ..Look::PLAIN
        };
        let mut file = BufWriter::new(File::create(path).map_err(failed)?);
        report(look)
            .write(self.format, &mut file)
            .and_then(|()| file.flush())
            .map_err(failed)
    }
}

/// Joins each `--output` with the `--format` before it.
fn targets(
    args: &CheckArgs,
    matches: Option<&ArgMatches>,
    terminal: &Terminal,
) -> Result<Vec<Target>, Failure> {
    let positions = |name: &str| -> Vec<usize> {
        matches
            .and_then(|matches| matches.indices_of(name))
            .map(Iterator::collect)
            .unwrap_or_default()
    };
    let formats: Vec<(usize, Format)> = positions("format")
        .into_iter()
        .zip(args.format.iter().copied())
        .collect();
    let outputs: Vec<(usize, PathBuf)> = positions("output")
        .into_iter()
        .zip(args.output.iter().cloned())
        .collect();
    let default = if terminal.github_actions {
        Format::Github
    } else {
        Format::Human
    };
    pair(&formats, &outputs, default)
}

fn pair(
    formats: &[(usize, Format)],
    outputs: &[(usize, PathBuf)],
    default: Format,
) -> Result<Vec<Target>, Failure> {
    let implied = [(0, default)];
    let first_output_leads = outputs
        .first()
        .is_some_and(|(at, _)| formats.iter().all(|(format, _)| format > at));
    let formats = match (formats, first_output_leads) {
        ([], _) => &implied[..],
        (_, false) => formats,
        (_, true) => {
            return Err(Failure::Usage(
                "--output comes after the --format that it belongs to".to_owned(),
            ));
        }
    };
    let mut targets: Vec<Target> = Vec::new();
    for (nth, (at, format)) in formats.iter().enumerate() {
        let next = formats.get(nth + 1).map_or(usize::MAX, |(next, _)| *next);
        let mut files = outputs.iter().filter(|(output, _)| (*at..next).contains(output));
        let file = files.next().map(|(_, path)| path.clone());
        if let Some((_, second)) = files.next() {
            let second = second.display();
            return Err(Failure::Usage(format!(
                "--output {second} needs a --format of its own before it"
            )));
        }
        if targets.iter().any(|target| target.file == file) {
            return Err(Failure::Usage(match file {
                Some(path) => format!("two formats would be written to {}", path.display()),
                None => {
                    "two formats would be written to standard output; give one of them an --output".to_owned()
                }
            }));
        }
        targets.push(Target {
            format: *format,
            file,
        });
    }
    Ok(targets)
}

fn statistics(outcome: &Outcome) -> String {
    let mut counts: BTreeMap<(&str, Severity), usize> = BTreeMap::new();
    for reported in &outcome.findings {
        *counts.entry((reported.rule.name, reported.severity)).or_default() += 1;
    }
    let mut rows: Vec<_> = counts.into_iter().collect();
    rows.sort_by(|(a, more), (b, fewer)| fewer.cmp(more).then(a.cmp(b)));
    let mut text = String::new();
    for ((rule, severity), count) in rows {
        let _ = writeln!(text, "{count:>6}  {:<7}  {rule}", severity.as_str());
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    fn paired(
        formats: &[(usize, Format)],
        outputs: &[(usize, &str)],
    ) -> Result<Vec<(Format, Option<String>)>, String> {
        let outputs: Vec<_> = outputs
            .iter()
            .map(|(at, path)| (*at, PathBuf::from(path)))
            .collect();
        let name = |target: Target| (target.format, target.file.map(|file| file.display().to_string()));
        pair(formats, &outputs, Format::Github)
            .map(|targets| targets.into_iter().map(name).collect())
            .map_err(|failure| failure.to_string())
    }

    #[test]
    fn an_output_belongs_to_the_format_before_it() {
        assert_eq!(paired(&[], &[]), Ok(vec![(Format::Github, None)]));
        assert_eq!(
            paired(&[], &[(1, "a")]),
            Ok(vec![(Format::Github, Some("a".to_owned()))])
        );
        let formats = [(1, Format::Json), (5, Format::Human)];
        let expected = vec![(Format::Json, Some("a".to_owned())), (Format::Human, None)];
        assert_eq!(paired(&formats, &[(3, "a")]), Ok(expected));
    }

    #[test]
    fn combinations_that_would_lose_a_report_are_refused() {
        let formats = [(1, Format::Json), (5, Format::Human)];
        assert!(paired(&formats, &[]).unwrap_err().contains("standard output"));
        assert!(
            paired(&formats, &[(3, "a"), (7, "a")])
                .unwrap_err()
                .contains("written to a")
        );
        assert!(
            paired(&formats, &[(2, "a"), (3, "b")])
                .unwrap_err()
                .contains("--output b")
        );
        assert!(paired(&formats, &[(0, "a")]).unwrap_err().contains("comes after"));
    }
}
