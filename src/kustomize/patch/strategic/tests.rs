//! What was found by comparing with kustomize v5.8.1 on generated objects and patches. Expected values are kustomize's.

use super::*;
use crate::kustomize::patch::metadata::for_selected;
use crate::kustomize::testing::{assert_yaml, node};

fn merge(target: &str, patch: &str) -> Result<Node, String> {
    match apply_strategic(&node(target), &node(patch), Allowed::default(), &Kinds::default()) {
        Ok(Merged::Node(node)) => Ok(node),
        Ok(Merged::Deleted) => Err("deleted".to_owned()),
        Err(error) => Err(error.message),
    }
}

/// Merges the two as the pod spec of a Deployment.
fn merge_pods(target: &str, patch: &str) -> Result<Node, String> {
    let wrap = |spec: &str| {
        format!(
            "{{apiVersion: apps/v1, kind: Deployment, metadata: {{name: x}}, spec: {{template: {{spec: {spec}}}}}}}"
        )
    };
    merge(&wrap(target), &wrap(patch)).map(|node| node.at(&["spec", "template", "spec"]).unwrap().clone())
}

fn merge_things(target: &str, patch: &str) -> Result<Node, String> {
    let wrap = |spec: &str| {
        format!("{{apiVersion: example.com/v1, kind: Thing, metadata: {{name: x}}, spec: {spec}}}")
    };
    merge(&wrap(target), &wrap(patch)).map(|node| node.get("spec").unwrap().clone())
}

#[test]
fn elements_merge_by_name_and_new_ones_come_first() {
    let merged = merge_pods(
        "{containers: [{name: a, image: a:1}, {name: b, image: b:1}]}",
        "{containers: [{name: c}, {name: a, image: a:2}]}",
    );
    assert_yaml(
        &merged.unwrap(),
        "{containers: [{name: c}, {name: a, image: a:2}, {name: b, image: b:1}]}",
    );
}

#[test]
fn lists_of_unknown_kinds_and_lists_without_a_strategy_are_replaced() {
    let merged = merge_things("{containers: [{name: a}], x: 1}", "{containers: [{name: b}]}");
    assert_yaml(&merged.unwrap(), "{containers: [{name: b}], x: 1}");
    let merged = merge_pods("{tolerations: [{key: a}]}", "{tolerations: [{key: b}]}");
    assert_yaml(&merged.unwrap(), "{tolerations: [{key: b}]}");
}

#[test]
fn an_object_within_an_unknown_kind_merges_as_what_it_says_it_is() {
    let object =
        |ports: &str| format!("{{object: {{apiVersion: v1, kind: Service, spec: {{ports: {ports}}}}}}}");
    let merged = merge_things(&object("[{port: 1}]"), &object("[{port: 2}]"));
    assert_yaml(&merged.unwrap(), &object("[{port: 2}, {port: 1}]"));
}

#[test]
fn null_deletes_and_is_dropped_from_what_is_added() {
    let merged = merge_things("{a: 1, b: {c: 1}}", "{a: null, b: {c: ~, d: {e: null, f: 1}}}");
    assert_yaml(&merged.unwrap(), "{b: {d: {f: 1}}}");
}

#[test]
fn a_null_that_nobody_touches_stays_only_when_it_is_written_out() {
    let merged = merge(
        "{kind: T, metadata: {name: x}, a: null, b: , c: ~}",
        "{metadata: {name: x}}",
    )
    .unwrap();
    let keys: Vec<&str> = merged
        .entries()
        .iter()
        .filter_map(|entry| entry.key.as_text())
        .collect();
    assert_eq!(keys, ["kind", "metadata", "a", "c"]);
}

#[test]
fn lists_of_scalars_are_united() {
    let finalizers =
        |list: &str| format!("{{apiVersion: v1, kind: Pod, metadata: {{name: x, finalizers: {list}}}}}");
    let merged = merge(&finalizers("[a, b]"), &finalizers("[c, b]")).unwrap();
    assert_yaml(&merged, &finalizers("[c, b, a]"));
}

