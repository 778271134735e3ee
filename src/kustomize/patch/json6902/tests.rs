//! What was found by comparing with kustomize v5.8.1. Expected values and messages are kustomize's.

use super::*;
use crate::kustomize::testing::{assert_yaml, node};
use crate::yaml::Style;

fn apply(target: &str, patch: &str) -> Result<Node, String> {
    JsonPatch::read(&node(patch))
        .and_then(|patch| patch.apply(&node(target), true))
        .map_err(|error| error.message)
}

#[track_caller]
fn gives(target: &str, patch: &str, expected: &str) {
    assert_yaml(&apply(target, patch).unwrap(), expected);
}

#[track_caller]
fn fails(target: &str, patch: &str, message: &str) {
    assert_eq!(apply(target, patch).unwrap_err(), message);
}

#[test]
fn add() {
    gives("{a: {}}", "[{op: add, path: /a/b, value: 1}]", "{a: {b: 1}}");
    gives(
        "{a: [1, 2]}",
        "[{op: add, path: /a/-, value: 3}]",
        "{a: [1, 2, 3]}",
    );
    gives(
        "{a: [1, 2]}",
        "[{op: add, path: /a/1, value: 3}]",
        "{a: [1, 3, 2]}",
    );
    gives(
        "{a: [1, 2]}",
        "[{op: add, path: /a/-1, value: 3}]",
        "{a: [1, 2, 3]}",
    );
    gives(
        "{a: [1, 2]}",
        "[{op: add, path: /a/-2, value: 3}]",
        "{a: [1, 3, 2]}",
    );
    gives("{a: 1}", "[{op: add, path: /b}]", "{a: 1, b: null}");
    fails(
        "{a: {}}",
        "[{op: add, path: /a/b/c, value: 1}]",
        "add operation does not apply: doc is missing path: \"/a/b/c\": missing value",
    );
    fails(
        "{a: [1]}",
        "[{op: add, path: /a/3, value: 1}]",
        "error in add for path: '/a/3': Unable to access invalid index: 3: invalid index referenced",
    );
    fails(
        "{a: [1]}",
        "[{op: add, path: /a/x, value: 1}]",
        "error in add for path: '/a/x': value was not a proper array index: 'x'",
    );
}

#[test]
fn an_annotation_can_be_added_to_an_object_without_any() {
    gives(
        "{metadata: {name: x}}",
        "[{op: add, path: /metadata/annotations/a, value: 1}]",
        "{metadata: {name: x, annotations: {a: '1'}}}",
    );
    gives(
        "{metadata: {name: x}}",
        "[{op: add, path: /b, value: 1}]",
        "{metadata: {name: x}, b: 1}",
    );
    fails(
        "{metadata: {name: x}}",
        "[{op: add, path: /metadata/labels/a, value: b}]",
        "add operation does not apply: doc is missing path: \"/metadata/labels/a\": missing value",
    );
}

#[test]
fn remove() {
    gives("{a: 1, b: 2}", "[{op: remove, path: /a}]", "{b: 2}");
    gives("{a: [1, 2]}", "[{op: remove, path: /a/-1}]", "{a: [1]}");
    fails(
        "{a: 1}",
        "[{op: remove, path: /b}]",
        "error in remove for path: '/b': Unable to remove nonexistent key: b: missing value",
    );
    fails(
        "{a: [1]}",
        "[{op: remove, path: /a/-}]",
        "error in remove for path: '/a/-': strconv.Atoi: parsing \"-\": invalid syntax",
    );
}

#[test]
fn replace_adds_what_is_missing_in_a_map_but_not_in_a_list() {
    gives("{a: {}}", "[{op: replace, path: /a/b, value: 1}]", "{a: {b: 1}}");
    gives("{a: [1]}", "[{op: replace, path: /a/0, value: 2}]", "{a: [2]}");
    fails(
        "{a: [1]}",
        "[{op: replace, path: /a/1, value: 2}]",
        "replace operation does not apply: doc is missing key: /a/1: missing value",
    );
    fails(
        "{a: text}",
        "[{op: replace, path: /a/b, value: 2}]",
        "replace operation does not apply: doc is missing path: /a/b: missing value",
    );
}

