use std::sync::Arc;

use super::*;
use crate::source::Span;
use crate::yaml::{Origin, Substitution, parse_embedded};

/// Every scalar and key of the YAML inside `outer`'s `key`, with the bytes of the file it points at.
fn inner(outer: &str, key: &str) -> Vec<String> {
    fn visit(node: &Node, sources: &SourceMap, found: &mut Vec<String>) {
        if let Some(scalar) = node.as_scalar() {
            found.push(format!("{} {:?}", scalar.text, sources.snippet(node.span())));
        }
        node.items().iter().for_each(|item| visit(item, sources, found));
        for entry in node.entries() {
            visit(&entry.key, sources, found);
            visit(&entry.value, sources, found);
        }
    }
    let (sources, id) = file(outer);
    let root = parse(id, outer).documents[0].root.clone();
    let parsed = parse_embedded(root.get(key).unwrap(), &sources);
    assert_eq!(parsed.errors, []);
    let mut found = Vec::new();
    for document in &parsed.documents {
        visit(&document.root, &sources, &mut found);
    }
    found
}

#[test]
fn a_literal_block_is_mapped_line_by_line() {
    let outer = "a: 1\npatch: |-\n\n    - op: add\n\n      value:\n        ü: \"x\"\n    - op: b  \n";
    assert_eq!(
        inner(outer, "patch"),
        [
            r#"op "op""#,
            r#"add "add""#,
            r#"value "value""#,
            r#"ü "ü""#,
            r#"x "\"x\"""#,
            r#"op "op""#,
            r#"b "b""#
        ]
    );
}

#[test]
fn a_literal_block_is_mapped_with_carriage_returns_and_stated_indentation() {
    assert_eq!(
        inner("p: |\r\n  a: b\r\n  c: d\r\n", "p"),
        [r#"a "a""#, r#"b "b""#, r#"c "c""#, r#"d "d""#]
    );
    assert_eq!(inner("p: |1\n   a:\n    b\n", "p"), [r#"a "a""#, r#"b "b""#]);
}

#[test]
fn folded_plain_and_quoted_text_is_mapped() {
    assert_eq!(inner("p: >-\n  [a,\n  b]\n", "p"), [r#"a "a""#, r#"b "b""#]);
    assert_eq!(
        inner("p: '[\"10.0.0.0/8\", b]'\n", "p"),
        [r#"10.0.0.0/8 "\"10.0.0.0/8\"""#, r#"b "b""#]
    );
    assert_eq!(
        inner("p: \"{\\\"a\\\": 12}\"\n", "p"),
        [r#"a "\\\"a\\\"""#, r#"12 "12""#]
    );
    assert_eq!(inner("p: a\n", "p"), [r#"a "a""#]);
}

#[test]
fn text_that_cannot_be_found_in_the_file_points_at_the_scalar() {
    assert_eq!(
        inner("p: 'it''s: [x]'\n", "p"),
        [r#"it's "'it''s: [x]'""#, r#"x "'it''s: [x]'""#]
    );
}

#[test]
fn substituted_text_carries_its_origin_into_every_value() {
    let (sources, id) = file("p: '[${X}]'\n");
    let origin = Origin {
        span: Span::new(id, 3, 11),
        substituted: Some(Arc::from([Substitution {
            variable: "X".into(),
            expression: Span::new(id, 5, 9),
            value: None,
            unknown: false,
        }])),
    };
    let parsed = parse_embedded(&Node::string("[1, 2]", origin.clone()), &sources);
    let items = parsed.root().unwrap().items();
    assert_eq!(items.len(), 2);
    assert!(items.iter().all(|item| *item.origin() == origin));
}

#[test]
fn problems_inside_point_into_the_file() {
    let outer = "p: |\n  a: 1\n  a: 2\n";
    let (sources, id) = file(outer);
    let root = parse(id, outer).documents[0].root.clone();
    let parsed = parse_embedded(root.get("p").unwrap(), &sources);
    assert_eq!(parsed.errors[0].span.range(), 14..15);
    assert_eq!(parsed.errors[0].related.unwrap().0.range(), 7..8);
}
