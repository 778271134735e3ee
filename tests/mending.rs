//! `check --fix`: what fixes do to files, and that they mend what they are for.
#![allow(missing_docs, clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod common;

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

use common::found::{outcome, with};
use common::page::{examples, with_cases};
use common::{code, run, stderr, stdout};
use meshlint::finding::Fix;
use meshlint::rules::RULES;
use meshlint::sink::Outcome;
use meshlint::source::SourceMap;

/// The rules that can mend something on their own pages.
const MENDING: &[&str] = &[
    "annotation-not-a-string",
    "copied-cluster-value",
    "deprecated-annotation",
    "deprecated-api-version",
    "kustomize-build-failed",
    "malformed-chart-reference",
    "malformed-ignore",
    "missing-config-reference",
    "missing-health-check-target",
    "missing-namespace",
    "missing-path",
    "missing-source",
    "missing-substitute-source",
    "misspelt-annotation",
    "unknown-cilium-annotation",
    "unknown-cilium-field",
    "unknown-field",
    "unknown-flux-field",
    "unknown-kustomize-field",
    "unknown-mesh-value",
    "unknown-peer",
    "wrong-field-type",
];

fn fingerprints(outcome: &Outcome) -> BTreeSet<String> {
    let all = outcome.findings.iter();
    all.map(|one| format!("{} {} {}", one.rule.name, one.fingerprint, one.finding.message))
        .collect()
}

fn mended(sources: &SourceMap, mut files: BTreeMap<String, String>, fix: &Fix) -> BTreeMap<String, String> {
    for edit in fix.edits.iter().rev() {
        let text = files
            .get_mut(sources.file(edit.span.file).path().as_str())
            .unwrap();
        assert_eq!(&text[edit.span.range()], edit.from);
        text.replace_range(edit.span.range(), &edit.to);
    }
    files
}

#[test]
fn every_fix_of_every_page_mends_its_fault_and_makes_no_other() {
    let (mut faults, mut mending) = (Vec::new(), BTreeMap::new());
    for rule in RULES {
        for example in examples(&with_cases(rule), "Fails") {
            let files = example.repository();
            let sources = SourceMap::from_memory(files.clone());
            let config = with(rule, &sources);
            let before = outcome(&sources, &example, &config);
            for one in before.findings.iter().filter(|one| one.rule.name == rule.name) {
                let Some(fix) = &one.finding.fix else { continue };
                *mending.entry(rule.name).or_insert(0) += 1;
                let sources = SourceMap::from_memory(mended(&sources, files.clone(), fix));
                let after = outcome(&sources, &example, &with(rule, &sources));
                let (before, after) = (fingerprints(&before), fingerprints(&after));
                let title = format!("{}: {}: {}", rule.name, example.title, one.finding.message);
                if after.contains(&format!(
                    "{} {} {}",
                    rule.name, one.fingerprint, one.finding.message
                )) {
                    faults.push(format!("{title}: is still there after {:?}", fix.edits));
                }
                let message = |one: &&String| one.splitn(3, ' ').nth(2).unwrap_or_default().to_owned();
                let known: BTreeSet<String> = before.iter().map(|one| message(&one)).collect();
                let new: Vec<&String> = after
                    .iter()
                    .filter(|one| !known.contains(&message(one)))
                    .collect();
                // A comment that names a rule now may have had nothing to ignore before.
                let is_fault =
                    |one: &&&String| rule.name != "malformed-ignore" || !one.starts_with("unused-ignore ");
                let new: Vec<&&String> = new.iter().filter(is_fault).collect();
                // Further cases of the tests may be wrong in other ways that only show then.
                let is_on_page = rule
                    .page
                    .contains(&format!("### {}\n", example.title.trim_start_matches("Fails: ")))
                    || example.title == "Fails";
                if is_on_page && !new.is_empty() {
                    faults.push(format!("{title}: {new:?} appears"));
                }
            }
        }
    }
    println!("{mending:?}");
    assert!(faults.is_empty(), "{faults:#?}");
    assert_eq!(mending.into_keys().collect::<Vec<_>>(), MENDING);
}

/// A repository with a fault that is mended safely, and one whose fix is a guess.
const FILES: &[(&str, &str)] = &[
    (
        "clusters/main/flux-system/gotk-sync.yaml",
        "apiVersion: source.toolkit.fluxcd.io/v1\nkind: GitRepository\nmetadata:\n  name: flux-system\n  namespace: flux-system\nspec:\n  interval: 1m\n  url: \
         ssh://git@example.org/fleet\n---\napiVersion: kustomize.toolkit.fluxcd.io/v1\nkind: Kustomization\nmetadata:\n  name: flux-system\n  namespace: \
         flux-system\nspec:\n  interval: 10m\n  path: ./clusters/main\n  prune: true\n  sourceRef:\n    kind: GitRepository\n    name: flux-system\n",
    ),
    (
        "clusters/main/web.yaml",
        "# the shop\r\napiVersion: v1\nkind: Service\nmetadata:\n  name: web   # as DNS has it\n  namespace: default\n  annotations: {\"io.cilium/lb-ipam-ips\": \
         10.0.0.9}\nspec:\n    ports: [ {port: 80} ]\n",
    ),
    (
        "clusters/main/shop.yaml",
        "apiVersion: kustomize.toolkit.fluxcd.io/v1\nkind: Kustomization\nmetadata:\n  name: shop\n  namespace: flux-system\nspec:\n  intervall: 10m # often\n  \
         path: ./shop\n  prune: true\n  sourceRef: {kind: GitRepository, name: flux-sytem}\n",
    ),
    (
        "shop/config.yaml",
        "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: shop, namespace: default}\n",
    ),
];

