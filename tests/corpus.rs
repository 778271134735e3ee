//! Findings per rule on real repositories, so that a change shows what it adds and what it takes away.
//!
//! Runs when `MESHLINT_CORPUS` names a directory of repositories; nothing of them is kept but counts.
#![allow(missing_docs, clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod common;

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use meshlint::engine::{self, Config};
use meshlint::source::SourceMap;

/// A check of any of them takes a second or two without optimisation.
const LONGEST: Duration = Duration::from_secs(60);

#[test]
fn counts_on_real_repositories() {
    let Some(corpus) = std::env::var_os("MESHLINT_CORPUS") else {
        return;
    };
    let mut repositories: Vec<PathBuf> = std::fs::read_dir(corpus)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.is_dir())
        .collect();
    repositories.sort();
    assert!(!repositories.is_empty(), "MESHLINT_CORPUS holds no repository");
    let mut counts = String::new();
    for repository in repositories {
        write_counts(&repository, &mut counts);
    }
    let path = common::project().join("tests/corpus-counts.txt");
    let current = std::fs::read_to_string(&path).unwrap_or_default();
    common::check_generated(&path, &current, &counts);
}

fn write_counts(repository: &Path, out: &mut String) {
    let begin = Instant::now();
    let sources = SourceMap::open(repository).unwrap();
    let run = engine::check(&sources, &Config::default());
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