#[test]
fn a_port_without_protocol_is_not_the_one_with() {
    let ports = |ports: &str| format!("{{containers: [{{name: a, ports: {ports}}}]}}");
    let merged = merge_pods(
        &ports("[{containerPort: 80, protocol: TCP}]"),
        &ports("[{containerPort: 80, name: http}]"),
    );
    assert_yaml(&merged.unwrap(), &ports("[{containerPort: 80, protocol: TCP}]"));
    let merged = merge_pods(
        &ports("[{containerPort: 80}]"),
        &ports("[{containerPort: 80, name: http}]"),
    );
    assert_yaml(&merged.unwrap(), &ports("[{containerPort: 80, name: http}]"));
}

#[test]
fn of_twins_in_the_object_the_last_stays() {
    let env = |list: &str| format!("{{containers: [{{name: a, env: {list}}}]}}");
    let merged = merge_pods(
        &env("[{name: X, value: a}, {name: X, value: b}]"),
        "{hostNetwork: true}",
    )
    .unwrap();
    assert_yaml(
        merged.get("containers").unwrap(),
        "[{name: a, env: [{name: X, value: b}]}]",
    );
}

#[test]
fn an_element_without_its_key_wipes_out_the_others() {
    let merged = merge_pods("{volumes: [{name: a}, {emptyDir: {}}]}", "{volumes: [{name: b}]}");
    assert_yaml(&merged.unwrap(), "{volumes: [{emptyDir: {}}]}");
}

#[test]
fn directives_in_maps() {
    let merged = merge_things(
        "{a: {x: 1}, b: {x: 1}, c: {x: 1}}",
        "{a: {$patch: delete}, b: {$patch: replace, y: 2}, c: {$patch: merge, y: 2}}",
    );
    assert_yaml(&merged.unwrap(), "{b: {y: 2}, c: {x: 1, y: 2}}");
    let error = merge_things("{a: {}}", "{a: {$patch: remove}}").unwrap_err();
    assert_eq!(error, "unknown patch strategy 'remove'");
}

#[test]
fn directives_in_lists() {
    let cases = [
        ("[{name: a, $patch: delete}]", "{containers: [{name: b}]}"),
        ("[{$patch: replace}, {name: c}]", "{containers: [{name: c}]}"),
        ("[{$patch: delete}]", "{}"),
    ];
    for (patch, expected) in cases {
        let merged = merge_pods(
            "{containers: [{name: a}, {name: b}]}",
            &format!("{{containers: {patch}}}"),
        );
        assert_yaml(&merged.unwrap(), expected);
    }
}

#[test]
fn deleting_the_object_and_replacing_it_as_a_whole() {
    let target = "{apiVersion: v1, kind: ConfigMap, metadata: {name: x}, data: {a: b}}";
    let patch = |directive: &str| {
        format!(
            "{{apiVersion: v1, kind: ConfigMap, metadata: {{name: x}}, $patch: {directive}, data: {{c: d}}}}"
        )
    };
    assert_eq!(merge(target, &patch("delete")).unwrap_err(), "deleted");
    // The replacement is lost: kustomize keeps the object as it was.
    assert_yaml(&merge(target, &patch("replace")).unwrap(), target);
}

#[test]
fn different_kinds_of_values_are_an_error_at_the_patch() {
    let patch = node("{apiVersion: v1, kind: T, metadata: {name: x}, spec: text}");
    let target = node("{apiVersion: v1, kind: T, metadata: {name: x}, spec: {a: b}}");
    let error = apply_strategic(&target, &patch, Allowed::default(), &Kinds::default()).unwrap_err();
    assert_eq!(
        error.message,
        "wrong node kind: expected MappingNode but got ScalarNode"
    );
    assert_eq!(error.span, patch.get("spec").unwrap().span());
}

#[test]
fn a_scalar_takes_the_quotes_of_the_one_it_replaces() {
    let merged = merge_things("{a: '80', b: 80, c: text}", "{a: 81, b: '81', c: true}");
    assert_yaml(&merged.unwrap(), "{a: '81', b: '81', c: true}");
}

