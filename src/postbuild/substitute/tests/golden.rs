//! Comparison with what the real program gives.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::Value;

use super::*;
use crate::yaml::{Schema, to_go_json};

#[derive(Deserialize)]
struct Case {
    yaml: String,
    variables: BTreeMap<String, String>,
    strict: bool,
    real: Real,
}

/// What Flux's package makes of it.
#[derive(Deserialize, Debug)]
struct Real {
    #[serde(default)]
    object: Option<Value>,
    #[serde(default)]
    excluded: bool,
    #[serde(default)]
    error: Option<String>,
}

fn json(node: &Node) -> Value {
    serde_json::from_str(&to_go_json(node, Schema::Kustomize)).unwrap()
}

/// Numbers compare by value: the real program writes `1e+23` where `100000000000000000000000` means the same.
fn same(a: &Value, b: &Value) -> bool {
    match (a, b) {
        (Value::Number(a), Value::Number(b)) => a.as_f64() == b.as_f64(),
        (Value::Array(a), Value::Array(b)) => a.len() == b.len() && a.iter().zip(b).all(|(a, b)| same(a, b)),
        (Value::Object(a), Value::Object(b)) => {
            a.len() == b.len() && a.iter().all(|(key, a)| b.get(key).is_some_and(|b| same(a, b)))
        }
        _ => a == b,
    }
}

fn reason(problem: &RenderProblem) -> String {
    match problem {
        RenderProblem::UndefinedVariable { variable, .. } => format!("undefined {variable}"),
        RenderProblem::MalformedSubstitution { reason, .. } => format!("malformed: {reason}"),
        RenderProblem::BrokenBySubstitution { reason, .. } => format!("broken: {reason}"),
        other => panic!("{other:?}"),
    }
}

fn difference(case: &Case) -> Option<String> {
    let values: Vec<_> = case
        .variables
        .iter()
        .map(|(name, value)| (name.as_str(), value.as_str()))
        .collect();
    let fixture = fixture(&case.yaml, &values);
    let ours = fixture.run(case.strict);
    let failures: Vec<_> = ours
        .problems
        .iter()
        .filter(|problem| case.strict || !matches!(problem, RenderProblem::UndefinedVariable { .. }))
        .collect();
    let reasons: Vec<_> = failures.iter().map(|problem| reason(problem)).collect();
    let told = match (&case.real, failures.as_slice()) {
        (Real { error: Some(_), .. }, []) => "the real program fails",
        (Real { error: Some(_), .. }, _) => return None,
        (_, [_, ..]) => "the real program does not fail",
        (Real { excluded: true, .. }, []) if Arc::ptr_eq(&ours.object, &fixture.object) => return None,
        (
            Real {
                object: Some(real), ..
            },
            [],
        ) if same(&json(&ours.object.node), real) => return None,
        _ => "another object",
    };
    Some(format!(
        "{told}:\n{}{:?}\n  real {}\n  ours {} {reasons:?}",
        case.yaml,
        case.variables,
        case.real.error.clone().unwrap_or_else(|| case
            .real
            .object
            .as_ref()
            .map_or(String::new(), ToString::to_string)),
        json(&ours.object.node),
    ))
}

/// `testdata/substitute/README.md` tells how the table was made with the real package.
fn cases() -> Vec<Case> {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/testdata/substitute/cases.json");
    serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap()
}

#[test]
fn agrees_with_the_real_package() {
    let cases = cases();
    let wrong: Vec<_> = cases.iter().filter_map(difference).collect();
    assert!(
        wrong.is_empty(),
        "{} of {} differ:\n{}",
        wrong.len(),
        cases.len(),
        wrong[..wrong.len().min(30)].join("\n")
    );
}

#[test]
fn broken_yaml_is_told_in_the_words_of_the_real_program() {
    let mut told = 0;
    for case in cases() {
        let Some(real) = &case.real.error else { continue };
        let values = case
            .variables
            .iter()
            .map(|(name, value)| (name.as_str(), value.as_str()));
        let done = fixture(&case.yaml, &values.collect::<Vec<_>>()).run(case.strict);
        if let [RenderProblem::BrokenBySubstitution { reason, .. }] = done.problems.as_slice() {
            told += usize::from(real.contains(reason));
        }
    }
    assert!(told > 60, "{told} broken cases have the real words");
}

/// Every scalar with where it comes from, in the order of the tree.
fn origins(node: &Node) -> Vec<(Option<Arc<str>>, yaml::Origin)> {
    let mut all = Vec::new();
    let mut open = vec![node.clone()];
    while let Some(node) = open.pop() {
        all.push((
            node.as_scalar().map(|scalar| Arc::clone(&scalar.text)),
            node.origin().clone(),
        ));
        open.extend(node.items().iter().cloned());
        for entry in node.entries() {
            open.extend([entry.key.clone(), entry.value.clone()]);
        }
    }
    all
}

#[test]
fn the_short_way_gives_what_the_long_way_gives() {
    let mut short = 0;
    for case in cases() {
        let values: Vec<_> = case
            .variables
            .iter()
            .map(|(name, value)| (name.as_str(), value.as_str()))
            .collect();
        let fixture = fixture(&case.yaml, &values);
        let Prepared::Printed(printed, quick) = Prepared::new(&fixture.object, &fixture.sources) else {
            continue;
        };
        for missing in [Missing::Mark, Missing::Empty] {
            let Some(quick) = &quick else { continue };
            let Some(done) = quick.run(&fixture.object, &printed, &fixture.variables, missing) else {
                continue;
            };
            short += 1;
            let long = substitute_printed(&fixture.object, &printed, &fixture.variables, missing);
            let context = format!("{}{:?}", case.yaml, case.variables);
            assert_eq!(json(&done.object.node), json(&long.object.node), "{context}");
            assert_eq!(
                origins(&done.object.node),
                origins(&long.object.node),
                "{context}"
            );
            let undefined = undefined_problems(&fixture.object, &printed, &done.undefined);
            let reasons = |problem: RenderProblem| match problem {
                RenderProblem::UndefinedVariable {
                    variable, expression, ..
                } => (variable, expression),
                other => panic!("{} in {context}", reason(&other)),
            };
            let (short, long): (Vec<_>, Vec<_>) = (
                undefined.map(reasons).collect(),
                long.problems.into_iter().map(reasons).collect(),
            );
            assert_eq!(short, long, "{context}");
        }
    }
    assert!(short > 100, "{short} cases took the short way");
}
