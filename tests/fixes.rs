//! Faults that people repaired in public repositories: named before the repair, and no longer after it.
//!
//! Runs when `MESHLINT_FIXES` names a table of such commits and `MESHLINT_HISTORIES` a directory of Git repositories
//! (`<repo>`, `<repo>/repo` or `<repo>.git`, bare or not). The table has tab-separated columns with a header line, of which
//! `repo`, `parent_commit`, `fix_commit`, `file` (the file that held the fault) and `rule` (what kind of fault it was) are
//! read. Nothing of either is kept but what became of each row, in `tests/fixes.txt`.
#![allow(missing_docs, clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod common;

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::io::{BufRead, BufReader, Read, Write};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use meshlint::engine::{self, RunOptions};
use meshlint::source::SourceMap;

/// The kinds of faults in the table, and the rules that name them.
const RULES: &[(&str, &[&str])] = &[
    ("cidr-format", &["malformed-cidr"]),
    ("components-missing", &["kustomize-build-failed"]),
    (
        "crd-unknown-field",
        &["unknown-cilium-field", "unknown-flux-field"],
    ),
    ("dependson-missing-edge", &["missing-dependency-edge"]),
    ("dependson-target-missing", &["missing-dependency"]),
    ("dependson-wrong-namespace", &["missing-dependency"]),
    ("duplicate-lb-ip", &["duplicate-lb-ip"]),
    (
        "duplicate-resource-in-cluster",
        &["duplicate-object", "kustomize-build-failed"],
    ),
    ("kustomization-resource-missing", &["kustomize-build-failed"]),
    ("parentref-missing", &["missing-config-reference"]),
    ("path-missing", &["missing-path"]),
    ("removed-api-version", &["deprecated-api-version"]),
    ("sourceref-missing", &["missing-source"]),
    ("storeref-missing", &["missing-config-reference"]),
    (
        "substitution-malformed",
        &["malformed-substitution", "undefined-variable"],
    ),
    ("substitution-undefined", &["undefined-variable"]),
];

