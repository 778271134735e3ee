//! The modules form a line (docs/architecture.md): each imports only from those before it.
#![allow(missing_docs, clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod common;

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

/// From the ground floor up.
const LINE: [&str; 23] = [
    "neutral",
    "budget",
    "source",
    "text",
    "unknown",
    "finding",
    "yaml",
    "policy",
    "kustomize",
    "tables",
    "postbuild",
    "template",
    "helm",
    "flux",
    "fleet",
    "cluster",
    "mesh",
    "rules",
    "sink",
    "report",
    "engine",
    "config",
    "cli",
];

/// The parts of `kustomize`, likewise.
const KUSTOMIZE: [&str; 12] = [
    "error",
    "model",
    "files",
    "schema",
    "resources",
    "fields",
    "kustomization",
    "generate",
    "patch",
    "transform",
    "references",
    "assembly",
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

/// The place in the line of the part of `parent` that a file belongs to.
fn place(path: &Path, parent: &str, line: &[&str]) -> Option<usize> {
    let below = path.strip_prefix(common::project().join(parent)).unwrap();
    let first = below
        .iter()
        .next()
        .unwrap()
        .to_str()
        .unwrap()
        .trim_end_matches(".rs");
    line.iter().position(|name| *name == first)
}

/// What is named behind `prefix` in a line of code.
fn imports<'l>(line: &'l str, prefix: &str) -> Vec<&'l str> {
    let code = line.split("//").next().unwrap_or_default();
    let names = code.split(prefix).skip(1);
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

/// The imports below `parent` that go against the line of its parts.
fn against_the_line(parent: &str, prefix: &str, line: &[&str]) -> Vec<String> {
    let mut wrong = Vec::new();
    for path in sources(&common::project().join(parent)) {
        let Some(at) = place(&path, parent, line).filter(|_| !is_test(&path)) else {
            continue;
        };
        let text = std::fs::read_to_string(&path).unwrap();
        let code = text.split("#[cfg(test)]").next().unwrap();
        for (number, code) in code.lines().enumerate() {
            for name in imports(code, prefix) {
                match line.iter().position(|module| *module == name) {
                    Some(other) if other <= at => {}
                    _ => wrong.push(format!("{}:{}: {}", path.display(), number + 1, code.trim())),
                }
            }
        }
    }
    wrong
}

