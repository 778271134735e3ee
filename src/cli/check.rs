//! `meshlint check`.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::io::Write;
use std::num::NonZeroUsize;

use clap::ArgMatches;
use clap::parser::ValueSource;

use super::args::CheckArgs;
use super::baseline::Baselines;
use super::configured::{self, ConfiguredRepository, known_clusters};
use super::progress::Progress;
use super::scope::{self, Scope};
use super::terminal::Terminal;
use super::{Failure, Status, buffer, mend, output, since};
use crate::engine;
use crate::finding::Severity;
use crate::sink::{Fixed, Known, Outcome, Policy, Selector, match_up};
use crate::source::{Buffer, RepoPath};

pub(super) fn run(
    args: &CheckArgs,
    matches: Option<&ArgMatches>,
    terminal: &Terminal,
) -> Result<Status, Failure> {
    let targets = output::targets(args, matches, terminal)?;
    let wishes = Policy {
        select: selectors(&args.select)?,
        ignore: selectors(&args.ignore)?,
        clusters: args.cluster.clone(),
        ..Policy::default()
    };
    let buffer = args.stdin_filename.as_deref().map(buffer::read).transpose()?;
    let path_is_given =
        matches.is_some_and(|matches| matches.value_source("path") != Some(ValueSource::DefaultValue));
    let scope = match args.stdin_filename.as_deref() {
        Some(named) if !path_is_given => Scope::somewhere_around(&buffer::directory(named)),
        _ => Scope::of(&args.path)?,
    };
    let pool = pool(args.threads)?;
    pool.install(|| {
        let mut configured = configured::open(&scope, &args.config, buffer.as_slice(), terminal)?;
        configured.exclude(&args.exclude)?;
        let only = scope.within(&configured.repository)?;
        let checkout = configured.repository.checkout();
        targets
            .iter()
            .try_for_each(|target| target.refuse_links(checkout))?;
        let policy = &mut configured.config.policy;
        *policy = Policy {
            levels: std::mem::take(&mut policy.levels),
            entries: std::mem::take(&mut policy.entries),
            preselected: std::mem::take(&mut policy.preselected),
            ..wishes
        };
        let baselines = Baselines::read(args, &mut configured)?;
        if args.mends() {
            let mended = mend::mend(&mut configured, &only, args.unsafe_fixes);
            if args.diff {
                terminal.print(|out| mended.print(&configured.repository.sources, out))?;
                return Ok(if mended.is_empty() {
                    Status::Clean
                } else {
                    Status::Findings
                });
            }
            mended.write(&configured, terminal)?;
        }
        let wish = Wish {
            args,
            buffer: buffer.as_ref(),
            only: &only,
            baselines: &baselines,
            targets: &targets,
        };
        check(&wish, &configured, terminal)
    })
}

/// More threads than this help nobody who has not as many cores; each takes memory.
const MAX_THREADS: usize = 64;

/// A pool of its own, so that the number of threads is what was asked for wherever the work happens.
pub(super) fn pool(threads: Option<NonZeroUsize>) -> Result<rayon::ThreadPool, Failure> {
    let most = std::thread::available_parallelism()
        .map_or(1, NonZeroUsize::get)
        .max(MAX_THREADS);
    let threads = threads.map_or(0, NonZeroUsize::get).min(most);
    let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build();
    pool.map_err(|error| Failure::Usage(format!("cannot start {threads} threads: {error}")))
}

/// What the command line asks for.
struct Wish<'a> {
    args: &'a CheckArgs,
    buffer: Option<&'a Buffer>,
    only: &'a [RepoPath],
    baselines: &'a Baselines,
    targets: &'a [output::Target],
}

fn check(wish: &Wish<'_>, configured: &ConfiguredRepository, terminal: &Terminal) -> Result<Status, Failure> {
    let &Wish {
        args,
        buffer,
        only,
        baselines,
        targets,
    } = wish;
    let repository = &configured.repository;
    let sources = &repository.sources;
    let only_in = match buffer.zip(args.stdin_filename.as_deref()) {
        Some((buffer, named)) => Some(buffer::file_in(repository, buffer, named)?),
        None => None,
    };
    let earlier = args
        .since()
        .map(|revision| since::open(revision, configured))
        .transpose()?;
    let progress = Progress::start(terminal);
    let begin = |stage| progress.begin(stage);
    let config = &configured.config;
    let (mut run, past) = match &earlier {
        Some(earlier) => engine::check_since(&earlier.sources, sources, config, &begin),
        None => (engine::check_watched(sources, config, &begin), Vec::new()),
    };
    drop(progress);
    earlier.as_ref().map_or(Ok(()), since::confirm)?;
    configured.check_clusters(&run.fleet, terminal)?;
    // Findings in files that cannot be read are worth showing even where no cluster is found, perhaps because of them.
    if run.fleet.clusters.is_empty() && run.outcome.findings.is_empty() {
        return Err(repository.nothing());
    }
    known_clusters(&args.cluster, &run.fleet)?;
    let policy = &configured.config.policy;
    if baselines.takes_everything_in() {
        baselines.take_everything_in(sources, &run.outcome, policy, terminal)?;
        return Ok(Status::Clean);
    }
    let is_old = match &earlier {
        Some(_) => {
            let known: Vec<Known> = past.iter().flat_map(Known::all_of).collect();
            let matches = match_up(sources, &run.outcome.findings, &known);
            run.outcome.fixed = Some(Fixed::all_of(&past, &matches.is_found));
            matches.is_known
        }
        None => Vec::new(),
    };
    let is_listed = baselines.known(sources, &run.outcome, policy, terminal)?;
    run.outcome.leave_out(sources, &[is_old, is_listed]);
    if let Some(file) = only_in {
        run.outcome.keep_those_in(|one| Some(one) == file);
    }
    if !only.is_empty() {
        run.outcome
            .keep_those_in(|file| scope::covers(only, sources, file));
    }
    run.outcome.root = repository.because.map(|_| repository.root.display().to_string());
    output::write(targets, sources, &run.outcome, terminal)?;
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

pub(super) fn selectors(words: &[String]) -> Result<Vec<Selector>, Failure> {
    words
        .iter()
        .map(|word| Selector::parse(word).map_err(|unknown| Failure::Usage(unknown.to_string())))
        .collect()
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
