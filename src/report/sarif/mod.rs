//! SARIF 2.1.0, with what GitHub code scanning shows in mind (its documentation: "SARIF support for code scanning").
//!
//! Columns count UTF-16 code units, which every reader takes for granted. GitHub shows related locations only where
//! the message links to them. The fingerprint does not stand under `primaryLocationLineHash`: the upload action
//! computes that one itself and complains of any other.

mod rules;
mod text;

use std::collections::BTreeMap;
use std::io::{self, Write};

use serde::Serialize;

use self::text::{Text, level};
use super::{Report, json, uri};
use crate::finding::{Fix, Label, ObjectRef};
use crate::neutral::to_json;
use crate::rules::RULES;
use crate::sink::Reported;
use crate::source::{SourceFile, SourceMap, Span};
use rules::Descriptor;

const SCHEMA: &str =
    "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json";
/// What GitHub and Microsoft call the root of a checkout.
const ROOT: &str = "%SRCROOT%";
/// The name of our fingerprint. The number grows when what it is made of changes.
const FINGERPRINT: &str = "meshlint/v1";

#[derive(Serialize)]
struct Log<'a> {
    #[serde(rename = "$schema")]
    schema: &'static str,
    version: &'static str,
    runs: [Run<'a>; 1],
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Run<'a> {
    tool: Tool,
    invocations: [Invocation; 1],
    original_uri_base_ids: BTreeMap<&'static str, Base>,
    column_kind: &'static str,
    results: Vec<ResultObject<'a>>,
    properties: RunProperties<'a>,
}

