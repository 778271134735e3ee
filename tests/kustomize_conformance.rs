//! Small repositories with what the real kustomize made of them: our own in `testdata/kustomize`, and kustomize's own
//! cases when `MESHLINT_CONFORMANCE` names a file of them.

#![allow(clippy::unwrap_used, clippy::print_stdout)]

mod common;

use std::path::Path;

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use meshlint::kustomize::{BuildOptions, Builder, Problem};
use meshlint::source::{RepoPath, SourceMap};
use meshlint::yaml::{Store, to_yaml};

#[test]
fn our_own_cases_agree() {
    check(Path::new(concat!(
        env!("CARGO_MANIFEST_DIR"),
        "/testdata/kustomize/cases.json"
    )));
}

#[test]
#[cfg_attr(not(meshlint_conformance), ignore = "MESHLINT_CONFORMANCE is not set")]
fn cases_of_kustomize_agree() {
    check(&common::outside("MESHLINT_CONFORMANCE"));
}

fn check(path: &Path) {
    let cases: serde_json::Value = serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap();
    let cases = cases.as_array().unwrap();
    let mut wrong = Vec::new();
    for case in cases {
        let name = case["name"].as_str().unwrap();
        if let Err(difference) = run(case) {
            println!("{name}: {difference}\n");
            wrong.push(name);
        }
    }
    println!("{} of {} agree", cases.len() - wrong.len(), cases.len());
    assert!(wrong.is_empty(), "{wrong:?}");
}

/// The files of a case by path.
fn files(case: &serde_json::Value) -> Vec<(String, Vec<u8>)> {
    let texts = case["files"].as_object().unwrap().iter();
    let texts = texts.map(|(path, text)| (path.clone(), text.as_str().unwrap().as_bytes().to_vec()));
    let encoded = case["base64"].as_object().into_iter().flatten();
    let encoded = encoded.map(|(path, text)| {
        let bytes = BASE64_STANDARD.decode(text.as_str().unwrap()).unwrap();
        (path.clone(), bytes)
    });
    texts.chain(encoded).collect()
}

fn run(case: &serde_json::Value) -> Result<(), String> {
    let sources = SourceMap::from_memory(files(case));
    let store = Store::new(&sources);
    let builder = Builder::new(&store);
    let options = BuildOptions::kustomize(RepoPath::root());
    let build = builder.build(&RepoPath::clamp(case["run"].as_str().unwrap()), &options);
    let failures: Vec<&Problem> = build
        .problems
        .iter()
        .filter(|problem| problem.kind.is_failure())
        .collect();
    let Some(expected) = case["expected"].as_str() else {
        return if failures.is_empty() {
            Err("kustomize refuses it, and here it builds".to_owned())
        } else {
            Ok(())
        };
    };
    if let Some(failure) = failures.first() {
        return Err(format!(
            "kustomize builds it, and here it fails: {}",
            failure.message
        ));
    }
    let documents: Vec<String> = build.objects.iter().map(|object| to_yaml(&object.node)).collect();
    let (ours, theirs) = (sorted(&documents.join("---\n")), sorted(expected));
    if ours == theirs {
        return Ok(());
    }
    let mut difference = String::new();
    for (own, other) in ours.iter().zip(&theirs).filter(|(own, other)| own != other) {
        difference.push_str(&format!("\nours:\n{own}\ntheirs:\n{other}\n"));
    }
    Err(format!(
        "{} documents, expected {}{difference}",
        ours.len(),
        theirs.len()
    ))
}

fn sorted(text: &str) -> Vec<String> {
    let text = format!("\n{}\n", text.trim_matches('\n'));
    let mut documents: Vec<String> = text
        .split("\n---\n")
        .map(|document| document.trim_matches('\n').to_owned())
        .filter(|document| !document.is_empty())
        .collect();
    documents.sort();
    documents
}