#[test]
fn values_of_the_patch_point_into_the_patch() {
    let target = node("{kind: T, metadata: {name: x}, spec: {a: 1, b: 1}}");
    let patch = node("{kind: T, metadata: {name: x},        spec: {b: 2, c: {d: 3}}}");
    let Merged::Node(merged) =
        apply_strategic(&target, &patch, Allowed::default(), &Kinds::default()).unwrap()
    else {
        panic!("deleted");
    };
    let span = |of: &Node, path: &[&str]| of.at(path).unwrap().span();
    assert_eq!(span(&merged, &["spec", "a"]), span(&target, &["spec", "a"]));
    for path in [["spec", "b"].as_slice(), &["spec", "c", "d"]] {
        assert_eq!(span(&merged, path), span(&patch, path));
    }
}

#[test]
fn the_identity_is_restored_unless_it_may_change() {
    let target = node("{kind: A, metadata: {name: a, namespace: n}, spec: 1}");
    let patch = node("{kind: B, metadata: {name: b, namespace: m}, spec: 2}");
    let merge = |allowed| match apply_strategic(&target, &patch, allowed, &Kinds::default()) {
        Ok(Merged::Node(node)) => node,
        other => panic!("{other:?}"),
    };
    assert_yaml(
        &merge(Allowed::default()),
        "{kind: A, metadata: {name: a, namespace: n}, spec: 2}",
    );
    let both = Allowed {
        name: true,
        kind: true,
    };
    assert_yaml(
        &merge(both),
        "{kind: B, metadata: {name: b, namespace: n}, spec: 2}",
    );
}

#[test]
fn labels_of_a_patch_with_a_target_are_text_even_null() {
    let target = node("{apiVersion: v2, kind: T, metadata: {name: x, labels: {a: b, c: d}}}");
    let patch = node("{apiVersion: v1, kind: T, metadata: {name: y, labels: {a: null, c: 1}}}");
    let prepared = for_selected(&patch, &target);
    let Merged::Node(merged) =
        apply_strategic(&target, &prepared, Allowed::default(), &Kinds::default()).unwrap()
    else {
        panic!("deleted");
    };
    assert_yaml(
        &merged,
        "{apiVersion: v2, kind: T, metadata: {name: x, labels: {a: 'null', c: '1'}}}",
    );
}

#[test]
fn what_the_patch_does_not_touch_is_shared() {
    let target = node("{kind: T, metadata: {name: x}, spec: {a: {b: 1}}, data: {c: 1}}");
    let patch = node("{kind: T, metadata: {name: x}, data: {c: 2}}");
    let Merged::Node(merged) =
        apply_strategic(&target, &patch, Allowed::default(), &Kinds::default()).unwrap()
    else {
        panic!("deleted");
    };
    assert!(merged.get("spec").unwrap().is_same(target.get("spec").unwrap()));
}

#[test]
fn a_list_too_long_to_match_is_an_error() {
    let items: Vec<String> = (0..5000).map(|at| format!("{{name: v{at}}}")).collect();
    let error = merge_pods(&format!("{{volumes: [{}]}}", items.join(",")), "{}").unwrap_err();
    assert!(error.contains("more elements than meshlint merges"), "{error}");
}

#[test]
fn the_deepest_documents_merge() {
    let deep = |value: &str| format!("{}{value}{}", "{a: ".repeat(480), "}".repeat(480));
    let merged = merge_things(&deep("1"), &deep("2")).unwrap();
    assert_yaml(&merged, &deep("2"));
}

#[test]
fn text_set_by_kustomize_stays_text_in_the_next_patch() {
    let target = node("{kind: T, metadata: {name: x, labels: {a: b}}}");
    let selected = for_selected(&node("{metadata: {name: x, labels: {a: 1}}}"), &target);
    let mut merged = target;
    for patch in [selected, node("{metadata: {name: x, labels: {a: 2}}}")] {
        let Ok(Merged::Node(node)) = apply_strategic(&merged, &patch, Allowed::default(), &Kinds::default())
        else {
            panic!("not merged");
        };
        merged = node;
    }
    assert_yaml(&merged, "{kind: T, metadata: {name: x, labels: {a: '2'}}}");
}
