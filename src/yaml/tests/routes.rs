use super::*;
use crate::yaml::{Route, Step, Walk};

const TEXT: &str =
    "spec:\n  peers: [{name: a}, {name: b}]\n  labels: {app.kubernetes.io/name: x, 'q\"\\': y, '': z}\n";

#[test]
fn every_value_is_found_again_by_its_route() {
    let root = tree(TEXT);
    let mut routes = Vec::new();
    root.walk(&mut |route, key, node| {
        assert_eq!(key.is_some(), matches!(route.0.last(), Some(Step::Key(_))));
        assert!(
            root.at_route(&route.to_string()).unwrap().is_same(node),
            "{route}"
        );
        assert_eq!(root.route_to(node), Some(route.to_string()));
        routes.push(route.to_string());
        Walk::Enter
    });
    assert_eq!(
        routes,
        [
            "",
            "spec",
            "spec.peers",
            "spec.peers[0]",
            "spec.peers[0].name",
            "spec.peers[1]",
            "spec.peers[1].name",
            "spec.labels",
            "spec.labels[\"app.kubernetes.io/name\"]",
            "spec.labels[\"q\\\"\\\\\"]",
            "spec.labels[\"\"]",
        ]
    );
}

#[test]
fn a_walk_can_pass_over_values_and_stop() {
    let root = tree(TEXT);
    let mut seen = 0;
    root.walk(&mut |route, _, _| {
        seen += 1;
        match route.to_string().as_str() {
            "spec.peers" => Walk::Skip,
            "spec.labels" => Walk::Stop,
            _ => Walk::Enter,
        }
    });
    assert_eq!(seen, 4);
}

#[test]
fn routes_to_nothing_give_nothing() {
    let root = tree(TEXT);
    for route in [
        "spec.none",
        "spec.peers[7]",
        "spec..peers",
        "spec.peers[x]",
        "spec[\"peers",
        "..",
    ] {
        assert!(root.at_route(route).is_none(), "{route}");
    }
    assert_eq!(root.route_to(&tree("a: 1")), None);
    assert_eq!(
        Route(&[Step::Index(2), Step::Key("a b")]).to_string(),
        "[2][\"a b\"]"
    );
}

#[test]
fn values_are_the_same_however_they_are_written() {
    let same = |a: &str, b: &str| tree(&format!("v: {a}\n")).same_value(&tree(&format!("v: {b}\n")));
    for (a, b) in [
        ("a", "'a'"),
        ("1", "0x1"),
        ("1", "1.0"),
        ("null", "~"),
        ("{a: 1, b: [x]}", "{b: [x], a: 1}"),
        ("true", "True"),
        ("'on'", "on"),
    ] {
        assert!(same(a, b) && same(b, a), "{a} {b}");
    }
    for (a, b) in [
        ("1", "'1'"),
        ("[1, 2]", "[2, 1]"),
        ("{a: 1}", "{a: 1, b: 2}"),
        ("{a: 1}", "{b: 1}"),
        ("''", "~"),
        ("{}", "[]"),
    ] {
        assert!(!same(a, b) && !same(b, a), "{a} {b}");
    }
}
