//! The modules form a line (docs/architecture.md): each imports only from those before it.
#![allow(missing_docs, clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod common;

use std::path::{Path, PathBuf};

/// From the ground floor up.
const LINE: [&str; 12] = [
    "source",
    "finding",
    "yaml",
    "kustomize",
    "flux",
    "mesh",
    "rules",
    "sink",
    "report",
    "engine",
    "config",
    "cli",
];

fn sources(directory: &Path) -> Vec<PathBuf> {
    let entries = walkdir::WalkDir::new(directory)
        .sort_by_file_name()
        .into_iter()
        .map(Result::unwrap);
    entries
        .map(|entry| entry.into_path())
        .filter(|path| path.extension().is_some_and(|end| end == "rs"))
        .collect()
}

/// The module of the library that a file belongs to.
fn module(path: &Path) -> Option<usize> {
    let below = path.strip_prefix(common::project().join("src")).unwrap();
    let first = below
        .iter()
        .next()
        .unwrap()
        .to_str()
        .unwrap()
        .trim_end_matches(".rs");
    LINE.iter().position(|name| *name == first)
}

/// What is named behind `crate::` in a line of code.
fn imports(line: &str) -> Vec<&str> {
    let code = line.split("//").next().unwrap_or_default();
    let names = code.split("crate::").skip(1);
    names
        .map(|rest| {
            rest.split(|c: char| !c.is_alphanumeric() && c != '_')
                .next()
                .unwrap_or_default()
        })
        .collect()
}

fn is_test(path: &Path) -> bool {
    path.iter().any(|part| part == "tests" || part == "tests.rs")
}

#[test]
fn modules_import_only_from_those_before_them() {
    let mut wrong = Vec::new();
    for path in sources(&common::project().join("src")) {
        let Some(at) = module(&path).filter(|_| !is_test(&path)) else {
            continue;
        };
        let text = std::fs::read_to_string(&path).unwrap();
        let code = text.split("#[cfg(test)]").next().unwrap();
        for (number, line) in code.lines().enumerate() {
            for name in imports(line) {
                match LINE.iter().position(|module| *module == name) {
                    Some(other) if other <= at => {}
                    _ => wrong.push(format!("{}:{}: {}", path.display(), number + 1, line.trim())),
                }
            }
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[test]
fn every_module_has_its_place_in_the_line() {
    let library = std::fs::read_to_string(common::project().join("src/lib.rs")).unwrap();
    let declared = library
        .lines()
        .filter_map(|line| line.strip_prefix("pub mod ")?.strip_suffix(';'));
    let mut declared: Vec<&str> = declared.collect();
    let mut line = LINE.to_vec();
    declared.sort_unstable();
    line.sort_unstable();
    assert_eq!(declared, line);
}

#[test]
fn no_file_is_longer_than_can_be_read_at_once() {
    let long: Vec<String> = sources(&common::project().join("src"))
        .into_iter()
        .filter(|path| !is_test(path))
        .filter_map(|path| {
            let lines = std::fs::read_to_string(&path).unwrap().lines().count();
            (lines > 600).then(|| format!("{} has {lines} lines", path.display()))
        })
        .collect();
    assert!(long.is_empty(), "{long:#?}");
}

#[test]
fn only_the_source_module_reads_the_disk() {
    let allowed = [
        "source/disk.rs",
        "source/git.rs",
        "cli/repository.rs",
        "cli/output.rs",
        "cli/init.rs",
    ];
    let readers: Vec<PathBuf> = sources(&common::project().join("src"))
        .into_iter()
        .filter(|path| !is_test(path) && !allowed.iter().any(|name| path.ends_with(name)))
        .filter(|path| {
            let text = std::fs::read_to_string(path).unwrap();
            let code = text.split("#[cfg(test)]").next().unwrap();
            ["std::fs", "File::open", "std::net::Tcp", "process::Command"]
                .iter()
                .any(|word| code.contains(word))
        })
        .collect();
    assert!(readers.is_empty(), "{readers:#?}");
}
