use std::collections::BTreeMap;

use serde::Deserialize;

use super::*;
use crate::yaml::{DeErrorKind, ReadOptions, Spanned, from_node, from_node_reporting, from_node_with};

#[derive(Debug, Deserialize, PartialEq)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Cluster {
    #[serde(default)]
    name: String,
    id: Option<u8>,
    #[serde(default)]
    enabled: bool,
    #[serde(default)]
    peers: Vec<Peer>,
    #[serde(default)]
    labels: BTreeMap<String, String>,
}

#[derive(Debug, Deserialize, PartialEq)]
#[serde(deny_unknown_fields)]
struct Peer {
    address: Option<Spanned<String>>,
    port: Option<u16>,
    policy: Option<Policy>,
}

#[derive(Debug, Deserialize, PartialEq)]
#[serde(rename_all = "lowercase")]
enum Policy {
    Allow,
    Deny,
}

fn cluster(text: &str) -> Cluster {
    from_node(&tree(text)).unwrap()
}

/// Route, bytes under the span and message of the error.
fn fault(text: &str) -> (String, String, String) {
    let error = from_node::<Cluster>(&tree(text)).unwrap_err();
    (error.route, text[error.span.range()].to_owned(), error.message)
}

#[test]
fn numbers_and_booleans_may_stand_for_text_as_in_go() {
    // What sigs.k8s.io/yaml puts into a `string` field.
    for (text, name) in [
        ("on", "true"),
        ("1.20", "1.2"),
        ("01", "1"),
        ("1e3", "1000"),
        ("1234567.5", "1.2345675e+06"),
        ("0x1F", "31"),
        ("'01'", "01"),
        ("~", ""),
        ("2001-12-14", "2001-12-14"),
    ] {
        assert_eq!(cluster(&format!("name: {text}\n")).name, name, "{text}");
    }
    assert_eq!(cluster("labels: {a: yes, 01: 2}\n").labels["1"], "2");
    assert_eq!(cluster("labels: {on: x}\n").labels["true"], "x");
}

#[test]
fn numbers_are_read_however_they_are_written_but_not_from_text() {
    for text in ["7", "0o7", "007", "7.0", "7e0"] {
        assert_eq!(cluster(&format!("id: {text}\n")).id, Some(7), "{text}");
    }
    assert_eq!(
        fault("id: '7'\n"),
        (
            "id".into(),
            "'7'".into(),
            "the text `7` stands where u8 is expected".into()
        )
    );
    assert_eq!(
        fault("id: 7.5\n").2,
        "the number `7.5` stands where u8 is expected"
    );
    assert_eq!(fault("id: 300\n").1, "300");
}

#[test]
fn null_stands_for_nothing() {
    let read = cluster("name:\nid: ~\nenabled: null\npeers:\nlabels:\n");
    assert_eq!(read, cluster("{}"));
}

#[test]
fn faults_have_a_route_and_the_place_of_the_value_or_key() {
    let text = "name: a\npeers:\n- address: b\n- port: http\n";
    assert_eq!(
        fault(text),
        (
            "peers[1].port".into(),
            "http".into(),
            "the text `http` stands where u16 is expected".into()
        )
    );
    let text = "peers:\n- address: b\n  adress: c\n";
    let error = from_node::<Cluster>(&tree(text)).unwrap_err();
    assert_eq!(
        error.kind,
        DeErrorKind::UnknownField(&["address", "port", "policy"])
    );
    assert_eq!(
        (error.route.as_str(), &text[error.span.range()]),
        ("peers[0].adress", "adress")
    );
    assert_eq!(
        fault("peers: {a: b}\n").2,
        "a map stands where a sequence is expected"
    );
    assert_eq!(
        fault("peers:\n- policy: Allow\n").2,
        "`Allow` is none of `allow`, `deny`"
    );
    assert_eq!(
        fault("labels:\n  app.kubernetes.io/name: [x]\n").0,
        "labels[\"app.kubernetes.io/name\"]"
    );
}

#[test]
fn a_missing_field_is_told_at_the_map_that_lacks_it() {
    #[derive(Debug, Deserialize)]
    struct Outer {
        #[expect(dead_code)]
        inner: Inner,
    }
    #[derive(Debug, Deserialize)]
    struct Inner {
        #[expect(dead_code)]
        name: String,
    }
    let text = "inner: {other: 1}\n";
    let error = from_node::<Outer>(&tree(text)).unwrap_err();
    assert_eq!(error.kind, DeErrorKind::MissingField("name"));
    assert_eq!(
        (error.route.as_str(), &text[error.span.range()]),
        ("inner", "{other: 1}")
    );
}

#[test]
fn values_can_keep_their_place_and_their_tree() {
    #[derive(Deserialize)]
    struct Model {
        path: Spanned<String>,
        values: Option<Node>,
        list: Vec<Spanned<Option<i64>>>,
        map: BTreeMap<Spanned2, Node>,
    }
    #[derive(Deserialize, PartialEq, Eq, PartialOrd, Ord)]
    struct Spanned2(String);

    let text = "path: ./a\nvalues: {x: [1]}\nlist: [1, ~]\nmap: {k: v}\n";
    let root = tree(text);
    let model: Model = from_node(&root).unwrap();
    assert_eq!(
        (&**model.path, &text[model.path.origin.span.range()]),
        ("./a", "./a")
    );
    assert!(model.values.unwrap().is_same(root.get("values").unwrap()));
    assert_eq!(
        model.list.iter().map(|item| item.value).collect::<Vec<_>>(),
        [Some(1), None]
    );
    assert_eq!(&text[model.list[1].origin.span.range()], "~");
    assert!(model.map[&Spanned2("k".into())].is_same(root.at(&["map", "k"]).unwrap()));
}

#[test]
fn a_place_is_refused_where_no_tree_is_read() {
    assert!(serde_json::from_str::<Spanned<String>>("\"a\"").is_err());
    assert!(serde_json::from_str::<Node>("1").is_err());
}

#[test]
fn keys_of_any_case_find_their_field_and_the_exact_one_wins() {
    let any_case = ReadOptions { any_case: true };
    let read: Cluster = from_node_with(&tree("NAME: a\nPeers: [{Address: b}]\n"), any_case).unwrap();
    assert_eq!(read.name, "a");
    assert_eq!(read.peers[0].address.as_ref().unwrap().value, "b");
    for text in ["Name: a\nname: b\n", "name: b\nName: a\n"] {
        let read: Cluster = from_node_with(&tree(text), any_case).unwrap();
        assert_eq!(read.name, "b");
    }
    assert!(from_node::<Cluster>(&tree("Name: a\n")).is_err());
}

#[test]
fn unknown_keys_can_be_reported_without_losing_the_model() {
    #[derive(Debug, Deserialize)]
    struct Open {
        name: String,
        inner: Option<Box<Open>>,
    }
    let text = "name: a\nnam: b\ninner:\n  name: c\n  extra: [1]\n";
    let (read, unknown) = from_node_reporting::<Open>(&tree(text), ReadOptions::default());
    let read = read.unwrap();
    assert_eq!(
        (read.name.as_str(), read.inner.unwrap().name.as_str()),
        ("a", "c")
    );
    let found: Vec<_> = unknown
        .iter()
        .map(|field| {
            (
                field.route.as_str(),
                &text[field.key.span().range()],
                field.expected,
            )
        })
        .collect();
    let expected: &[&str] = &["name", "inner"];
    assert_eq!(
        found,
        [("nam", "nam", expected), ("inner.extra", "extra", expected)]
    );
}
