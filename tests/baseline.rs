//! `--baseline` and `--write-baseline`: what an old repository has already is not reported.
#![allow(missing_docs, clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod common;

use std::path::PathBuf;
use std::process::Output;

use common::fleet::{self, Files};
use common::{code, meshlint, schema, stderr, stdout};
use serde_json::Value;

const SETTINGS: &str = "clusters/apps/cluster-settings.yaml";

/// A repository on disk, for one test.
struct Repository {
    root: PathBuf,
    files: Files,
    /// Takes the files away when the test is over.
    _scratch: tempfile::TempDir,
}

impl Repository {
    /// A fleet with two faults: an id that two clusters have, and a field that kustomize replaced.
    fn new() -> Self {
        let scratch = tempfile::tempdir().unwrap();
        let root = scratch.path().canonicalize().unwrap().join("fleet");
        std::fs::create_dir_all(root.join(".git")).unwrap();
        let mut files = fleet::read("duplicate-id");
        let kustomization = "infrastructure/cilium/app/kustomization.yaml";
        files
            .get_mut(kustomization)
            .unwrap()
            .push_str("commonLabels:\n  team: network\n");
        let repository = Self {
            root,
            files: Files::new(),
            _scratch: scratch,
        };
        let mut repository = repository;
        repository.set(files);
        repository
    }

    fn set(&mut self, files: Files) {
        for path in self.files.keys().filter(|path| !files.contains_key(*path)) {
            std::fs::remove_file(self.root.join(path)).unwrap();
        }
        for (path, text) in &files {
            let path = self.root.join(path);
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(path, text).unwrap();
        }
        self.files = files;
    }

    fn edit(&mut self, path: &str, from: &str, to: &str) {
        let mut files = self.files.clone();
        fleet::replace(&mut files, path, from, to);
        self.set(files);
    }

    fn check(&self, arguments: &[&str]) -> Output {
        meshlint()
            .current_dir(&self.root)
            .arg("check")
            .args(arguments)
            .output()
            .unwrap()
    }

    /// Exit status and findings with the baseline.
    fn concise(&self, arguments: &[&str]) -> (i32, Vec<String>) {
        let mut all = vec!["--format", "concise", "--baseline", "known.json"];
        all.extend(arguments);
        let output = self.check(&all);
        let lines = stdout(&output).lines().map(str::to_owned).collect();
        (code(&output), lines)
    }

    fn write(&self, arguments: &[&str]) -> Output {
        let mut all = vec!["--write-baseline", "known.json"];
        all.extend(arguments);
        let output = self.check(&all);
        assert_eq!(code(&output), 0, "{}", stderr(&output));
        assert_eq!(stdout(&output), "");
        output
    }

    fn baseline(&self) -> Value {
        serde_json::from_str(&std::fs::read_to_string(self.root.join("known.json")).unwrap()).unwrap()
    }

    fn rules(&self) -> Vec<String> {
        let baseline = self.baseline();
        let findings = baseline["findings"].as_array().unwrap();
        findings
            .iter()
            .map(|one| one["rule"].as_str().unwrap().to_owned())
            .collect()
    }
}

const NOTHING: (i32, Vec<String>) = (0, Vec::new());
const BOTH: [&str; 2] = ["duplicate-cluster-id", "deprecated-kustomize-field"];

#[test]
fn what_is_in_the_baseline_is_counted_and_not_reported() {
    let repository = Repository::new();
    assert_eq!(code(&repository.check(&["--format", "concise"])), 1);
    let written = repository.write(&[]);
    assert_eq!(
        stderr(&written),
        "meshlint: wrote `known.json` with 2 findings (2 added, 0 dropped)\n"
    );
    assert_eq!(repository.rules(), BOTH);
    assert_eq!(repository.concise(&["--fail-on", "info"]), NOTHING);
    let json = repository.check(&["--baseline", "known.json", "--format", "json"]);
    let json: Value = serde_json::from_str(&stdout(&json)).unwrap();
    assert_eq!(json["findings"], Value::Array(Vec::new()));
    assert_eq!(json["summary"]["suppressed"], 2);
    assert_eq!(json["summary"]["errors"], 0);
}

#[test]
fn the_file_follows_its_schema_and_is_the_same_every_time() {
    let repository = Repository::new();
    repository.write(&[]);
    let schema = schema::ours("meshlint-baseline-v1.json");
    assert_eq!(schema::faults(&schema, &repository.baseline()), [""; 0]);
    let first = std::fs::read_to_string(repository.root.join("known.json")).unwrap();
    let again = repository.write(&["--threads", "1"]);
    assert!(stderr(&again).contains("(0 added, 0 dropped)"));
    assert_eq!(
        std::fs::read_to_string(repository.root.join("known.json")).unwrap(),
        first
    );
    // One finding a line.
    assert_eq!(first.lines().count(), 5 + 2);
}

