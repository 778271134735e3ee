//! What was found by comparing with kustomize v5.8.1 on generated replacements. Expected values are kustomize's.

use super::*;
use crate::kustomize::testing::{assert_yaml, node};

const SOURCE: &str = "
apiVersion: v1
kind: ConfigMap
metadata: {name: src}
data: {host: 'db.example.com', port: '5432', flag: 'true', list: [a, b], empty: {}}
";

/// Applies one entry to the source and an object of kind Thing; gives the latter.
fn replace(entry: &str, thing: &str) -> Result<Node, String> {
    let mut source = node(SOURCE);
    let mut thing = node(&format!(
        "{{apiVersion: e/v1, kind: Thing, metadata: {{name: t, labels: {{app: x}}}}, spec: {thing}}}"
    ));
    let mut objects = Replaceables::new([&mut source, &mut thing].map(|node| (node, Vec::new())));
    let replacement = Replacement::read(&node(entry)).map_err(|error| error.message)?;
    let mut budget = Budget::new(usize::MAX);
    let done = replacement.apply(&mut objects, &mut budget);
    done.map_err(|error| error.message)?;
    Ok(thing)
}

/// Puts a field of the source into a path below `spec`.
fn put(field: &str, path: &str, options: &str, thing: &str) -> Result<Node, String> {
    let entry = format!(
        "{{source: {{kind: ConfigMap, fieldPath: 'data.{field}'}}, \
         targets: [{{select: {{kind: Thing}}, fieldPaths: ['spec.{path}'], options: {options}}}]}}"
    );
    replace(&entry, thing).map(|thing| thing.get("spec").unwrap().clone())
}

#[test]
fn a_scalar_keeps_its_type_and_what_is_made_takes_it_from_the_text() {
    assert_yaml(&put("port", "a", "{}", "{a: 1}").unwrap(), "{a: 5432}");
    assert_yaml(&put("port", "a", "{}", "{a: '1'}").unwrap(), "{a: '5432'}");
    assert_yaml(&put("port", "a", "{create: true}", "{}").unwrap(), "{a: 5432}");
    assert_yaml(&put("port", "a", "{}", "{a: {}}").unwrap(), "{a: '5432'}");
    assert_eq!(
        put("host", "a", "{}", "{a: 1}").unwrap_err(),
        "cannot decode !!str `db.example.com` as a !!int"
    );
}

#[test]
fn lists_and_maps_replace_but_leave_text_empty() {
    assert_yaml(&put("list", "a", "{}", "{a: {b: c}}").unwrap(), "{a: [a, b]}");
    assert_yaml(&put("list", "a", "{}", "{a: text}").unwrap(), "{a: ''}");
    assert_yaml(
        &put("list", "a.b", "{create: true}", "{}").unwrap(),
        "{a: {b: [a, b]}}",
    );
}

#[test]
fn parts_of_text() {
    let cases = [
        ("{delimiter: '.', index: 1}", "{a: x.5432.z}"),
        ("{delimiter: '.', index: -1}", "{a: 5432.x.y.z}"),
        ("{delimiter: '.', index: 9}", "{a: x.y.z.5432}"),
        ("{delimiter: '.'}", "{a: 5432.y.z}"),
    ];
    for (options, expected) in cases {
        assert_yaml(&put("port", "a", options, "{a: x.y.z}").unwrap(), expected);
    }
    assert_eq!(
        put("port", "a", "{delimiter: '.'}", "{a: []}").unwrap_err(),
        "delimiter option can only be used with scalar nodes"
    );
    let source = |index: i64| {
        let entry = format!(
            "{{source: {{kind: ConfigMap, fieldPath: data.host, options: {{delimiter: '.', index: {index}}}}}, \
             targets: [{{select: {{kind: Thing}}, fieldPaths: [spec.a]}}]}}"
        );
        replace(&entry, "{a: x}")
    };
    assert_yaml(source(1).unwrap().get("spec").unwrap(), "{a: example}");
    assert_eq!(
        source(3).unwrap_err(),
        "options.index 3 is out of bounds for value db.example.com"
    );
}