/// What became of a row.
enum Verdict {
    /// The rule names it in its file, and not any more after the repair.
    Named(&'static str),
    /// The rule names it, but in the file where another part of the same fault stands, and not any more after the repair.
    NamedIn(&'static str, String),
    /// The rule still says the same after the repair.
    Stays(&'static str),
    NotNamed,
}

/// A finding, as far as it matters here.
#[derive(PartialEq, Eq, PartialOrd, Ord)]
struct Told {
    rule: &'static str,
    message: String,
    files: BTreeSet<String>,
    primary: String,
}

#[test]
#[cfg_attr(
    not(all(meshlint_fixes, meshlint_histories)),
    ignore = "MESHLINT_FIXES and MESHLINT_HISTORIES are not set"
)]
fn repaired_faults_are_named_before_and_gone_after() {
    let histories = common::outside("MESHLINT_HISTORIES");
    let table = std::fs::read_to_string(common::outside("MESHLINT_FIXES")).expect("the table can be read");
    let mut lines = table.lines();
    let columns: Vec<&str> = lines.next().expect("a header line").split('\t').collect();
    let mut out = String::new();
    let mut named = 0;
    let mut rows = 0;
    for line in lines.filter(|line| !line.trim().is_empty()) {
        let row: BTreeMap<&str, &str> = columns.iter().copied().zip(line.split('\t')).collect();
        let verdict = judge(&histories, &row);
        rows += 1;
        named += usize::from(matches!(verdict, Verdict::Named(_) | Verdict::NamedIn(..)));
        let what = match verdict {
            Verdict::Named(rule) => rule.to_owned(),
            Verdict::NamedIn(rule, file) => format!("{rule} in {file}"),
            Verdict::Stays(rule) => format!("{rule}, also after the repair"),
            Verdict::NotNamed => "not named".to_owned(),
        };
        writeln!(out, "{rows:>3} {} {:.7}: {what}", row["repo"], row["fix_commit"]).unwrap();
    }
    writeln!(out, "{named} of {rows}").unwrap();
    let path = common::project().join("tests/fixes.txt");
    let current = std::fs::read_to_string(&path).unwrap_or_default();
    common::check_generated(&path, &current, &out);
}

fn judge(histories: &Path, row: &BTreeMap<&str, &str>) -> Verdict {
    let (_, rules) = RULES
        .iter()
        .find(|(kind, _)| row["rule"].starts_with(kind))
        .unwrap_or_else(|| panic!("no rule is known for `{}`", row["rule"]));
    let history = history(histories, row["repo"]);
    let before = check(&history, row["parent_commit"], rules);
    let after = check(&history, row["fix_commit"], rules);
    let is_gone_from = |told: &Told, file: &str| {
        !after.iter().any(|later| {
            (later.rule, &later.message) == (told.rule, &told.message) && later.files.contains(file)
        })
    };
    let file = row["file"];
    let mut in_file: Vec<&Told> = before.iter().filter(|told| told.files.contains(file)).collect();
    let stays = in_file.first().map(|told| told.rule);
    in_file.retain(|told| is_gone_from(told, file));
    // One fault in many files, of which the table names one: only what the repair ended counts.
    let mut elsewhere = before.iter().filter(|told| is_gone_from(told, &told.primary));
    match (in_file.first(), stays, elsewhere.next()) {
        (Some(told), _, _) => Verdict::Named(told.rule),
        (None, Some(rule), _) => Verdict::Stays(rule),
        (None, None, Some(told)) => Verdict::NamedIn(told.rule, told.primary.clone()),
        (None, None, None) => Verdict::NotNamed,
    }
}

fn history(histories: &Path, repository: &str) -> PathBuf {
    let places = [
        repository.to_owned(),
        format!("{repository}/repo"),
        format!("{repository}/.git"),
        format!("{repository}.git"),
    ];
    let found = places
        .iter()
        .map(|place| histories.join(place))
        .find(|path| path.join("objects").is_dir());
    found.unwrap_or_else(|| panic!("no Git repository for `{repository}`"))
}

/// The findings of these rules at a commit.
fn check(history: &Path, commit: &str, rules: &[&str]) -> Vec<Told> {
    let sources = SourceMap::from_memory(files(history, commit));
    let run = engine::check(&sources, &RunOptions::default());
    let findings = run.outcome.findings.iter();
    let mut told: Vec<Told> = findings
        .filter(|one| rules.contains(&one.rule.name))
        .map(|one| {
            let path = |file| sources.file(file).path().to_string();
            Told {
                rule: one.rule.name,
                message: one.finding.message.clone(),
                files: one
                    .finding
                    .labels
                    .iter()
                    .map(|label| path(label.span.file))
                    .collect(),
                primary: path(one.finding.primary().span.file),
            }
        })
        .collect();
    told.sort();
    told
}

/// The files of a commit. Symbolic links are left out.
fn files(history: &Path, commit: &str) -> Vec<(String, Vec<u8>)> {
    let list = git(history)
        .args(["ls-tree", "-r", "-z", commit])
        .output()
        .expect("git runs");
    assert!(
        list.status.success(),
        "{} has no commit {commit}",
        history.display()
    );
    let list = String::from_utf8_lossy(&list.stdout).into_owned();
    let mut process = git(history)
        .args(["cat-file", "--batch"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .expect("git runs");
    let mut questions = process.stdin.take().unwrap();
    let mut answers = BufReader::new(process.stdout.take().unwrap());
    let mut found = Vec::new();
    for (about, path) in list.split('\0').filter_map(|line| line.split_once('\t')) {
        let ["100644" | "100755", "blob", id] = about.split(' ').collect::<Vec<_>>()[..] else {
            continue;
        };
        writeln!(questions, "{id}").unwrap();
        let mut header = String::new();
        answers.read_line(&mut header).unwrap();
        // A clone may be without large files. Their paths still exist.
        let size: Option<usize> = header
            .split_whitespace()
            .nth(2)
            .and_then(|size| size.parse().ok());
        let mut bytes = vec![0; size.map_or(0, |size| size + 1)];
        answers.read_exact(&mut bytes).unwrap();
        bytes.pop();
        found.push((path.to_owned(), bytes));
    }
    drop(questions);
    process.wait().unwrap();
    found
}

fn git(history: &Path) -> Command {
    let mut command = Command::new("git");
    command.arg("--git-dir").arg(history);
    command
}