#[test]
fn what_is_added_is_reported_in_every_format_with_one_exit_status() {
    let mut repository = Repository::new();
    repository.write(&[]);
    repository.edit(SETTINGS, "10.65.0.0/16", "10.64.0.0/16");
    let (status, lines) = repository.concise(&[]);
    assert_eq!((status, lines.len()), (1, 1), "{lines:?}");
    assert!(lines[0].contains("error[pod-cidr-overlap]"), "{lines:?}");
    for format in common::formats() {
        let output = repository.check(&["--baseline", "known.json", "--format", format]);
        assert_eq!(code(&output), 1, "{format}");
        let text = stdout(&output);
        assert!(text.contains("give their pods addresses"), "{format}: {text}");
        assert!(!text.contains("both have cluster id"), "{format}: {text}");
    }
}

#[test]
fn moved_and_rewritten_lines_are_not_new() {
    let mut repository = Repository::new();
    repository.write(&[]);
    repository.edit(SETTINGS, "CLUSTER_ID: \"1\"", "# a word\n  \n  CLUSTER_ID: '1'");
    repository.edit(
        "infrastructure/cilium/app/kustomization.yaml",
        "commonLabels:",
        "\n\n\"commonLabels\":",
    );
    assert_eq!(repository.concise(&["--fail-on", "info"]), NOTHING);
}

#[test]
fn renamed_files_are_not_new() {
    let mut repository = Repository::new();
    repository.write(&[]);
    let moved = |path: &str| {
        path.replace("infrastructure/", "platform/")
            .replace("cluster-settings.yaml", "the-settings.yaml")
    };
    let files = repository.files.iter().map(|(path, text)| {
        let text = text
            .replace("./infrastructure", "./platform")
            .replace("cluster-settings.yaml", "the-settings.yaml");
        (moved(path), text)
    });
    let files: Files = files.collect();
    assert!(files.contains_key("platform/cilium/app/kustomization.yaml"));
    repository.set(files);
    assert_eq!(repository.concise(&["--fail-on", "info"]), NOTHING);
}

#[test]
fn the_same_fault_elsewhere_is_new_where_the_old_one_was_mended() {
    let mut repository = Repository::new();
    repository.write(&[]);
    repository.edit(
        "infrastructure/cilium/app/kustomization.yaml",
        "commonLabels:\n  team: network\n",
        "",
    );
    let other = "services/catalogue/kustomization.yaml";
    let mut files = repository.files.clone();
    files
        .get_mut(other)
        .unwrap()
        .push_str("commonLabels:\n  team: network\n");
    repository.set(files);
    let (_, lines) = repository.concise(&[]);
    assert_eq!(lines.len(), 1, "{lines:?}");
    assert!(lines[0].starts_with(other), "{lines:?}");
}

#[test]
fn of_several_alike_the_one_that_was_added_is_reported() {
    let mut repository = Repository::new();
    repository.write(&[]);
    // Before the old one in the order of paths.
    let other = "clusters/apps/kustomization.yaml";
    assert!(
        repository.files.contains_key(other),
        "{:?}",
        repository.files.keys()
    );
    let mut files = repository.files.clone();
    files
        .get_mut(other)
        .unwrap()
        .push_str("commonLabels:\n  team: network\n");
    repository.set(files);
    let (_, lines) = repository.concise(&[]);
    assert_eq!(lines.len(), 1, "{lines:?}");
    assert!(lines[0].starts_with(other), "{lines:?}");
}

#[test]
fn stale_entries_are_told_and_dropped_when_asked() {
    let mut repository = Repository::new();
    repository.write(&[]);
    repository.edit(SETTINGS, "CLUSTER_ID: \"1\"", "CLUSTER_ID: \"2\"");
    repository.edit(SETTINGS, "10.65.0.0/16", "10.64.0.0/16");
    let output = repository.check(&["--baseline", "known.json", "--format", "concise"]);
    assert_eq!(code(&output), 1);
    let told = stderr(&output);
    assert!(told.contains("one entry of the baseline is stale"), "{told}");
    assert!(told.contains("duplicate-cluster-id: clusters"), "{told}");
    assert!(
        told.contains("--baseline known.json --write-baseline known.json"),
        "{told}"
    );
    let quiet = repository.check(&["--baseline", "known.json", "--format", "concise", "--quiet"]);
    assert_eq!(stderr(&quiet), "");

    // Dropping takes nothing in: what is new is reported as ever.
    let (status, lines) = repository.concise(&["--write-baseline", "known.json"]);
    assert_eq!((status, lines.len()), (1, 1), "{lines:?}");
    assert_eq!(repository.rules(), ["deprecated-kustomize-field"]);
    let after = repository.check(&["--baseline", "known.json", "--format", "concise"]);
    assert_eq!((code(&after), stderr(&after)), (1, String::new()));

    let written = repository.write(&[]);
    assert!(
        stderr(&written).contains("(1 added, 0 dropped)"),
        "{}",
        stderr(&written)
    );
    assert_eq!(repository.concise(&["--fail-on", "info"]), NOTHING);
}

