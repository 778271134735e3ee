//! A layout held against what it says.

use std::collections::BTreeMap;
use std::fmt;

use meshlint::engine::{self, RunOptions};
use meshlint::finding::Severity;
use meshlint::source::SourceMap;
use serde_json::Value;

use crate::common;
use crate::common::fleet::Files;
use crate::layout::{Cluster, Fault, Layout};

/// A row of the table.
pub struct Row {
    name: String,
    /// Whether the layout is listed as one of which nothing needs to hold yet.
    all_pending: bool,
    pub outcomes: Vec<Outcome>,
}

/// What came of one check.
pub struct Outcome {
    pub check: String,
    /// What is wrong; nothing when it holds.
    wrong: Option<String>,
    pending: bool,
}

impl Row {
    pub fn of(layout: &Layout) -> Self {
        let all_pending = layout.pending.iter().any(|one| one == "everything");
        let pending = |check: &String| all_pending || layout.pending.contains(check);
        let outcome = |check: String, wrong: Option<String>| Outcome {
            pending: pending(&check),
            check,
            wrong,
        };
        let mut outcomes = vec![
            outcome("silent".to_owned(), loud(&layout.files)),
            outcome("clusters".to_owned(), clusters(layout)),
        ];
        outcomes.extend(
            layout
                .fault
                .iter()
                .map(|fault| outcome(fault.check(), unnamed(fault, &layout.files))),
        );
        Self {
            name: layout.name.clone(),
            all_pending,
            outcomes,
        }
    }

    pub fn held(&self) -> usize {
        self.outcomes.iter().filter(|one| one.wrong.is_none()).count()
    }

    /// What does not hold, and what holds although it is listed as pending.
    pub fn broken(&self) -> Vec<String> {
        let name = &self.name;
        let word = |one: &Outcome| match (&one.wrong, one.pending) {
            (Some(wrong), false) => Some(format!("{name}: {}: {wrong}", one.check)),
            (None, true) if !self.all_pending => {
                Some(format!("{name}: {} holds, pending no more", one.check))
            }
            _ => None,
        };
        let mut broken: Vec<String> = self.outcomes.iter().filter_map(word).collect();
        if self.all_pending && self.held() == self.outcomes.len() {
            broken.push(format!("{name}: everything holds, pending no more"));
        }
        broken
    }
}

impl fmt::Display for Row {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:3}/{:<3} {}", self.held(), self.outcomes.len(), self.name)?;
        for one in self.outcomes.iter().filter(|one| one.wrong.is_some()) {
            write!(f, "\n        pending: {}", one.check)?;
        }
        Ok(())
    }
}

/// A finding, told by its rule and all its places.
struct Found {
    rule: &'static str,
    places: Vec<(String, usize)>,
    message: String,
}

fn check(files: &Files) -> Vec<Found> {
    let sources = SourceMap::from_memory(files.clone());
    let run = engine::check(&sources, &RunOptions::default());
    let loud = run
        .outcome
        .findings
        .iter()
        .filter(|one| matches!(one.severity, Severity::Error | Severity::Warning));
    loud.map(|one| Found {
        rule: one.rule.name,
        places: one
            .finding
            .labels
            .iter()
            .map(|label| {
                let file = sources.file(label.span.file);
                (file.path().to_string(), file.line_column(label.span.start).line)
            })
            .collect(),
        message: one.finding.message.clone(),
    })
    .collect()
}

fn list(found: &[Found]) -> String {
    let words = found.iter().map(|one| {
        let places = one.places.iter().map(|(path, line)| format!("{path}:{line}"));
        format!(
            "\n    {} {} ({})",
            one.rule,
            places.collect::<Vec<_>>().join(" "),
            one.message
        )
    });
    words.collect()
}

/// Errors and warnings about files that have no fault.
fn loud(files: &Files) -> Option<String> {
    let found = check(files);
    (!found.is_empty()).then(|| list(&found))
}

/// Whether the fault is not named on its line.
fn unnamed(fault: &Fault, files: &Files) -> Option<String> {
    let (files, path, line) = fault.plant(files);
    let found = check(&files);
    let is_it = |one: &Found| one.rule == fault.rule && one.places.contains(&(path.clone(), line));
    (!found.iter().any(is_it)).then(|| format!("not named at {path}:{line}, but{}", list(&found)))
}

/// What `meshlint clusters` shows otherwise than the layout says.
fn clusters(layout: &Layout) -> Option<String> {
    let shown = shown(&layout.files);
    let names: Vec<&str> = shown.keys().map(String::as_str).collect();
    let mut wanted: Vec<&str> = layout.cluster.iter().map(|one| one.name.as_str()).collect();
    wanted.sort_unstable();
    if names != wanted {
        return Some(format!("shows {names:?}, not {wanted:?}"));
    }
    let wrong: Vec<String> = layout
        .cluster
        .iter()
        .flat_map(|cluster| different(cluster, &shown[&cluster.name]))
        .collect();
    (!wrong.is_empty()).then(|| wrong.join("; "))
}

fn different(cluster: &Cluster, shown: &Value) -> Vec<String> {
    let facts = cluster.facts.iter().filter_map(|(fact, wanted)| {
        let values = shown["facts"][fact]["values"].as_array();
        let values: Vec<&str> = values.into_iter().flatten().filter_map(Value::as_str).collect();
        let found = values.join(", ");
        (found != *wanted).then(|| format!("{} has {fact} `{found}`, not `{wanted}`", cluster.name))
    });
    facts.collect()
}

/// The clusters of the JSON output by name.
fn shown(files: &Files) -> BTreeMap<String, Value> {
    let directory = tempfile::tempdir().expect("a directory can be made");
    for (path, text) in files {
        let path = directory.path().join(path);
        std::fs::create_dir_all(path.parent().expect("a file has a directory")).expect("it can be made");
        std::fs::write(path, text).expect("the file can be written");
    }
    let path = directory.path().to_str().expect("a path that is text");
    let output = common::run(&["clusters", "--format", "json", path]);
    let Ok(Value::Object(document)) = serde_json::from_slice(&output.stdout) else {
        return BTreeMap::new();
    };
    let clusters = document["clusters"].as_array().cloned().unwrap_or_default();
    let named = clusters
        .into_iter()
        .map(|one| (one["name"].as_str().unwrap_or_default().to_owned(), one));
    named.collect()
}
