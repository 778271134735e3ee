//! Findings per rule on real repositories, so that a change shows what it adds and what it takes away.
//!
//! Runs when `MESHLINT_CORPUS` names a directory of repositories; nothing of them is kept but counts.
#![allow(missing_docs, clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod common;

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::Path;
use std::time::{Duration, Instant};

use meshlint::engine::{self, RunOptions};
use meshlint::source::SourceMap;

/// A check of any of them takes a second or two without optimisation.
const LONGEST: Duration = Duration::from_secs(60);

#[test]
#[cfg_attr(not(meshlint_corpus), ignore = "MESHLINT_CORPUS is not set")]
fn counts_on_real_repositories() {
    let mut counts = String::new();
    for repository in common::corpus() {
        write_counts(&repository, &mut counts);
    }
    let path = common::project().join("tests/corpus-counts.txt");
    let current = std::fs::read_to_string(&path).unwrap_or_default();
    common::check_generated(&path, &current, &counts);
}

fn write_counts(repository: &Path, out: &mut String) {
    let begin = Instant::now();
    let sources = SourceMap::open(repository).unwrap();
    let run = engine::check(&sources, &RunOptions::default());
    assert!(
        begin.elapsed() < LONGEST,
        "{} took {:?}",
        repository.display(),
        begin.elapsed()
    );
    let name = repository.file_name().unwrap().to_str().unwrap();
    let summary = &run.outcome.summary;
    writeln!(
        out,
        "{name}: {} clusters, {} objects",
        run.outcome.clusters.len(),
        summary.objects
    )
    .unwrap();
    let mut rules: BTreeMap<(&str, String), usize> = BTreeMap::new();
    for one in &run.outcome.findings {
        *rules
            .entry((one.rule.name, one.severity.to_string()))
            .or_default() += 1;
    }
    for ((rule, severity), count) in rules {
        writeln!(out, "  {count:>3} {severity} {rule}").unwrap();
    }
}
