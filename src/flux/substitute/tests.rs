use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::Value;

use super::*;
use crate::flux::Variable;
use crate::yaml::{Node, Schema, to_go_json};

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

/// A repository of one object and a file with a line for each variable.
struct Fixture {
    sources: SourceMap,
    object: Arc<Object>,
    variables: Variables,
}

fn fixture(text: &str, values: &[(&str, &str)]) -> Fixture {
    let settings: String = values
        .iter()
        .map(|(name, value)| format!("{name}: {value}\n"))
        .collect();
    let sources = SourceMap::from_memory([("object.yaml", text), ("settings.yaml", &settings)]);
    let [object, settings_file] = ["object.yaml", "settings.yaml"].map(|path| {
        let found = sources.iter().find(|(_, file)| file.path().as_str() == path);
        found.unwrap().0
    });
    let parsed = yaml::parse(object, text);
    assert!(parsed.errors.is_empty(), "{:?} in {text}", parsed.errors);
    let mut variables = Variables::default();
    let mut line = 0;
    for (name, value) in values {
        let start = line + name.len() + 2;
        let variable = Variable {
            value: Ok((*value).into()),
            span: Some(Span::new(settings_file, start, start + value.len())),
        };
        variables.known.insert((*name).into(), variable);
        line = start + value.len() + 1;
    }
    Fixture {
        object: Arc::new(Object {
            node: parsed.root().unwrap().clone(),
        }),
        sources,
        variables,
    }
}

impl Fixture {
    fn run(&self, strict: bool) -> Substituted {
        Substituter::new(&self.sources).substitute(&self.object, &self.variables, strict)
    }

    fn snippet(&self, span: Span) -> &str {
        self.sources.snippet(span)
    }
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

fn reason(problem: &Problem) -> String {
    match problem {
        Problem::UndefinedVariable { variable, .. } => format!("undefined {variable}"),
        Problem::MalformedSubstitution { reason, .. } => format!("malformed: {reason}"),
        Problem::BrokenBySubstitution { reason, .. } => format!("broken: {reason}"),
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
        .filter(|problem| case.strict || !matches!(problem, Problem::UndefinedVariable { .. }))
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
#[test]
fn agrees_with_the_real_package() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/testdata/substitute/cases.json");
    let path = std::env::var("SUBST_CASES").unwrap_or(path.to_owned());
    let cases: Vec<Case> = serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap();
    let wrong: Vec<_> = cases.iter().filter_map(difference).collect();
    assert!(
        wrong.is_empty(),
        "{} of {} differ:\n{}",
        wrong.len(),
        cases.len(),
        wrong[..wrong.len().min(30)].join("\n")
    );
}