fn repository() -> tempfile::TempDir {
    let scratch = tempfile::tempdir().unwrap();
    fs::create_dir(scratch.path().join(".git")).unwrap();
    for (path, text) in FILES {
        let path = scratch.path().join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }
    scratch
}

fn read(root: &Path) -> Vec<String> {
    FILES
        .iter()
        .map(|(path, _)| fs::read_to_string(root.join(path)).unwrap())
        .collect()
}

fn check(root: &Path, arguments: &[&str]) -> std::process::Output {
    run(&[&["check", root.to_str().unwrap()], arguments].concat())
}

#[test]
fn what_is_safe_is_mended_and_nothing_else_is_touched() {
    let scratch = repository();
    let before = read(scratch.path());
    let output = check(scratch.path(), &["--fix"]);
    assert!(
        stderr(&output).contains("mended 1 finding in 1 file"),
        "{}",
        stderr(&output)
    );
    let after = read(scratch.path());
    assert_eq!(
        after[1],
        before[1].replace("io.cilium/lb-ipam-ips", "lbipam.cilium.io/ips")
    );
    assert_eq!(
        (&after[0], &after[2], &after[3]),
        (&before[0], &before[2], &before[3])
    );
    assert!(stdout(&output).contains("intervall"), "{}", stdout(&output));
    assert!(
        !stdout(&output).contains("deprecated-annotation"),
        "{}",
        stdout(&output)
    );
    let again = check(scratch.path(), &["--fix"]);
    assert!(
        stderr(&again).contains("mended 0 findings in 0 files"),
        "{}",
        stderr(&again)
    );
    assert_eq!(read(scratch.path()), after);
}

#[test]
fn guesses_are_made_when_they_are_asked_for() {
    let scratch = repository();
    let before = read(scratch.path());
    let shown = check(scratch.path(), &["--diff", "--unsafe-fixes"]);
    assert_eq!(code(&shown), 1);
    let text = stdout(&shown);
    for line in [
        "--- a/clusters/main/shop.yaml",
        "-  intervall: 10m # often",
        "+  interval: 10m # often",
    ] {
        assert!(text.contains(line), "{text}");
    }
    assert_eq!(read(scratch.path()), before, "--diff writes nothing");
    let output = check(scratch.path(), &["--unsafe-fixes"]);
    assert_eq!(code(&output), 0, "{}", stdout(&output));
    let shop = before[2]
        .replace("intervall", "interval")
        .replace("flux-sytem", "flux-system");
    assert_eq!(read(scratch.path())[2], shop);
    assert_eq!(code(&check(scratch.path(), &["--diff", "--unsafe-fixes"])), 0);
}

#[cfg(unix)]
#[test]
fn no_link_is_written_through() {
    let (scratch, elsewhere) = (repository(), tempfile::tempdir().unwrap());
    let outside = elsewhere.path().join("web.yaml");
    let linked = scratch.path().join("clusters/main/web.yaml");
    let neighbour = scratch.path().join("web-of-all.yaml");
    for target in [&outside, &neighbour] {
        fs::write(target, FILES[1].1).unwrap();
        fs::remove_file(&linked).unwrap();
        std::os::unix::fs::symlink(target, &linked).unwrap();
        check(scratch.path(), &["--fix"]);
        assert_eq!(fs::read_to_string(&outside).unwrap(), FILES[1].1);
        assert!(linked.is_symlink());
    }
}

#[test]
fn programs_are_told_what_would_mend_a_finding() {
    let scratch = repository();
    let output = check(scratch.path(), &["--format", "json"]);
    let document: serde_json::Value = serde_json::from_str(&stdout(&output)).unwrap();
    let faults = common::schema::faults(&common::schema::ours("meshlint-output-v1.json"), &document);
    assert!(faults.is_empty(), "{faults:#?}");
    let fix = |rule: &str| {
        let findings = document["findings"].as_array().unwrap();
        findings.iter().find(|one| one["rule"] == rule).unwrap()["fix"].clone()
    };
    let renamed = fix("deprecated-annotation");
    assert_eq!(
        (&renamed["safe"], &renamed["edits"][0]["text"]),
        (&true.into(), &"lbipam.cilium.io/ips".into())
    );
    assert_eq!(renamed["edits"][0]["start"]["line"], 7);
    assert_eq!(fix("unknown-flux-field")["safe"], false);
    let output = check(scratch.path(), &["--format", "sarif"]);
    let log: serde_json::Value = serde_json::from_str(&stdout(&output)).unwrap();
    let results = log["runs"][0]["results"].as_array().unwrap();
    let one = results
        .iter()
        .find(|one| one["ruleId"] == "unknown-flux-field")
        .unwrap();
    let change = &one["fixes"][0]["artifactChanges"][0];
    assert_eq!(change["artifactLocation"]["uri"], "clusters/main/shop.yaml");
    assert_eq!(change["replacements"][0]["insertedContent"]["text"], "interval");
    assert_eq!(change["replacements"][0]["deletedRegion"]["startLine"], 7);
}