#[test]
fn move_and_copy() {
    gives("{a: 1}", "[{op: move, from: /a, path: /b}]", "{b: 1}");
    gives("{a: 1}", "[{op: copy, from: /a, path: /b}]", "{a: 1, b: 1}");
    gives("{a: 1}", "[{op: copy, from: /none, path: /b}]", "{a: 1, b: null}");
    fails(
        "{a: 1}",
        "[{op: move, from: /none, path: /b}]",
        "error in move for path: 'none': Unable to remove nonexistent key: none: missing value",
    );
}

#[test]
fn test_compares_values() {
    let object = "{a: {x: 1, z: [b]}}";
    gives(object, "[{op: test, path: /a, value: {z: [b], x: 1}}]", object);
    gives(object, "[{op: test, path: /a/none, value: null}]", object);
    fails(
        object,
        "[{op: test, path: /a/x, value: '1'}]",
        "testing value /a/x failed: test failed",
    );
}

#[test]
fn paths_are_unescaped_and_lax() {
    gives(
        "{a/b: 1, c~d: 2}",
        "[{op: remove, path: /a~1b}, {op: remove, path: /c~0d}]",
        "{}",
    );
    gives("{~1: 1}", "[{op: remove, path: /~01}]", "{}");
    gives("{a: 1}", "[{op: remove, path: anything/a}]", "{}");
    fails(
        "{a: 1}",
        "[{op: remove, path: a}]",
        "remove operation does not apply: doc is missing path: \"a\": missing value",
    );
}

#[test]
fn operations_that_are_none() {
    fails("{}", "[{op: delete, path: /a}]", "Unexpected kind: delete");
    fails("{}", "[{path: /a}]", "Unexpected kind: unknown");
    fails(
        "{}",
        "[{op: add}]",
        "add operation failed to decode path: missing value",
    );
    assert!(apply("{}", "{op: add}").is_err());
    assert!(apply("{}", "[add]").is_err());
}

#[test]
fn the_patch_is_read_as_kubernetes_reads_yaml() {
    gives(
        "{}",
        "[{op: add, path: /a, value: yes}, {op: add, path: /b, value: 'yes'}]",
        "{a: true, b: 'yes'}",
    );
}

#[test]
fn numbers_are_written_anew() {
    let patched = apply("{a: 0x1F, b: 1500000, c: '0x1F'}", "[]").unwrap();
    let texts: Vec<&str> = ["a", "b", "c"]
        .iter()
        .filter_map(|key| patched.text_at(&[key]))
        .collect();
    assert_eq!(texts, ["31", "1.5e+06", "0x1F"]);
}

#[test]
fn values_point_into_the_patch() {
    let patch = node("[{op: replace, path: /a, value: 2}]");
    let patched = JsonPatch::read(&patch)
        .unwrap()
        .apply(&node("{a: 1}"), true)
        .unwrap();
    let value = patch.items()[0].get("value").unwrap();
    assert_eq!(patched.get("a").unwrap().span(), value.span());
}

#[test]
fn growth_is_bounded() {
    let doubling = "{op: copy, from: /a, path: /a/b},{op: copy, from: /a, path: /a/c},".repeat(40);
    let error = apply("{a: {x: 1}}", &format!("[{doubling}]")).unwrap_err();
    assert!(
        error.contains("copies more than") || error.contains("nested deeper"),
        "{error}"
    );
}

#[test]
fn quotes_that_are_not_needed_are_lost() {
    let patched = apply("{a: 'text', b: '80', c: yes}", "[]").unwrap();
    let styles: Vec<Style> = ["a", "b", "c"]
        .iter()
        .filter_map(|key| patched.get(key)?.as_scalar().map(|scalar| scalar.style))
        .collect();
    assert_eq!(styles, [Style::Plain, Style::SingleQuoted, Style::DoubleQuoted]);
}
