//! The shipped fleets as files in memory, to be changed before they are checked.

use std::collections::BTreeMap;
use std::path::Path;

use meshlint::engine::{self, Run, RunOptions};
use meshlint::source::SourceMap;

/// Files by path.
pub type Files = BTreeMap<String, String>;

/// The files of a fleet in `testdata/fleets`.
pub fn read(name: &str) -> Files {
    read_below(&super::project().join("testdata/fleets").join(name))
}

/// All files below a directory.
pub fn read_below(root: &Path) -> Files {
    let entries = walkdir::WalkDir::new(root)
        .into_iter()
        .map(|entry| entry.expect("the fleet can be read"));
    entries
        .filter(|entry| entry.file_type().is_file())
        .map(|entry| {
            let path = entry.path().strip_prefix(root).expect("a path below the root");
            let text = std::fs::read_to_string(entry.path()).expect("a text file");
            (
                path.to_str().expect("a path that is text").replace('\\', "/"),
                text,
            )
        })
        .collect()
}

/// Checks the files with every rule.
pub fn check(files: &Files) -> Run {
    engine::check(&SourceMap::from_memory(files.clone()), &RunOptions::default())
}

/// Rule, fingerprint and message of every finding.
pub fn findings(files: &Files) -> Vec<(String, String, String)> {
    let found = check(files).outcome.findings;
    let row =
        |one: meshlint::sink::Reported| (one.rule.name.to_owned(), one.fingerprint, one.finding.message);
    found.into_iter().map(row).collect()
}

/// Changes one text in one file; it must be there.
pub fn replace(files: &mut Files, path: &str, from: &str, to: &str) {
    let text = files
        .get_mut(path)
        .unwrap_or_else(|| panic!("there is no {path}"));
    assert!(text.contains(from), "{path} does not hold {from:?}");
    *text = text.replace(from, to);
}
