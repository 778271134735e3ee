//! What the operator's own packages make of ResourceSets is in `testdata/resource-set`.

use std::sync::Arc;

use serde::Deserialize;

use super::{Made, Providers, make};
use crate::budget::{self, Budget};
use crate::kustomize::Object;
use crate::source::{FileId, SourceMap};
use crate::yaml::{Schema, parse, to_go_json};

#[derive(Deserialize)]
struct Case {
    name: String,
    set: String,
    #[serde(default)]
    providers: Vec<String>,
    #[serde(default)]
    made: Vec<serde_json::Value>,
    error: Option<String>,
}

fn cases() -> Vec<Case> {
    serde_json::from_str(include_str!("../../../testdata/resource-set/cases.json")).unwrap()
}

fn object(file: FileId, text: &str) -> Object {
    let parsed = parse(file, text);
    assert!(parsed.errors.is_empty(), "{:?}", parsed.errors);
    Object::new(parsed.root().unwrap().clone())
}

/// Makes what a ResourceSet in a file of its own makes, and looks at it.
fn with_made<T>(set: &str, providers: &[String], look: impl FnOnce(Made, &SourceMap) -> T) -> T {
    let sources = SourceMap::from_memory([("set.yaml", set)]);
    let (file, _) = sources.iter().next().unwrap();
    let providers: Vec<Arc<Object>> = providers
        .iter()
        .map(|text| Arc::new(object(file, text)))
        .collect();
    let made = make(
        &object(file, set),
        &sources,
        &Providers {
            named: &|name| providers.iter().find(|provider| provider.name() == name).cloned(),
            all: &|| providers.clone(),
        },
        &mut Budget::new(budget::TEMPLATE),
    );
    look(made, &sources)
}

#[test]
fn the_same_objects_come_out_as_with_the_operator() {
    for case in cases() {
        with_made(&case.set, &case.providers, |made, _| {
            let objects: Vec<serde_json::Value> = made
                .objects
                .iter()
                .map(|object| serde_json::from_str(&to_go_json(&object.node, Schema::Kubernetes)).unwrap())
                .collect();
            assert_eq!(objects, case.made, "{}", case.name);
            assert_eq!(
                made.is_open,
                case.error.is_some(),
                "{}: {:?}",
                case.name,
                case.error
            );
        });
    }
}

#[test]
fn values_point_at_the_template_that_wrote_them() {
    let set = "apiVersion: fluxcd.controlplane.io/v1\nkind: ResourceSet\nmetadata: {name: s}\nspec:\n  \
               inputs: [{id: 7}]\n  resources:\n  - apiVersion: v1\n    kind: ConfigMap\n    \
               metadata:\n      name: c-<< inputs.id >>\n    data:\n      level: debug\n  resourcesTemplate: |\n    \
               apiVersion: v1\n    kind: ConfigMap\n    metadata:\n      name: d\n    data:\n      id: x<< inputs.id >>\n      \
               next: line\n";
    with_made(set, &[], |made, sources| {
        let at = |object: usize, route: &[&str]| {
            let node = made.objects[object].node.at(route).unwrap();
            let place = sources.file(node.span().file).line_column(node.span().start);
            (node.as_text().unwrap().to_owned(), place.line)
        };
        assert_eq!(at(0, &["metadata", "name"]), ("c-7".to_owned(), 10));
        assert_eq!(at(0, &["data", "level"]), ("debug".to_owned(), 12));
        assert_eq!(at(1, &["data", "id"]), ("x7".to_owned(), 19));
        assert_eq!(at(1, &["data", "next"]), ("line".to_owned(), 20));
    });
}

