//! Reading JUnit XML back, with the constraints that readers have in common.

use std::collections::BTreeMap;

use quick_xml::Reader;
use quick_xml::events::{BytesStart, Event};

/// The one suite of a report.
#[derive(Debug, Default)]
pub struct Suite {
    pub attributes: BTreeMap<String, String>,
    pub cases: Vec<Case>,
}

#[derive(Debug, Default)]
pub struct Case {
    pub class: String,
    pub name: String,
    /// `failure` or `skipped`, or nothing for a test that passed.
    pub outcome: Option<String>,
    pub message: Option<String>,
    pub text: String,
}

/// Reads a report and panics over whatever is not as the schemas want it.
pub fn suite(text: &str) -> Suite {
    assert!(
        text.starts_with("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites>"),
        "{text}"
    );
    assert!(text.chars().all(is_xml_character));
    let mut reader = Reader::from_str(text);
    let mut suite = Suite::default();
    let mut open: Vec<String> = Vec::new();
    let mut order: Vec<String> = Vec::new();
    loop {
        let event = reader.read_event().expect("the report is well-formed");
        match event {
            Event::Start(tag) => {
                open.push(enter(&tag, &open, &mut order, &mut suite));
            }
            Event::Empty(tag) => {
                enter(&tag, &open, &mut order, &mut suite);
            }
            Event::End(_) => {
                open.pop();
            }
            Event::Text(words) if open.len() == 4 => {
                last(&mut suite).text.push_str(&words);
            }
            Event::GeneralRef(entity) if open.len() == 4 => {
                let entity = format!("&{};", &*entity);
                let words = quick_xml::escape::unescape(&entity)
                    .expect("a known entity")
                    .into_owned();
                last(&mut suite).text.push_str(&words);
            }
            Event::Eof => break,
            _ => {}
        }
    }
    assert_eq!(open, Vec::<String>::new());
    check(&suite, &order);
    suite
}

fn last(suite: &mut Suite) -> &mut Case {
    suite.cases.last_mut().expect("text stands in a test case")
}

fn enter(tag: &BytesStart<'_>, open: &[String], order: &mut Vec<String>, suite: &mut Suite) -> String {
    let name = tag.name().as_ref().to_owned();
    let attributes = attributes(tag);
    let parents: Vec<&str> = open.iter().map(String::as_str).collect();
    match (parents.as_slice(), name.as_str()) {
        ([], "testsuites") => assert!(attributes.is_empty()),
        (["testsuites"], "testsuite") => suite.attributes = attributes,
        (["testsuites", "testsuite"], "testcase") => {
            assert_eq!(attributes["time"], "0");
            suite.cases.push(Case {
                class: attributes["classname"].clone(),
                name: attributes["name"].clone(),
                ..Case::default()
            });
            order.push(name.clone());
        }
        (["testsuites", "testsuite"], "properties" | "system-out" | "system-err") => order.push(name.clone()),
        (["testsuites", "testsuite", "properties"], "property") => {}
        (["testsuites", "testsuite", "testcase"], "failure" | "skipped") => {
            let case = last(suite);
            assert_eq!(case.outcome, None, "a test case has one outcome");
            case.outcome = Some(name.clone());
            case.message = attributes.get("message").cloned();
            // Ant's schema knows no `type` of skipped tests.
            let level = attributes.get("type").map(String::as_str);
            match name.as_str() {
                "failure" => assert!(level == Some("error") || level == Some("warning")),
                _ => assert_eq!(level, None),
            }
        }
        (parents, name) => panic!("<{name}> in {parents:?}"),
    }
    name
}

fn attributes(tag: &BytesStart<'_>) -> BTreeMap<String, String> {
    tag.attributes()
        .map(|attribute| {
            let attribute = attribute.expect("attributes are well-formed");
            let key = attribute.key.as_ref().to_owned();
            let value = quick_xml::escape::unescape(&attribute.value)
                .expect("known entities")
                .into_owned();
            (key, value)
        })
        .collect()
}

fn check(suite: &Suite, order: &[String]) {
    let keys: Vec<&str> = suite.attributes.keys().map(String::as_str).collect();
    let wanted = [
        "errors",
        "failures",
        "hostname",
        "id",
        "name",
        "package",
        "skipped",
        "tests",
        "time",
        "timestamp",
    ];
    assert_eq!(keys, wanted);
    let count = |outcome: &str| {
        let of = |case: &&Case| case.outcome.as_deref() == Some(outcome);
        suite.cases.iter().filter(of).count().to_string()
    };
    assert_eq!(suite.attributes["tests"], suite.cases.len().to_string());
    assert_eq!(suite.attributes["failures"], count("failure"));
    assert_eq!(suite.attributes["skipped"], count("skipped"));
    assert_eq!(order.first().map(String::as_str), Some("properties"));
    assert!(order.ends_with(&["system-out".to_owned(), "system-err".to_owned()]));
    assert!(!suite.cases.is_empty(), "readers refuse a suite without tests");
}

/// `Char` of XML 1.0.
fn is_xml_character(c: char) -> bool {
    matches!(c, '\t' | '\n' | '\r' | '\u{20}'..='\u{d7ff}' | '\u{e000}'..='\u{fffd}' | '\u{10000}'..)
}
