use std::sync::Arc;

use super::*;
use crate::fleet::Delivery;
use crate::flux::{Kustomization, Source};
use crate::helm::Lookup;
use crate::postbuild::Variables;
use crate::source::{RepoPath, SourceMap};
use crate::yaml::Store;

fn values(text: &str) -> HelmValues {
    merged(text).0
}

/// A cluster of the objects in the text; the first HelmRelease is the one looked at.
fn merged(text: &str) -> (HelmValues, Option<(Span, String)>) {
    let sources = SourceMap::from_memory([("a.yaml", text)]);
    let store = Store::new(&sources);
    let file = sources.iter().next().unwrap().0;
    let parsed = store.parsed(file);
    assert!(parsed.errors.is_empty(), "{:?}", parsed.errors);
    let objects: Vec<_> = parsed
        .documents
        .iter()
        .map(|document| Arc::new(Object::new(document.root.clone())))
        .collect();
    let release = objects
        .iter()
        .find(|object| object.kind() == "HelmRelease")
        .unwrap()
        .clone();
    let cluster = Cluster {
        name: "a".to_owned(),
        found_as: "a".to_owned(),
        entry: RepoPath::root(),
        entry_span: None,
        delivery: Delivery::Flux,
        kustomizations: vec![Kustomization {
            namespace: "flux-system".to_owned(),
            name: "flux-system".to_owned(),
            object: release.clone(),
            parent: None,
            source: Source::Here(RepoPath::root()),
            path: None,
            build: None,
            objects,
            rendered_sets: Vec::new(),
            variables: Variables::default(),
            problems: Vec::new(),
            suspended: false,
            remote: false,
            hub: None,
        }],
        releases: std::collections::BTreeMap::new(),
        loose_values: Vec::new(),
        strict_substitution: true,
        given: Vec::new(),
        machines: Vec::new(),
        flux: None,
    };
    let mut budget = Budget::new(budget::VALUES);
    let (facts, bound) = facts(&cluster, &release, &store, &mut budget);
    (facts.values, bound)
}

fn text<'a>(values: &'a HelmValues, route: &[&str]) -> &'a str {
    match values.lookup(route) {
        Lookup::Value(node) => node.as_text().unwrap_or("?"),
        Lookup::Absent => "absent",
        Lookup::Unknown(reason) => reason.as_str(),
    }
}

const SETTINGS: &str = "
---
kind: ConfigMap
metadata: {name: first, namespace: cilium}
data:
  values.yaml: |
    cluster: {id: 1, name: first}
    list: [a, b]
    only: first
  single: '7'
---
kind: ConfigMap
metadata: {name: second, namespace: cilium}
data:
  values.yaml: |
    cluster: {name: second}
    list: [c]
---
kind: Secret
metadata: {name: hidden, namespace: cilium}
stringData: {values.yaml: 'ENC[AES256_GCM,data:x]'}
";

fn release(spec: &str) -> String {
    format!("kind: HelmRelease\nmetadata: {{name: cilium, namespace: cilium}}\nspec: {spec}\n{SETTINGS}")
}

#[test]
fn sources_merge_in_order_and_values_win() {
    let values = values(&release(
        "{valuesFrom: [{kind: ConfigMap, name: first}, {kind: ConfigMap, name: second}], values: {cluster: {id: 9}}}",
    ));
    assert_eq!(text(&values, &["cluster", "id"]), "9");
    assert_eq!(text(&values, &["cluster", "name"]), "second");
    assert_eq!(text(&values, &["only"]), "first");
    assert_eq!(
        values.tree.get("list").unwrap().items().len(),
        1,
        "lists are replaced"
    );
    assert_eq!(text(&values, &["absent"]), "absent");
}