#[test]
fn what_only_the_cluster_knows_stays_open() {
    let set = |name: &str, provider: &str| {
        format!(
            "apiVersion: fluxcd.controlplane.io/v1\nkind: ResourceSet\nmetadata: {{name: s}}\nspec:\n  \
             inputsFrom: [{{name: p}}]\n  resources:\n  - {{apiVersion: v1, kind: Namespace, metadata: {{name: '{name}'}}}}\n\
             ---\napiVersion: fluxcd.controlplane.io/v1\nkind: ResourceSetInputProvider\nmetadata: {{name: p}}\nspec: {provider}\n"
        )
    };
    let made = |name: &str, provider: &str| {
        let text = set(name, provider);
        let (set, provider) = text.split_once("---\n").unwrap();
        with_made(set, &[provider.to_owned()], |made, _| {
            (made.objects.len(), made.is_open)
        })
    };
    assert_eq!(
        made("<< inputs.a >>", "{type: Static, defaultValues: {a: x}}"),
        (1, false)
    );
    assert_eq!(
        made("<< inputs.id >>", "{type: Static, defaultValues: {a: x}}"),
        (0, true)
    );
    assert_eq!(
        made("<< inputs.a >>", "{type: GitHubBranch, defaultValues: {a: x}}"),
        (0, true)
    );
}

#[test]
fn no_template_hangs_or_fills_memory() {
    let head = "apiVersion: fluxcd.controlplane.io/v1\nkind: ResourceSet\nmetadata: {name: s}\nspec:\n  resourcesTemplate: ";
    let bomb =
        "'<< range until 10000 >><< range until 10000 >><< range until 10000 >>x<< end >><< end >><< end >>'";
    let nested = format!("'{}x{}'", "<< if true >>".repeat(5000), "<< end >>".repeat(5000));
    let brackets = format!("'<< {}1{} >>'", "(".repeat(5000), ")".repeat(5000));
    for template in [
        bomb,
        &nested,
        &brackets,
        "'<<'",
        "'<< -'",
        "'<<- >>'",
        "'<< \"\\ >>'",
        "'<</* >>'",
    ] {
        with_made(&format!("{head}{template}\n"), &[], |made, _| {
            assert!(made.is_open && made.objects.is_empty(), "{}", template.len());
        });
    }
}

fn resource_set(spec: &str) -> String {
    format!(
        "apiVersion: fluxcd.controlplane.io/v1\nkind: ResourceSet\nmetadata: {{name: s, namespace: n}}\nspec:\n{spec}"
    )
}

fn provider(name: &str, labels: &str, spec: &str) -> String {
    format!(
        "apiVersion: fluxcd.controlplane.io/v1\nkind: ResourceSetInputProvider\n\
         metadata: {{name: {name}, namespace: n, labels: {labels}}}\nspec: {spec}\n"
    )
}

/// The names of what is made, whether there may be more, and whether that depends on unknown providers.
fn names(set: &str, providers: &[String]) -> (Vec<String>, bool, bool) {
    with_made(set, providers, |made, _| {
        let names = made.objects.iter().map(|object| object.name().to_owned());
        (names.collect(), made.is_open, made.selects_providers)
    })
}

#[test]
fn a_selector_chooses_the_providers_of_the_namespace() {
    let providers = [
        provider("b", "{team: x}", "{type: Static, defaultValues: {name: two}}"),
        provider(
            "a",
            "{team: x, env: lab}",
            "{type: Static, defaultValues: {name: one}}",
        ),
        provider("c", "{team: y}", "{type: Static, defaultValues: {name: three}}"),
    ];
    let made = |selector: &str, providers: &[String]| {
        let set = resource_set(&format!(
            "  inputsFrom: [{{kind: ResourceSetInputProvider, selector: {selector}}}]\n  \
             resources: [{{apiVersion: v1, kind: Namespace, metadata: {{name: '<< inputs.name >>'}}}}]\n"
        ));
        let (names, is_open, selects) = names(&set, providers);
        assert!(selects);
        (names.join(" "), is_open)
    };
    let all = |names: &str| (names.to_owned(), false);
    assert_eq!(made("{matchLabels: {team: x}}", &providers), all("one two"));
    assert_eq!(made("{}", &providers), all("one two three"));
    let expression =
        "{matchExpressions: [{key: team, operator: In, values: [x]}, {key: env, operator: DoesNotExist}]}";
    assert_eq!(made(expression, &providers), all("two"));
    let mut others = providers.to_vec();
    others.push(provider("d", "{team: x}", "{type: GitHubBranch, url: x}"));
    assert_eq!(
        made("{matchLabels: {team: x}}", &others),
        ("one two".to_owned(), true),
        "what the branches are only the cluster knows"
    );
}