#[test]
fn sources_that_are_not_exactly_one_value() {
    let targets = "targets: [{select: {kind: Thing}, fieldPaths: [spec.a]}]";
    let cases = [
        (
            "source: {kind: Secret, name: s}",
            "nothing selected by Secret.[noVer].[noGrp]/s.[noNs]",
        ),
        (
            "source: {fieldPath: data.host}",
            "multiple matches for selector [noKind].[noVer].[noGrp]/[noName].[noNs]:data.host",
        ),
        (
            "source: {name: src, fieldPath: data.none}",
            "fieldPath `data.none` is missing for replacement source [noKind].[noVer].[noGrp]/src.[noNs]",
        ),
        (
            "source: {name: src, fieldPath: data.empty}",
            "fieldPath `data.empty` is missing for replacement source [noKind].[noVer].[noGrp]/src.[noNs]",
        ),
        (
            "source: {name: src}, sourceValue: x",
            "value and resource selectors are mutually exclusive",
        ),
        (
            "other: 1",
            "replacements must specify a source and at least one target",
        ),
    ];
    for (source, expected) in cases {
        let error = replace(&format!("{{{source}, {targets}}}"), "{a: x}").unwrap_err();
        assert_eq!(error, expected);
    }
}

#[test]
fn a_field_that_is_not_there() {
    assert_eq!(
        put("port", r"a\.b", "{}", "{}").unwrap_err(),
        r#"unable to find field "spec.a\\.b" in replacement target"#
    );
    let error = put("port", "a.b", "{create: true}", "{a: [1]}").unwrap_err();
    assert_eq!(
        error,
        "unable to find or create field \"spec.a.b\" in replacement target: \
         wrong node kind: expected MappingNode but got SequenceNode"
    );
}

#[test]
fn targets_are_selected_and_rejected() {
    let entry = |target: &str| format!("{{sourceValue: new, targets: [{{{target}, fieldPaths: [spec.a]}}]}}");
    let cases = [
        ("select: {name: t}", "new"),
        ("select: {kind: 'Th.*'}", "new"),
        ("select: {kind: Thing}, reject: [{name: t}]", "old"),
        (
            "select: {kind: Thing}, reject: [{name: other, labelSelector: app=x}]",
            "old",
        ),
        ("select: {kind: Thing}, reject: [{labelSelector: app=y}]", "new"),
        ("select: {kind: Thing, labelSelector: app=y}", "old"),
        ("select: {kind: Thing, namespace: default}", "old"),
    ];
    for (target, expected) in cases {
        let thing = replace(&entry(target), "{a: old}").unwrap();
        assert_eq!(thing.text_at(&["spec", "a"]), Some(expected), "{target}");
    }
    assert_eq!(
        replace(&entry("reject: []"), "{}").unwrap_err(),
        "target must specify resources to select"
    );
}

#[test]
fn former_names_count() {
    let mut source = node(SOURCE);
    let former = ResourceId {
        name: "old".to_owned(),
        ..ResourceId::of(&source)
    };
    let mut objects = Replaceables::new([(&mut source, vec![former])]);
    let entry = node("{source: {name: old}, targets: [{select: {name: old}, fieldPaths: [data.host]}]}");
    let mut budget = Budget::new(usize::MAX);
    Replacement::read(&entry)
        .unwrap()
        .apply(&mut objects, &mut budget)
        .unwrap();
    assert_eq!(source.text_at(&["data", "host"]), Some("src"));
}

#[test]
fn text_that_is_json_or_yaml_is_written_anew() {
    let cases = [
        (
            r#"{cfg: '{"b": {"x": 1}, "a": "<"}'}"#,
            r#"{"a":"\u003c","b":{"x":5432}}"#,
        ),
        ("{cfg: \"b:\\n  x: 1\\n\"}", "b:\n  x: 5432"),
        (
            "{cfg: \"{\\n  \\\"b\\\": {\\\"x\\\": 1, \\\"e\\\": []}\\n}\"}",
            "{\n  \"b\": {\n    \"e\": [],\n    \"x\": 5432\n  }\n}",
        ),
    ];
    for (thing, expected) in cases {
        let spec = put("port", "cfg.b.x", "{}", thing).unwrap();
        assert_eq!(spec.text_at(&["cfg"]), Some(expected));
    }
}

#[test]
fn the_value_points_at_the_source() {
    let mut source = node(SOURCE);
    let expected = source.at(&["data", "port"]).unwrap().span();
    let mut objects = Replaceables::new([(&mut source, Vec::new())]);
    let entry = node(
        "{source: {kind: ConfigMap, fieldPath: data.port}, targets: [{select: {}, fieldPaths: [data.host]}]}",
    );
    let mut budget = Budget::new(usize::MAX);
    Replacement::read(&entry)
        .unwrap()
        .apply(&mut objects, &mut budget)
        .unwrap();
    assert_eq!(source.at(&["data", "host"]).unwrap().span(), expected);
}
