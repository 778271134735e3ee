use std::sync::Arc;

use super::*;
use crate::source::{FileId, Span};
use crate::yaml::{Origin, Substitution, parse_embedded, parse_embedded_trimmed};

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

/// A substitution of the first `expression` in the file, with what it became in the scalar's text.
fn substitution(
    file: &str,
    id: FileId,
    expression: &str,
    output: Option<std::ops::Range<u32>>,
) -> Substitution {
    let at = file.find(expression).unwrap();
    Substitution {
        variable: expression.trim_matches(['$', '{', '}']).into(),
        expression: Span::new(id, at, at + expression.len()),
        value: None,
        unknown: false,
        output,
    }
}

#[test]
fn substituted_text_without_places_carries_its_origin_into_every_value() {
    let text = "p: '[${X}]'\n";
    let (sources, id) = file(text);
    let origin = Origin {
        span: Span::new(id, 3, 11),
        substituted: Some(Arc::from([substitution(text, id, "${X}", None)])),
    };
    let parsed = parse_embedded(&Node::string("[1, 2]", origin.clone()), &sources);
    let items = parsed.root().unwrap().items();
    assert_eq!(items.len(), 2);
    assert!(items.iter().all(|item| *item.origin() == origin));
}

#[test]
fn in_substituted_text_each_value_has_its_own_place_and_variables() {
    let text = "p: |\n  a: ${A}\n  b: x-${B}-${C}\n  none: ${D}\n  list: ${L}\n  last: 1\n";
    let (sources, id) = file(text);
    let of = |expression: &str, output| substitution(text, id, expression, Some(output));
    let value = "a: 1234567\nb: x-1-2\nnone: \nlist: [u, v]\nlast: 1\n";
    let at = |part: &str| {
        let at = u32::try_from(value.find(part).unwrap()).unwrap();
        at..at + u32::try_from(part.len()).unwrap()
    };
    let origin = Origin {
        span: Span::new(id, 3, text.len()),
        substituted: Some(Arc::from([
            of("${A}", at("1234567")),
            of("${B}", 16..17),
            of("${C}", 18..19),
            of("${D}", 26..26),
            of("${L}", at("[u, v]")),
        ])),
    };
    let parsed = parse_embedded(&Node::string(value, origin), &sources);
    let root = parsed.root().unwrap();
    let told = |node: &Node| {
        let variables = node.origin().substituted.iter().flat_map(|all| all.iter());
        let variables: Vec<&str> = variables.map(|one| &*one.variable).collect();
        format!("{} {}", sources.snippet(node.span()), variables.join(","))
    };
    assert_eq!(told(root.get("a").unwrap()), "${A} A");
    assert_eq!(told(root.get("b").unwrap()), "x-${B}-${C} B,C");
    let list = root.get("list").unwrap();
    assert_eq!(told(&list.items()[0]), "${L} L");
    assert_eq!(told(&list.items()[1]), "${L} L");
    assert_eq!(told(root.get("last").unwrap()), "1 ");
    assert_eq!(told(&root.entry("last").unwrap().key), "last ");
}

#[test]
fn places_that_do_not_fit_the_file_are_not_believed() {
    let text = "p: |\n  a: ${A}\n";
    let (sources, id) = file(text);
    for output in [0..1, 1..1, 3..900, 900..901] {
        let origin = Origin {
            span: Span::new(id, 3, text.len()),
            substituted: Some(Arc::from([substitution(text, id, "${A}", Some(output))])),
        };
        let parsed = parse_embedded(&Node::string("a: 1\n", origin.clone()), &sources);
        assert_eq!(*parsed.root().unwrap().get("a").unwrap().origin(), origin);
    }
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

#[test]
fn what_is_left_of_trimmed_text_keeps_its_places() {
    for text in [
        "p: |2+\n\n    a: 1\n    b: |\n      x\n\n",
        "p: \"\\n  a: 1\\n  b: |\\n    x\\n\"\n",
    ] {
        let (sources, id) = file(text);
        let whole = parse(id, text);
        let parsed = parse_embedded_trimmed(whole.root().unwrap().get("p").unwrap(), &sources);
        // Only the first line has lost its indentation.
        assert!(!parsed.errors.is_empty(), "{text}");
    }
    let text = "p: |+\n\n  a: 1\n  b: |\n    x\n\n";
    let (sources, id) = file(text);
    let whole = parse(id, text);
    let parsed = parse_embedded_trimmed(whole.root().unwrap().get("p").unwrap(), &sources);
    let root = parsed.root().unwrap();
    assert_eq!(sources.snippet(root.get("a").unwrap().span()), "1");
    assert_eq!(root.text_at(&["b"]), Some("x"));
    assert_eq!(sources.snippet(root.entry("b").unwrap().key.span()), "b");
}