#[test]
fn one_that_fails_keeps_the_operator_from_making_any() {
    let good = "{apiVersion: v1, kind: Namespace, metadata: {name: good}}";
    let with = |resource: &str| {
        resource_set(&format!(
            "  inputs: [{{a: b}}]\n  resources:\n  - {good}\n  - {resource}\n"
        ))
    };
    let made = |set: &str| {
        let (names, is_open, _) = names(set, &[]);
        (names.join(" "), is_open)
    };
    let namespace = |name: &str| format!("{{apiVersion: v1, kind: Namespace, metadata: {{name: '{name}'}}}}");
    assert_eq!(
        made(&with(&namespace("<< inputs.a >>"))),
        ("good b".to_owned(), false)
    );
    assert_eq!(
        made(&with(&namespace("<< inputs.none >>"))),
        (String::new(), true)
    );
    assert_eq!(
        made(&with(&namespace("<< derivePassword 1 2 3 4 5 >>"))),
        ("good".to_owned(), true),
        "what is not understood here may well work there"
    );
    let steps = |second: &str| {
        resource_set(&format!(
            "  steps:\n  - {{name: one, resources: [{good}]}}\n  - {{name: two, resources: [{second}]}}\n"
        ))
    };
    assert_eq!(
        made(&steps(&namespace("other"))),
        ("good other".to_owned(), false)
    );
    assert_eq!(made(&steps(good)), (String::new(), true), "defined in two steps");
}

fn of_template(template: &str) -> String {
    let indented: String = template.lines().map(|line| format!("    {line}\n")).collect();
    format!(
        "apiVersion: fluxcd.controlplane.io/v1
kind: ResourceSet
metadata: {{name: set, namespace: apps}}
spec:
  resourcesTemplate: |
{indented}    apiVersion: v1
    kind: ConfigMap
    metadata: {{name: made}}
    data: {{a: << $x | toJson | quote >>}}
"
    )
}

/// Each of these costs more with every line than with the one before, so that no bound on lines would do.
#[test]
fn a_template_is_stopped_before_it_costs_much() {
    let lines = |first: &str, line: &str, count| format!("{first}\n{}", format!("{line}\n").repeat(count));
    let costly = [
        lines("<<- $x := list 1 >>", "<<- $x = list $x >>", 20_000),
        lines("<<- $x := dict \"a\" 1 >>", "<<- $x = dict \"a\" $x >>", 20_000),
        lines("<<- $x := list 1 >>", "<<- $x = list $x $x >>", 60),
        lines(
            "<<- $x := \"0123456789\" >>",
            "<<- $x = printf \"%s%s\" $x $x >>",
            60,
        ),
        lines(
            "<<- $x := \"0123456789\" >>",
            "<<- $x = replace \"\" $x $x >>",
            60,
        ),
        lines(
            "<<- $x := \"0123456789\" >>",
            "<<- $x = join $x (list $x $x $x) >>",
            60,
        ),
        lines(
            "<<- $x := \"a\\nb\" >>",
            "<<- $x = indent 200 (printf \"%s\\n%s\" $x $x) >>",
            60,
        ),
        lines(
            "<<- $x := list 1 >>",
            "<<- $x = until 10000 >><<- range $x >><<- end >>",
            100,
        ),
        format!("<<- $x := list 1 {}>>", "| list ".repeat(20_000)),
        "<<- $x := 1 >><<- range until 10000 >><<- range until 10000 >><<- end >><<- end >>".to_owned(),
    ];
    for template in costly {
        with_made(&of_template(&template), &[], |made, _| {
            let shown: String = template.chars().take(80).collect();
            assert!(made.bound.is_some(), "{shown}");
            assert!(made.is_open && made.objects.is_empty(), "{shown}");
        });
    }
}

#[test]
fn an_account_holds_for_all_inputs_together() {
    let inputs = "    - {a: b}\n".repeat(1_000);
    let set = of_template("<<- $x := until 100 >>") + "  inputs:\n" + &inputs;
    with_made(&set, &[], |made, _| assert!(made.bound.is_some()));
    let one = of_template("<<- $x := until 100 >>") + "  inputs:\n    - {a: b}\n";
    with_made(&one, &[], |made, _| {
        assert_eq!(made.bound, None);
        assert_eq!(made.objects.len(), 1);
    });
}