#[test]
fn modules_import_only_from_those_before_them() {
    let wrong = against_the_line("src", "crate::", &LINE);
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[test]
fn the_parts_of_kustomize_import_only_from_those_before_them() {
    let wrong = against_the_line("src/kustomize", "crate::kustomize::", &KUSTOMIZE);
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[test]
fn every_part_of_kustomize_has_its_place_in_the_line() {
    let mut parts: Vec<String> = declared("src/kustomize/mod.rs", "mod ");
    parts.retain(|name| !name.starts_with("test"));
    let mut line = KUSTOMIZE.to_vec();
    line.sort_unstable();
    assert_eq!(parts, line);
}

#[test]
fn a_file_beside_the_rules_is_a_rule_and_in_the_registry() {
    let rules = common::project().join("src/rules");
    let registry = std::fs::read_to_string(rules.join("registry.rs")).unwrap();
    let mut files = Vec::new();
    for path in sources(&rules) {
        let parts: Vec<&str> = path
            .strip_prefix(&rules)
            .unwrap()
            .iter()
            .map(|part| part.to_str().unwrap())
            .collect();
        match parts[..] {
            [category, file] if file != "mod.rs" => {
                let rule = file.trim_end_matches(".rs");
                files.push(format!("&{category}::{rule}::RULE,"));
            }
            // What rules share, and what a long rule keeps in a directory of its own name.
            [category, directory, ..] if directory != "support" => {
                let rule = rules.join(category).join(directory).with_extension("rs");
                assert!(directory == "mod.rs" || rule.is_file(), "{}", path.display());
            }
            _ => {}
        }
    }
    let mut entries: Vec<&str> = registry
        .lines()
        .map(str::trim)
        .filter(|line| line.starts_with('&') && line.ends_with("::RULE,"))
        .collect();
    entries.sort_unstable();
    files.sort_unstable();
    assert_eq!(files, entries);
}

/// What a category's rules share that a single rule uses so far: tables of what is known of kinds, which belong to `tables`, and
/// what operators and charts may make, which belongs to `cluster`.
const USED_ONCE: [&str; 6] = [
    "api_version_table",
    "api_versions",
    "cilium_shapes",
    "flux_shapes",
    "makers",
    "operators",
];

/// The modules named behind `prefix`, alone or in braces.
fn named_behind(text: &str, prefix: &str) -> BTreeSet<String> {
    let first = |text: &str| -> String {
        let name = text.trim_start().chars();
        name.take_while(|c| c.is_alphanumeric() || *c == '_').collect()
    };
    let names = text.split(prefix).skip(1).flat_map(|rest| {
        let Some(list) = rest.strip_prefix('{') else {
            return vec![first(rest)];
        };
        let (mut depth, mut starts) = (0, vec![0]);
        for (at, c) in list.char_indices() {
            match c {
                '{' => depth += 1,
                '}' if depth == 0 => break,
                '}' => depth -= 1,
                ',' if depth == 0 => starts.push(at + 1),
                _ => {}
            }
        }
        starts.into_iter().map(|start| first(&list[start..])).collect()
    });
    names.filter(|name| !name.is_empty()).collect()
}

#[test]
fn names_behind_a_prefix_are_found() {
    let names = |text| named_behind(text, "support::").into_iter().collect::<Vec<_>>();
    assert_eq!(names("use super::support::a::B;"), ["a"]);
    assert_eq!(
        names("use super::support::{a, b::{c, d}, e::f};\nuse x::y;"),
        ["a", "b", "e"]
    );
    assert_eq!(names("support::a::b(c, d)"), ["a"]);
}

/// The files of a category by the rule, or the shared module, that they belong to.
fn parts_of(directory: &Path) -> BTreeMap<String, String> {
    let mut parts: BTreeMap<String, String> = BTreeMap::new();
    for path in sources(directory) {
        let below = path.strip_prefix(directory).unwrap();
        let first = below.iter().next().unwrap().to_str().unwrap();
        if first != "support" && first != "mod.rs" {
            let text = std::fs::read_to_string(&path).unwrap();
            let text = text.split("#[cfg(test)]").next().unwrap();
            *parts.entry(first.trim_end_matches(".rs").to_owned()).or_default() += text;
        }
    }
    parts
}

fn categories() -> Vec<PathBuf> {
    let rules = std::fs::read_dir(common::project().join("src/rules")).unwrap();
    let directories = rules.map(|entry| entry.unwrap().path());
    directories.filter(|path| path.is_dir()).collect()
}

#[test]
fn what_rules_share_serves_two_of_them() {
    for category in categories() {
        let rules = parts_of(&category);
        let support = category.join("support");
        if !support.is_dir() {
            continue;
        }
        let support = parts_of(&support);
        let uses = |text: &String, name: &str| named_behind(text, "support::").contains(name);
        for name in support.keys().filter(|name| !USED_ONCE.contains(&name.as_str())) {
            // Directly, or by what is shared itself.
            let mut providers = BTreeSet::from([name.as_str()]);
            for _ in 0..support.len() {
                let through = support.iter().filter(|(_, text)| {
                    named_behind(text, "super::")
                        .iter()
                        .any(|one| providers.contains(one.as_str()))
                });
                let through: Vec<&str> = through.map(|(other, _)| other.as_str()).collect();
                providers.extend(through);
            }
            let users: BTreeSet<&str> = rules
                .iter()
                .filter(|(_, text)| providers.iter().any(|provider| uses(text, provider)))
                .map(|(rule, _)| rule.as_str())
                .collect();
            assert!(
                users.len() > 1,
                "{}/support/{name} serves {users:?} only",
                category.display()
            );
        }
    }
}

#[test]
fn no_rule_imports_another() {
    for category in categories() {
        let rules = parts_of(&category);
        for (rule, text) in &rules {
            let code: String = text
                .lines()
                .map(|line| line.split("//").next().unwrap_or_default())
                .collect();
            let mut named = named_behind(&code, "super::");
            for other in categories() {
                let name = other.file_name().unwrap().to_str().unwrap();
                named.extend(named_behind(&code, &format!("rules::{name}::")));
            }
            named.remove(rule);
            let siblings: Vec<_> = named.iter().filter(|name| rules.contains_key(*name)).collect();
            assert!(siblings.is_empty(), "{rule} imports {siblings:?}");
        }
    }
}

/// The modules that a file declares, sorted.
fn declared(file: &str, keyword: &str) -> Vec<String> {
    let text = std::fs::read_to_string(common::project().join(file)).unwrap();
    let names = text
        .lines()
        .filter_map(|line| line.strip_prefix(keyword)?.strip_suffix(';'));
    let mut names: Vec<String> = names.map(str::to_owned).collect();
    names.sort_unstable();
    names
}

#[test]
fn every_module_has_its_place_in_the_line() {
    let mut line = LINE.to_vec();
    line.sort_unstable();
    assert_eq!(declared("src/lib.rs", "pub mod "), line);
}

#[test]
fn no_file_is_longer_than_can_be_read_at_once() {
    let long: Vec<String> = sources(&common::project().join("src"))
        .into_iter()
        .filter(|path| !is_test(path))
        .filter_map(|path| {
            let lines = std::fs::read_to_string(&path).unwrap().lines().count();
            (lines > 550).then(|| format!("{} has {lines} lines", path.display()))
        })
        .collect();
    assert!(long.is_empty(), "{long:#?}");
}

#[test]
fn only_the_source_module_reads_the_disk() {
    let allowed = [
        "source/disk.rs",
        "source/git.rs",
        "source/border.rs",
        "cli/repository.rs",
        "cli/output.rs",
        "cli/init.rs",
        // Asks where links lead.
        "cli/links.rs",
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
