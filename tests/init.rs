//! `meshlint init`: what it writes can be followed, fits the schema and changes no finding.
#![allow(missing_docs, clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod common;

use std::path::Path;

use common::{code, directories, run, stderr, stdout};
use meshlint::config::{self, FILE};
use meshlint::engine::{self, Run, RunOptions};
use meshlint::mesh::{self, Machines};
use meshlint::sink::Reported;
use meshlint::source::{Buffer, RepoPath, SourceMap};
use meshlint::yaml::Store;

/// What init would write for a repository, and what is found without it; `None` without clusters.
fn written(root: &Path) -> Option<(String, Run)> {
    let sources = SourceMap::open(root).unwrap();
    let store = Store::new(&sources);
    let fleet = engine::load(&store, &RunOptions::default());
    let mesh = mesh::build_with(
        &fleet,
        &RunOptions::default().mesh,
        &Machines::read(&store),
        store.sources(),
    );
    let text = config::template(&fleet, &mesh);
    (!fleet.clusters.is_empty()).then(|| (text, engine::check(&sources, &RunOptions::default())))
}

/// The repository checked with a configuration that is not on disk.
fn checked_with(root: &Path, text: &str) -> Run {
    let buffer = Buffer {
        path: root.join(FILE),
        content: text.as_bytes().to_vec(),
    };
    let mut sources = SourceMap::open_with(root, std::slice::from_ref(&buffer)).unwrap();
    let path = RepoPath::clamp(FILE);
    let file = sources.file_at(&path).unwrap();
    let configuration =
        config::read(&sources, &path, file).unwrap_or_else(|problems| refused(root, &problems));
    sources.exclude(&configuration.config.exclude);
    let run = engine::check(&sources, &configuration.config);
    let unknown = configuration.unknown_clusters(&run.fleet);
    if !unknown.is_empty() {
        refused(root, &unknown)
    }
    run
}

fn refused(root: &Path, problems: &[Reported]) -> ! {
    let told: Vec<&str> = problems.iter().map(|one| one.finding.message.as_str()).collect();
    panic!("{}: {told:?}", root.display())
}

type Row = (String, String, String, Vec<String>);

fn rows(run: &Run) -> Vec<Row> {
    let row = |one: &Reported| {
        (
            one.severity.to_string(),
            one.fingerprint.clone(),
            one.finding.message.clone(),
            one.finding.clusters.clone(),
        )
    };
    run.outcome.findings.iter().map(row).collect()
}

/// How many clusters there were.
fn try_on(root: &Path, schema: &jsonschema::Validator) -> usize {
    let Some((text, without)) = written(root) else {
        return 0;
    };
    let table: toml::Table = text.parse().unwrap();
    let json = serde_json::to_value(&table).unwrap();
    assert!(schema.is_valid(&json), "{}\n{text}", root.display());
    let stated = table
        .get("cluster")
        .map_or(0, |all| all.as_array().unwrap().len());
    assert!(stated > 0, "{}", root.display());
    let with = checked_with(root, &text);
    assert_eq!(rows(&with), rows(&without), "{}", root.display());
    assert_eq!(
        with.outcome.clusters,
        without.outcome.clusters,
        "{}",
        root.display()
    );
    // What stands in comments has the right form as well.
    let uncommented: toml::Table = uncommented(&text).parse().unwrap();
    let json = serde_json::to_value(uncommented).unwrap();
    assert!(schema.is_valid(&json), "{}\n{json:#}", root.display());
    stated
}

/// The text with the comments that hold keys and tables made into such.
fn uncommented(text: &str) -> String {
    let is_code = |rest: &str| {
        rest.starts_with('[') || rest.starts_with(|c: char| c.is_ascii_lowercase()) && rest.contains(" = ")
    };
    let mut lines = String::new();
    for line in text.lines() {
        match line.strip_prefix("# ") {
            Some(rest) if is_code(rest) => lines.push_str(rest),
            _ => lines.push_str(line),
        }
        lines.push('\n');
    }
    lines
}

#[test]
fn what_is_written_changes_nothing() {
    let schema = jsonschema::validator_for(&config::schema()).unwrap();
    for fleet in directories(&common::project().join("testdata/fleets")) {
        try_on(&fleet, &schema);
    }
}

#[test]
#[cfg_attr(not(meshlint_corpus), ignore = "MESHLINT_CORPUS is not set")]
fn what_is_written_changes_nothing_in_real_repositories() {
    let schema = jsonschema::validator_for(&config::schema()).unwrap();
    for repository in common::corpus() {
        let stated = try_on(&repository, &schema);
        println!("{stated:>3} {}", repository.display());
    }
}

#[test]
fn a_file_is_written_at_the_root_and_never_over_another() {
    let scratch = tempfile::tempdir().unwrap();
    let root = scratch.path().join("fleet");
    copy(&common::project().join("testdata/fleets/duplicate-id"), &root);
    std::fs::create_dir(root.join(".git")).unwrap();
    let inner = root.join("clusters/apps");
    let before = run(&["check", root.to_str().unwrap(), "--format", "json"]);

    let output = run(&["init", inner.to_str().unwrap()]);
    assert_eq!((code(&output), stdout(&output)), (0, String::new()));
    assert!(stderr(&output).contains("2 clusters"), "{}", stderr(&output));
    let text = std::fs::read_to_string(root.join(FILE)).unwrap();
    assert!(text.contains("clusters = [\"apps\", \"infra\"]"), "{text}");
    let after = run(&["check", root.to_str().unwrap(), "--format", "json"]);
    assert_eq!((code(&after), stdout(&after)), (code(&before), stdout(&before)));

    std::fs::write(root.join(FILE), "# mine\n").unwrap();
    let again = run(&["init", root.to_str().unwrap()]);
    assert_eq!(code(&again), 2);
    assert!(stderr(&again).contains("--force"));
    assert_eq!(std::fs::read_to_string(root.join(FILE)).unwrap(), "# mine\n");
    assert_eq!(code(&run(&["init", root.to_str().unwrap(), "--force"])), 0);
    assert_eq!(std::fs::read_to_string(root.join(FILE)).unwrap(), text);
}

#[test]
fn where_there_is_no_cluster_nothing_is_written() {
    let scratch = tempfile::tempdir().unwrap();
    std::fs::write(scratch.path().join("a.yaml"), "a: 1\n").unwrap();
    assert_eq!(code(&run(&["init", scratch.path().to_str().unwrap()])), 3);
    assert!(!scratch.path().join(FILE).exists());
}

#[cfg(unix)]
#[test]
fn a_link_does_not_lead_the_configuration_out_of_the_repository() {
    let scratch = tempfile::tempdir().unwrap();
    let root = scratch.path().join("repository");
    copy(&common::project().join("testdata/fleets/duplicate-id"), &root);
    let outside = scratch.path().join("outside");
    std::fs::write(&outside, "mine").unwrap();
    std::os::unix::fs::symlink(&outside, root.join(FILE)).unwrap();
    for arguments in [&["init"][..], &["init", "--force"]] {
        let arguments = [arguments, &[root.to_str().unwrap()]].concat();
        assert_eq!(code(&run(&arguments)), 2);
        assert_eq!(std::fs::read_to_string(&outside).unwrap(), "mine");
    }
}

fn copy(from: &Path, to: &Path) {
    for entry in walkdir::WalkDir::new(from) {
        let entry = entry.unwrap();
        let target = to.join(entry.path().strip_prefix(from).unwrap());
        if entry.file_type().is_dir() {
            std::fs::create_dir_all(target).unwrap();
        } else {
            std::fs::copy(entry.path(), target).unwrap();
        }
    }
}