#[test]
fn a_source_that_cannot_be_read_may_state_anything_but_what_comes_after_it() {
    let hidden_first = values(&release(
        "{valuesFrom: [{kind: Secret, name: hidden}, {kind: ConfigMap, name: second}], values: {a: 1}}",
    ));
    assert_eq!(text(&hidden_first, &["a"]), "1");
    assert_eq!(text(&hidden_first, &["cluster", "name"]), "second");
    assert_eq!(text(&hidden_first, &["cluster", "id"]), "encrypted");
    assert_eq!(text(&hidden_first, &["a", "b"]), "absent", "`a` is no map");
    let hidden_last = values(&release(
        "{valuesFrom: [{kind: ConfigMap, name: second}, {kind: Secret, name: hidden}]}",
    ));
    assert_eq!(text(&hidden_last, &["cluster", "name"]), "encrypted");
    let missing = values(&release("{valuesFrom: [{kind: ConfigMap, name: nowhere}]}"));
    assert_eq!(text(&missing, &["cluster", "name"]), "external");
}

#[test]
fn a_target_path_sets_one_key_with_the_types_of_the_command_line() {
    let from = "{kind: ConfigMap, name: first, valuesKey: single, targetPath: ";
    let number = values(&release(&format!(
        "{{valuesFrom: [{from} cluster.id}}], values: {{cluster: {{name: x}}}}}}"
    )));
    assert_eq!(text(&number, &["cluster", "name"]), "x");
    let Lookup::Value(id) = number.lookup(&["cluster", "id"]) else {
        panic!()
    };
    assert_eq!(id.as_int(), Some(7));
    let literal = values(&release(&format!(
        "{{valuesFrom: [{from} 'a.b\\.c[1]', literal: true}}]}}"
    )));
    let list = literal.tree.at(&["a", "b.c"]).unwrap().items();
    assert!(list[0].is_null());
    assert_eq!(list[1].as_str(), Some("7"));
}

#[test]
fn a_target_path_wins_over_values_only_where_no_source_had_its_map() {
    let path = "{kind: ConfigMap, name: first, valuesKey: single, targetPath: cluster.id}";
    let wins = values(&release(&format!(
        "{{valuesFrom: [{path}], values: {{cluster: {{id: 9}}}}}}"
    )));
    assert_eq!(text(&wins, &["cluster", "id"]), "7");
    let loses = values(&release(&format!(
        "{{valuesFrom: [{{kind: ConfigMap, name: first}}, {path}], values: {{cluster: {{id: 9}}}}}}"
    )));
    assert_eq!(text(&loses, &["cluster", "id"]), "9");
}

#[test]
fn values_of_a_config_map_point_at_their_own_line() {
    let source = release("{valuesFrom: [{kind: ConfigMap, name: first}]}");
    let values = values(&source);
    let Lookup::Value(id) = values.lookup(&["cluster", "id"]) else {
        panic!()
    };
    assert_eq!(source.get(id.span().range()), Some("1"));
}

#[test]
fn paths_that_make_too_much_are_not_followed() {
    let release = |paths: &[String]| {
        let from: String = paths
            .iter()
            .map(|path| format!("    - {{kind: ConfigMap, name: one, valuesKey: a, targetPath: '{path}'}}\n"))
            .collect();
        format!(
            "apiVersion: helm.toolkit.fluxcd.io/v2\nkind: HelmRelease\nmetadata: {{name: r}}\nspec:\n  valuesFrom:\n{from}---\n\
             apiVersion: v1\nkind: ConfigMap\nmetadata: {{name: one}}\ndata: {{a: b}}\n"
        )
    };
    let deep = format!("a{}", ".a".repeat(20_000));
    let wide = "a[65000]".to_owned();
    let many: Vec<String> = (0..100).map(|nth| format!("a{nth}[500]")).collect();
    for paths in [&[deep][..], &[wide], &many] {
        let (values, bound) = merged(&release(paths));
        assert!(bound.is_some());
        assert!(matches!(values.lookup(&["a"]), Lookup::Unknown(_)));
    }
    assert_eq!(merged(&release(&["a[20].b".to_owned()])).1, None);
}
