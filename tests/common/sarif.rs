//! What SARIF 2.1.0 and GitHub ask of a log, beyond what a JSON schema can say.

use std::collections::BTreeSet;

use meshlint::rules::RULES;
use meshlint::source::{RepoPath, SourceMap};
use serde_json::Value;

/// What of a log is not as it has to be. `sources` are the files it speaks of.
pub fn faults(log: &Value, sources: &SourceMap) -> Vec<String> {
    let mut faults = Vec::new();
    let mut check = |holds: bool, what: String| {
        if !holds {
            faults.push(what);
        }
    };
    check(log["version"] == "2.1.0", "version".to_owned());
    check(
        text(log, "/$schema").contains("sarif-schema-2.1.0"),
        "$schema".to_owned(),
    );
    let run = &log["runs"][0];
    let rules = array(run, "/tool/driver/rules");
    check(rules.len() == RULES.len(), "rules are missing".to_owned());
    for rule in rules {
        let id = text(rule, "/id");
        for required in [
            "/shortDescription/text",
            "/fullDescription/text",
            "/help/text",
            "/help/markdown",
        ] {
            check(!text(rule, required).is_empty(), format!("{id} lacks {required}"));
        }
        for limited in ["/shortDescription/text", "/fullDescription/text"] {
            check(
                text(rule, limited).chars().count() <= 1024,
                format!("{id}: {limited} is too long"),
            );
        }
        let level = text(rule, "/defaultConfiguration/level");
        check(is_level(level), format!("{id} has level {level}"));
        let tags = array(rule, "/properties/tags").len();
        check((1..=10).contains(&tags), format!("{id} has {tags} tags"));
    }
    check(run["columnKind"] == "utf16CodeUnits", "columnKind".to_owned());
    check(
        run["invocations"][0]["executionSuccessful"] == true,
        "invocations".to_owned(),
    );
    let mut prints = BTreeSet::new();
    for result in array(run, "/results") {
        let id = text(result, "/ruleId");
        let index = result["ruleIndex"]
            .as_u64()
            .and_then(|at| usize::try_from(at).ok());
        let indexed = index.and_then(|at| rules.get(at)).map(|rule| text(rule, "/id"));
        check(
            indexed == Some(id),
            format!("ruleIndex of {id} leads to {indexed:?}"),
        );
        check(is_level(text(result, "/level")), format!("level of {id}"));
        let print = text(result, "/partialFingerprints/meshlint~1v1");
        check(
            prints.insert(print.to_owned()),
            format!("{id}: the fingerprint {print} repeats"),
        );
        let message = text(result, "/message/text");
        let related = array(result, "/relatedLocations");
        for (nth, location) in related.iter().enumerate() {
            let number = nth + 1;
            check(
                location["id"] == number,
                format!("{id}: related location without number"),
            );
            let links = message.matches(&format!("]({number})")).count();
            check(
                links == 1,
                format!("{id}: {links} links to {number} in {message}"),
            );
        }
        let links = message.matches("](").count();
        check(
            links == related.len(),
            format!("{id}: {links} links in {message}"),
        );
        for location in array(result, "/locations").iter().chain(related) {
            if let Err(fault) = place(run, location, sources) {
                check(false, format!("{id}: {fault}"));
            }
        }
        check(
            array(result, "/locations").len() == 1,
            format!("locations of {id}"),
        );
    }
    faults
}

/// Whether a location leads to a place in a file that is there.
fn place(run: &Value, location: &Value, sources: &SourceMap) -> Result<(), String> {
    let at = &location["physicalLocation"];
    let base = text(at, "/artifactLocation/uriBaseId");
    let described = run["originalUriBaseIds"][base]["description"]["text"].is_string();
    let uri = text(at, "/artifactLocation/uri");
    let is_uri = |c: char| c.is_ascii_alphanumeric() || "-._~/%".contains(c);
    let leaves = ["/", "./", "../"].iter().any(|start| uri.starts_with(start));
    if !described || leaves || !uri.chars().all(is_uri) {
        return Err(format!("`{uri}` based on `{base}`"));
    }
    let path = decoded(uri).ok_or_else(|| format!("`{uri}` does not decode"))?;
    let file = sources
        .file_at(&RepoPath::clamp(&path))
        .ok_or_else(|| format!("there is no `{path}`"))?;
    let content = String::from_utf8_lossy(sources.file(file).bytes().unwrap_or_default());
    let lines: Vec<&str> = content.split('\n').collect();
    let number = |key: &str| {
        at["region"][key]
            .as_u64()
            .and_then(|n| usize::try_from(n).ok())
            .unwrap_or(0)
    };
    let start = (number("startLine"), number("startColumn"));
    let end = (number("endLine"), number("endColumn"));
    let is_there = |(line, column): (usize, usize)| {
        let width = |text: &&str| text.encode_utf16().count() + 1;
        column >= 1 && line >= 1 && lines.get(line - 1).is_some_and(|text| column <= width(text))
    };
    match start <= end && is_there(start) && is_there(end) {
        true => Ok(()),
        false => Err(format!("region {start:?} to {end:?} of `{path}`")),
    }
}

fn decoded(uri: &str) -> Option<String> {
    let mut bytes = Vec::new();
    let mut left = uri.bytes();
    while let Some(byte) = left.next() {
        if byte != b'%' {
            bytes.push(byte);
            continue;
        }
        let digits = [left.next()?, left.next()?];
        bytes.push(u8::from_str_radix(std::str::from_utf8(&digits).ok()?, 16).ok()?);
    }
    String::from_utf8(bytes).ok()
}

fn is_level(word: &str) -> bool {
    ["error", "warning", "note"].contains(&word)
}

fn text<'a>(value: &'a Value, pointer: &str) -> &'a str {
    value.pointer(pointer).and_then(Value::as_str).unwrap_or_default()
}

fn array<'a>(value: &'a Value, pointer: &str) -> &'a [Value] {
    value
        .pointer(pointer)
        .and_then(Value::as_array)
        .map_or(&[], Vec::as_slice)
}
