//! `meshlint diff`: what a change does in every cluster.

use std::path::Path;

use super::args::DiffArgs;
use super::check::{pool, selectors};
use super::configured::{self, ConfiguredRepository, known_clusters};
use super::progress::Progress;
use super::scope::Scope;
use super::terminal::Terminal;
use super::{Failure, Status, repository, since};
use crate::engine::{self, Compared, Rendered, Stage};
use crate::fleet::Fleet;
use crate::report::{Base, ChangeReport};
use crate::sink::{Known, Policy, match_up};
use crate::source::SourceMap;

pub(super) fn run(args: &DiffArgs, terminal: &Terminal) -> Result<Status, Failure> {
    let (select, ignore) = (selectors(&args.select)?, selectors(&args.ignore)?);
    pool(args.threads)?.install(|| {
        let mut configured = configured::open(&Scope::around(&args.path), &args.config, &[], terminal)?;
        let policy = &mut configured.config.policy;
        *policy = Policy {
            levels: std::mem::take(&mut policy.levels),
            entries: std::mem::take(&mut policy.entries),
            preselected: std::mem::take(&mut policy.preselected),
            select,
            ignore,
            clusters: args.cluster.clone(),
        };
        match (&args.since, &args.from) {
            (Some(revision), _) => from_revision(args, revision, &configured, terminal),
            (None, Some(directory)) => from_directory(args, directory, &configured, terminal),
            // The command line asks for one of them.
            (None, None) => Err(Failure::Usage("name --since REV or --from DIR".to_owned())),
        }
    })
}

fn from_revision(
    args: &DiffArgs,
    revision: &str,
    configured: &ConfiguredRepository,
    terminal: &Terminal,
) -> Result<Status, Failure> {
    let earlier = since::open(revision, configured)?;
    let base = Base::Commit {
        revision: revision.to_owned(),
        id: earlier.commit.clone(),
    };
    diff(args, &earlier.sources, &base, configured, terminal, &|| {
        since::confirm(&earlier)
    })
}

fn from_directory(
    args: &DiffArgs,
    directory: &Path,
    configured: &ConfiguredRepository,
    terminal: &Terminal,
) -> Result<Status, Failure> {
    let mut earlier = repository::open(directory, true, None, &[])?.sources;
    configured.exclude_from(&mut earlier);
    let base = Base::Directory(directory.display().to_string());
    diff(args, &earlier, &base, configured, terminal, &|| Ok(()))
}

fn diff(
    args: &DiffArgs,
    before: &SourceMap,
    base: &Base,
    configured: &ConfiguredRepository,
    terminal: &Terminal,
    confirm: &dyn Fn() -> Result<(), Failure>,
) -> Result<Status, Failure> {
    let (sources, config) = (&configured.repository.sources, &configured.config);
    let progress = Progress::start(terminal);
    progress.begin(Stage::Rendering);
    let (old, new) = (Rendered::new(before, config), Rendered::new(sources, config));
    configured.check_clusters(&new.fleet, terminal)?;
    check_names(args, &old.fleet, &new.fleet)?;
    progress.begin(Stage::Checking);
    engine::compare(&old, &new, config, |compared| {
        drop(progress);
        confirm()?;
        let is_empty = old.fleet.clusters.is_empty() && new.fleet.clusters.is_empty();
        if is_empty && compared.outcome.findings.is_empty() {
            return Err(configured.repository.nothing());
        }
        report(args, base, sources, compared, terminal)
    })
}

/// A cluster that is gone may be named as well.
fn check_names(args: &DiffArgs, before: &Fleet, after: &Fleet) -> Result<(), Failure> {
    let is_gone = |name: &String| before.clusters.iter().any(|cluster| cluster.name == *name);
    let names: Vec<String> = args
        .cluster
        .iter()
        .filter(|name| !is_gone(name))
        .cloned()
        .collect();
    known_clusters(&names, after)
}

fn report(
    args: &DiffArgs,
    base: &Base,
    sources: &SourceMap,
    compared: Compared<'_>,
    terminal: &Terminal,
) -> Result<Status, Failure> {
    let Compared {
        before,
        after,
        mut change,
        mut outcome,
        past,
    } = compared;
    let known: Vec<Known> = past.iter().flat_map(Known::all_of).collect();
    let is_old = match_up(sources, &outcome.findings, &known).is_known;
    outcome.leave_out(sources, &[is_old]);
    let is_wanted = |name: &str| args.cluster.is_empty() || args.cluster.iter().any(|one| one == name);
    change.clusters.retain(|cluster| {
        let names = [cluster.before, cluster.after].into_iter().flatten();
        names.map(|cluster| cluster.name.as_str()).any(is_wanted)
    });
    let report = ChangeReport {
        base,
        before,
        after,
        change: &change,
        outcome: &outcome,
        look: terminal.look,
    };
    terminal.print_whole(|out| report.write(args.format, out))?;
    let fails = outcome
        .findings
        .iter()
        .any(|one| args.fail_on.reached_by(one.severity));
    Ok(if fails { Status::Findings } else { Status::Clean })
}