#[test]
fn what_a_filter_hides_is_not_stale_and_stays_in_the_file() {
    let repository = Repository::new();
    repository.write(&[]);
    for filter in [
        ["--select", "kustomize"],
        ["--ignore", "duplicate-cluster-id"],
        ["--select", "missing-path"],
    ] {
        let mut all = vec!["--baseline", "known.json", "--format", "concise"];
        all.extend(filter);
        let output = repository.check(&all);
        assert_eq!((code(&output), stderr(&output)), (0, String::new()), "{filter:?}");
        repository.write(&filter);
        assert_eq!(repository.rules(), BOTH, "{filter:?}");
    }
}

#[test]
fn a_cluster_that_leaves_makes_nothing_new_and_one_that_joins_does() {
    let mut repository = Repository::new();
    repository.write(&[]);
    let all = repository.files.clone();
    let one: Files = all
        .iter()
        .filter(|(path, _)| !path.starts_with("clusters/apps/"))
        .map(|(path, text)| (path.clone(), text.clone()))
        .collect();
    repository.set(one);
    let (status, lines) = repository.concise(&["--fail-on", "info", "--select", "kustomize"]);
    assert_eq!((status, lines), NOTHING);
    repository.write(&[]);
    repository.set(all);
    let (_, lines) = repository.concise(&["--select", "kustomize"]);
    assert_eq!(lines.len(), 1, "{lines:?}");
}

#[test]
fn a_file_that_is_none_or_not_there_stops_the_run() {
    let repository = Repository::new();
    let refused = |arguments: &[&str]| {
        let output = repository.check(arguments);
        assert_eq!(code(&output), 2, "{arguments:?}");
        stderr(&output)
    };
    let told = refused(&["--baseline", "none.json"]);
    assert!(told.contains("--write-baseline none.json makes one"), "{told}");
    std::fs::write(
        repository.root.join("known.json"),
        "{\n  \"version\": 1,\n  oh\n}\n",
    )
    .unwrap();
    let told = refused(&["--baseline", "known.json"]);
    assert!(
        told.contains("`known.json`") && told.contains("line 3 column 3"),
        "{told}"
    );
    // Nothing is written over a file of another kind.
    let told = refused(&["--write-baseline", SETTINGS]);
    assert!(told.contains("it is no baseline"), "{told}");
    std::fs::write(
        repository.root.join("known.json"),
        "{\"version\": 7, \"findings\": []}",
    )
    .unwrap();
    assert!(refused(&["--baseline", "known.json"]).contains("version 7"));
    refused(&["--write-baseline", "no/such/directory/known.json"]);
    refused(&["--write-baseline", "new.json", "--format", "json"]);
    refused(&["--write-baseline", "new.json", "--stdin-filename", SETTINGS]);
    assert!(!repository.root.join("new.json").exists());
    // What CI hands on for an input that nobody gave.
    assert_eq!(code(&repository.check(&["--baseline", ""])), 1);
}

#[test]
fn the_configuration_may_name_the_file() {
    let repository = Repository::new();
    let configure = |file: &str| {
        let text = format!("baseline = \"{file}\"\n");
        std::fs::write(repository.root.join("meshlint.toml"), text).unwrap();
    };
    repository.write(&[]);
    configure("known.json");
    let output = repository.check(&["--format", "concise", "--fail-on", "info"]);
    assert_eq!((code(&output), stdout(&output)), (0, String::new()));
    // From the root, wherever the program is started.
    let elsewhere = meshlint()
        .current_dir(repository.root.join("clusters"))
        .args(["check", "--format", "concise", "--fail-on", "info"])
        .output()
        .unwrap();
    assert_eq!(code(&elsewhere), 0, "{}", stderr(&elsewhere));
    // The option takes its place.
    std::fs::write(
        repository.root.join("empty.json"),
        "{\"version\": 1, \"findings\": []}",
    )
    .unwrap();
    assert_eq!(code(&repository.check(&["--baseline", "empty.json"])), 1);
    // Writing takes everything in all the same.
    let written = repository.write(&[]);
    assert!(
        stderr(&written).contains("with 2 findings (0 added, 0 dropped)"),
        "{}",
        stderr(&written)
    );
    for (file, said) in [
        ("knwon.json", "did you mean `known.json`?"),
        ("clusters", "is no file"),
    ] {
        configure(file);
        let output = repository.check(&[]);
        assert_eq!(code(&output), 2);
        assert!(stderr(&output).contains(said), "{}", stderr(&output));
    }
}
