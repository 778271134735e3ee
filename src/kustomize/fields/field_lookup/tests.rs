use super::*;
use crate::kustomize::testing::{assert_yaml, node};

fn find(root: &str, path: &str) -> Result<Option<String>, String> {
    let root = node(root);
    let found = locate(&root, &split(path)).map_err(|error| error.message)?;
    Ok(found.and_then(|positions| at(&root, &positions).map(|node| raw_text(node).to_owned())))
}

fn set(root: &str, path: &str, create: Option<Shape>) -> Result<(usize, Node), String> {
    let mut root = node(root);
    let origin = root.origin().clone();
    let mut matcher = Matcher {
        create,
        origin: &origin,
        change: &mut |node| {
            *node = Node::plain("new", node.origin().clone());
            Ok(())
        },
        found: 0,
    };
    matcher
        .follow(&mut root, &split(path))
        .map_err(|error| error.message)?;
    Ok((matcher.found, root))
}

#[test]
fn splitting() {
    assert_eq!(
        split(r"metadata.annotations.a\.b/c"),
        ["metadata", "annotations", "a.b/c"]
    );
    assert_eq!(
        split("metadata.annotations.[a.b/c].0"),
        ["metadata", "annotations", "a.b/c", "0"]
    );
    assert_eq!(split("a.[name=x.y].b"), ["a", "[name=x.y]", "b"]);
}

#[test]
fn exact_paths() {
    let root = "{a: [{name: x, v: 1}, {name: xy, v: 2}], s: [p, q], m: {k: t}}";
    let cases = [
        ("a.[name=xy].v", Ok(Some("2"))),
        ("a.[name=y].v", Ok(None)),
        ("a.1.v", Ok(Some("2"))),
        ("a.-.v", Ok(Some("2"))),
        ("a.2.v", Ok(None)),
        ("s.[=q]", Ok(Some("q"))),
        ("m.k", Ok(Some("t"))),
        ("m.none.more", Ok(None)),
        ("a.*.v", Err("wildcard is not supported in PathGetter")),
        ("a.-1.v", Err("array index -1 cannot be negative")),
        (
            "m.0",
            Err("wrong node kind: expected SequenceNode but got MappingNode"),
        ),
        (
            "m.k.x",
            Err("wrong node kind: expected MappingNode but got ScalarNode"),
        ),
        (
            "a.[name].v",
            Err("list path element must contain fieldName=fieldValue for element to match"),
        ),
    ];
    for (path, expected) in cases {
        let expected = expected
            .map(|text| text.map(str::to_owned))
            .map_err(str::to_owned);
        assert_eq!(find(root, path), expected, "{path}");
    }
}

#[test]
fn patterns_find_several_places() {
    let root = "{a: [{name: x, v: 1}, {name: xy, v: 2}], s: [p, q]}";
    assert_eq!(set(root, "a.*.v", None).unwrap().0, 2);
    assert_eq!(set(root, "a.[name=x].v", None).unwrap().0, 2);
    assert_eq!(set(root, "a.[name=^x$].v", None).unwrap().0, 1);
    assert_eq!(set(root, "s.[=q].whatever", None).unwrap().0, 1);
    assert_eq!(set(root, "a.*.none", None).unwrap().0, 0);
    assert_eq!(
        set(root, "s.2", None).unwrap_err(),
        "index 2 specified but only 2 elements found"
    );
}

#[test]
fn what_is_missing_is_made() {
    let made = |root: &str, path: &str| set(root, path, Some(Shape::Scalar)).unwrap().1;
    assert_yaml(&made("{}", "a.b"), "{a: {b: new}}");
    assert_yaml(&made("{}", "a.0.b"), "{a: [{b: new}]}");
    assert_yaml(
        &made("{a: [{n: x}]}", "a.[n=y].b"),
        "{a: [{n: x}, {n: y, b: new}]}",
    );
    assert_yaml(&made("{s: [p]}", "s.1"), "{s: [p, new]}");
    assert!(set("{a: []}", "a.[n=^$].b", Some(Shape::Scalar)).is_err());
}

#[test]
fn changes_within_text_are_lost() {
    let (found, root) = set("{a: [{cfg: 'x: 1'}]}", "a.*.cfg.x", None).unwrap();
    assert_eq!(found, 1);
    assert_yaml(&root, "{a: [{cfg: 'x: 1'}]}");
}