#[derive(Serialize)]
struct Tool {
    driver: Driver,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Driver {
    name: &'static str,
    full_name: &'static str,
    semantic_version: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    information_uri: Option<&'static str>,
    language: &'static str,
    rules: Vec<Descriptor>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Invocation {
    execution_successful: bool,
}

#[derive(Serialize)]
struct Base {
    description: Text,
}

#[derive(Serialize)]
struct RunProperties<'a> {
    clusters: Vec<json::Cluster<'a>>,
    summary: json::Totals<'a>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct ResultObject<'a> {
    rule_id: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    rule_index: Option<usize>,
    level: &'static str,
    message: Text,
    locations: [Location; 1],
    #[serde(skip_serializing_if = "Vec::is_empty")]
    related_locations: Vec<Location>,
    partial_fingerprints: BTreeMap<&'static str, &'a str>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    fixes: Vec<FixObject<'a>>,
    properties: ResultProperties<'a>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct FixObject<'a> {
    description: Text,
    artifact_changes: Vec<ArtifactChange<'a>>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct ArtifactChange<'a> {
    artifact_location: ArtifactLocation,
    replacements: Vec<Replacement<'a>>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Replacement<'a> {
    deleted_region: Region,
    inserted_content: Content<'a>,
}

#[derive(Serialize)]
struct Content<'a> {
    text: &'a str,
}

#[derive(Serialize)]
struct ResultProperties<'a> {
    clusters: &'a [String],
    #[serde(skip_serializing_if = "Option::is_none")]
    object: Option<&'a ObjectRef>,
    #[serde(skip_serializing_if = "Option::is_none")]
    help: Option<&'a str>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Location {
    #[serde(skip_serializing_if = "Option::is_none")]
    id: Option<usize>,
    physical_location: PhysicalLocation,
    #[serde(skip_serializing_if = "Option::is_none")]
    message: Option<Text>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct PhysicalLocation {
    artifact_location: ArtifactLocation,
    region: Region,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct ArtifactLocation {
    uri: String,
    uri_base_id: &'static str,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Region {
    start_line: usize,
    start_column: usize,
    end_line: usize,
    end_column: usize,
}

pub(super) fn write(report: &Report<'_>, out: &mut dyn Write) -> io::Result<()> {
    let outcome = report.outcome;
    let root = Base {
        description: Text::new("The directory that paths are relative to: the root of the repository."),
    };
    let run = Run {
        tool: Tool { driver: driver() },
        invocations: [Invocation {
            execution_successful: true,
        }],
        original_uri_base_ids: BTreeMap::from([(ROOT, root)]),
        column_kind: "utf16CodeUnits",
        results: outcome
            .findings
            .iter()
            .map(|one| result(report.sources, one))
            .collect(),
        properties: RunProperties {
            clusters: outcome.clusters.iter().map(json::cluster).collect(),
            summary: json::totals(&outcome.summary),
        },
    };
    let log = Log {
        schema: SCHEMA,
        version: "2.1.0",
        runs: [run],
    };
    to_json(out, &log)
}

fn driver() -> Driver {
    let home = env!("CARGO_PKG_HOMEPAGE");
    Driver {
        name: "meshlint",
        full_name: concat!("meshlint ", env!("CARGO_PKG_VERSION")),
        semantic_version: env!("CARGO_PKG_VERSION"),
        information_uri: (!home.is_empty()).then_some(home),
        language: "en-GB",
        rules: RULES.iter().map(|rule| Descriptor::of(rule)).collect(),
    }
}

fn result<'a>(sources: &SourceMap, reported: &'a Reported) -> ResultObject<'a> {
    let finding = &reported.finding;
    let others: Vec<&Label> = finding.labels.iter().filter(|label| !label.primary).collect();
    let related = others.iter().enumerate();
    ResultObject {
        rule_id: reported.rule.name,
        rule_index: RULES.iter().position(|rule| rule.name == reported.rule.name),
        level: level(reported.severity),
        message: Text::new(message(reported, &others)),
        locations: [location(sources, finding.primary(), None)],
        related_locations: related
            .map(|(nth, label)| location(sources, label, Some(nth + 1)))
            .collect(),
        partial_fingerprints: BTreeMap::from([(FINGERPRINT, reported.fingerprint.as_str())]),
        fixes: finding
            .fix
            .iter()
            .map(|one| fix(sources, reported, one))
            .collect(),
        properties: ResultProperties {
            clusters: &finding.clusters,
            object: finding.object.as_ref(),
            help: finding.help.as_deref(),
        },
    }
}

/// Message and help as sentences, and a link to every other place.
fn message(reported: &Reported, others: &[&Label]) -> String {
    let finding = &reported.finding;
    let mut text = sentence(&finding.message);
    if let Some(help) = &finding.help {
        text.push_str(" Help: ");
        text.push_str(&sentence(help));
    }
    // Only our own links are to be links.
    text = text.replace("](", "] (");
    if !others.is_empty() {
        let links: Vec<String> = others
            .iter()
            .enumerate()
            .map(|(nth, label)| format!("[{}]({})", link_text(label), nth + 1))
            .collect();
        text.push_str(" See: ");
        text.push_str(&links.join(", "));
        text.push('.');
    }
    text
}

fn sentence(text: &str) -> String {
    let text = text.trim_end();
    let end = if text.ends_with(['.', '!', '?', ':']) {
        ""
    } else {
        "."
    };
    format!("{text}{end}")
}

/// The escapes of section 3.11.6.
fn link_text(label: &Label) -> String {
    let text = if label.text.is_empty() {
        "here"
    } else {
        &label.text
    };
    text.replace('\\', "\\\\").replace('[', "\\[").replace(']', "\\]")
}

/// A change of each file.
fn fix<'a>(sources: &SourceMap, reported: &Reported, fix: &'a Fix) -> FixObject<'a> {
    let mut changes: Vec<ArtifactChange<'a>> = Vec::new();
    for of_file in fix.edits.chunk_by(|a, b| a.span.file == b.span.file) {
        let Some(first) = of_file.first() else { continue };
        let file = sources.file(first.span.file);
        let replacements = of_file.iter().map(|edit| Replacement {
            deleted_region: region(file, edit.span),
            inserted_content: Content { text: &edit.to },
        });
        changes.push(ArtifactChange {
            artifact_location: ArtifactLocation {
                uri: uri::relative(file.path().as_str()),
                uri_base_id: ROOT,
            },
            replacements: replacements.collect(),
        });
    }
    FixObject {
        description: Text::new(
            reported
                .finding
                .help
                .as_deref()
                .unwrap_or(&reported.finding.message),
        ),
        artifact_changes: changes,
    }
}

fn location(sources: &SourceMap, label: &Label, id: Option<usize>) -> Location {
    let file = sources.file(label.span.file);
    Location {
        id,
        physical_location: PhysicalLocation {
            artifact_location: ArtifactLocation {
                uri: uri::relative(file.path().as_str()),
                uri_base_id: ROOT,
            },
            region: region(file, label.span),
        },
        message: (!label.text.is_empty()).then(|| Text::new(&label.text)),
    }
}

fn region(file: &SourceFile, span: Span) -> Region {
    let (start_line, start_column) = position(file, span.start);
    let (end_line, end_column) = position(file, span.end);
    Region {
        start_line,
        start_column,
        end_line,
        end_column,
    }
}

/// Line and column from 1, the column in UTF-16 code units; a byte order mark takes none (section 3.30.2).
fn position(file: &SourceFile, offset: u32) -> (usize, usize) {
    let line = file.line_column(offset).line;
    let start = file
        .line_starts()
        .get(line - 1)
        .map_or(0, |&start| start as usize);
    let bytes = file.bytes().unwrap_or_default();
    let end = (offset as usize).min(bytes.len());
    let before = String::from_utf8_lossy(bytes.get(start..end).unwrap_or_default());
    let units = before.trim_start_matches('\u{feff}').encode_utf16().count();
    (line, units + 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_count_what_editors_count() {
        let map = SourceMap::from_memory([("a.yaml", "\u{feff}k: \u{1f600}x\nü: y\n")]);
        let file = &map.files()[0];
        let offset = |text: &str| u32::try_from(file.text().unwrap().find(text).unwrap()).unwrap();
        assert_eq!(position(file, offset("k")), (1, 1));
        assert_eq!(position(file, offset("x")), (1, 6));
        assert_eq!(file.line_column(offset("x")).column, 5);
        assert_eq!(position(file, offset("y")), (2, 4));
        assert_eq!(position(file, 4000), (3, 1));
    }

    #[test]
    fn the_schema_is_that_of_the_standard() {
        assert!(SCHEMA.ends_with("/sarif-schema-2.1.0.json"));
        assert_eq!(sentence("a"), "a.");
        assert_eq!(sentence("a?"), "a?");
    }
}
