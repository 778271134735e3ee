//! Small repositories made after public reports of wrong meshes: the fault is named at its line, the corrected one is silent.
//!
//! Runs when `MESHLINT_CASES` names a folder of cases. Each is a folder, named by a number and what it is about, with `case.json`
//! (of which `expected_path` and `expected_line` are read), `bad/` and `good/`. Nothing of them is kept but which rules fit.
#![allow(missing_docs, clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use std::path::{Path, PathBuf};

use meshlint::engine::{self, RunOptions};
use meshlint::finding::Severity;
use meshlint::source::SourceMap;

/// The rules that name the fault of a case, by its number.
const FITTING: &[(&str, &[&str])] = &[
    ("01", &["missing-kvstoremesh-secret"]),
    ("05", &["missing-bgp-reference"]),
    ("07", &["bgp-advertises-nothing"]),
    ("08", &["service-without-pool"]),
    ("08b", &["service-without-pool"]),
    ("11", &["policy-needs-namespace"]),
    ("13", &["policy-shuts-out-peers"]),
    ("14", &["policy-cidr-of-nodes"]),
    ("16", &["misspelt-annotation"]),
    ("17", &["peer-name-not-in-certificate"]),
    ("20", &["removed-mesh-value"]),
    ("21", &["identity-labels-without-cluster"]),
    ("22", &["missing-cluster-id"]),
    ("23", &["malformed-peer"]),
    ("24", &["duplicate-object"]),
    ("26", &["annotation-not-a-string"]),
    ("29", &["cidr-kind-overlap"]),
    ("30", &["removed-mesh-value"]),
    ("32", &["deprecated-api-version"]),
    ("33", &["deprecated-api-version"]),
    ("34", &["unknown-cilium-field"]),
    ("35", &["apiserver-exposure"]),
    ("36", &["pod-cidr-overlap"]),
    ("37", &["duplicate-cluster-id"]),
    ("38", &["unsupported-with-mesh"]),
    ("39", &["unsupported-with-mesh"]),
    ("40", &["unknown-flux-field"]),
    ("42", &["unknown-mesh-value"]),
    ("43", &["deprecated-api-version"]),
    ("45", &["malformed-substitution"]),
    ("46", &["substitution-changes-type"]),
    ("48", &["duplicate-cluster-id"]),
    ("49", &["unknown-mesh-value"]),
    ("51", &["missing-remote-users"]),
    ("52", &["pod-cidr-overlap"]),
    ("53", &["service-cidr-overlap"]),
    ("54", &["unresolvable-service-name"]),
    ("56", &[]),
    ("57", &["unknown-cilium-field"]),
    ("59", &["plaintext-mesh-key"]),
    ("60", &["policy-needs-cluster-label"]),
    ("61", &["duplicate-lb-ip"]),
];

/// Cases that are not right yet: none. A new one starts here.
const OPEN: &[&str] = &[];

#[derive(serde::Deserialize)]
struct Case {
    expected_path: Option<String>,
    expected_line: Option<usize>,
}

/// An error or a warning, with the places of its labels, the one to edit first.
struct Told {
    rule: &'static str,
    places: Vec<(String, usize)>,
}

impl Told {
    fn text(&self) -> String {
        let (path, line) = &self.places[0];
        format!("{} {path}:{line}", self.rule)
    }
}

#[test]
#[cfg_attr(not(meshlint_cases), ignore = "MESHLINT_CASES is not set")]
fn reported_faults_are_named_at_their_line_and_corrections_are_silent() {
    let folder = std::env::var_os("MESHLINT_CASES")
        .map(PathBuf::from)
        .expect("MESHLINT_CASES is set");
    let mut cases: Vec<PathBuf> = std::fs::read_dir(&folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.join("case.json").is_file())
        .collect();
    cases.sort();
    assert!(!cases.is_empty(), "MESHLINT_CASES holds no case");
    let mut wrong = Vec::new();
    for path in &cases {
        let name = path.file_name().unwrap().to_str().unwrap();
        let number = name.split('-').next().unwrap();
        let faults = judge(path, number);
        let is_open = OPEN.contains(&number);
        let word = if faults.is_empty() { "named" } else { "open" };
        println!("{word:5} {name}");
        for fault in &faults {
            println!("      {fault}");
        }
        if !faults.is_empty() && !is_open {
            wrong.push(name.to_owned());
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

/// What is not as it should be with a case.
fn judge(path: &Path, number: &str) -> Vec<String> {
    let text = std::fs::read_to_string(path.join("case.json")).unwrap();
    let case: Case = serde_json::from_str(&text).unwrap();
    let (_, fitting) = FITTING
        .iter()
        .find(|(of, _)| *of == number)
        .unwrap_or_else(|| panic!("no rule is known for {}", path.display()));
    let bad = told(&path.join("bad"));
    let mut faults = Vec::new();
    if let (Some(path), Some(line)) = (case.expected_path, case.expected_line) {
        let place = (path, line);
        let is_named = |one: &Told| fitting.contains(&one.rule) && one.places.contains(&place);
        if !bad.iter().any(is_named) {
            faults.push(format!("nothing at {}:{}", place.0, place.1));
        }
    }
    let beside = bad.iter().filter(|one| !fitting.contains(&one.rule));
    faults.extend(beside.map(|one| format!("beside it {}", one.text())));
    let good = told(&path.join("good"));
    faults.extend(good.iter().map(|one| format!("corrected, still {}", one.text())));
    faults
}

fn told(repository: &Path) -> Vec<Told> {
    let sources = SourceMap::open(repository).unwrap();
    let run = engine::check(&sources, &RunOptions::default());
    let loud = run
        .outcome
        .findings
        .iter()
        .filter(|one| one.severity >= Severity::Warning);
    loud.map(|one| {
        let places = one.finding.labels.iter().map(|label| {
            let file = sources.file(label.span.file);
            let line = file.line_column(label.span.start).line;
            (file.path().to_string(), line)
        });
        Told {
            rule: one.rule.name,
            places: places.collect(),
        }
    })
    .collect()
}
