//! Every rule in every format: each repository that a page says fails is reported in each of them, and what comes out
//! is held against the format's specification.
//!
//! Schemas of others are not copied into this project. `MESHLINT_SARIF_SCHEMA` may name `sarif-schema-2.1.0.json`, and
//! `MESHLINT_JUNIT_SCHEMA` an XSD for `xmllint`; the constraints that matter are checked without them.
#![allow(missing_docs, clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod common;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::LazyLock;

use clap::ValueEnum as _;
use common::found::{outcome, with};
use common::page::{examples, with_cases};
use common::{junit, sarif, schema};
use meshlint::engine::{self, RunOptions};
use meshlint::finding::Label;
use meshlint::report::{Format, Look, Report};
use meshlint::rules::RULES;
use meshlint::sink::{Outcome, Reported};
use meshlint::source::SourceMap;
use rayon::prelude::*;
use serde_json::{Value, json};

const OUTPUT: &str = "meshlint-output-v1.json";

/// A repository with its findings.
struct Case {
    title: String,
    sources: SourceMap,
    outcome: Outcome,
}

impl Case {
    fn written(&self, format: Format) -> String {
        let report = Report {
            sources: &self.sources,
            outcome: &self.outcome,
            // People get no more than a few of a kind unless they ask for all.
            look: Look {
                full: true,
                ..Look::PLAIN
            },
        };
        let mut out = Vec::new();
        report.write(format, &mut out).unwrap();
        String::from_utf8(out).unwrap()
    }

    fn document(&self, format: Format) -> Value {
        serde_json::from_str(&self.written(format)).unwrap_or_else(|error| panic!("{}: {error}", self.title))
    }

    fn findings(&self) -> &[Reported] {
        &self.outcome.findings
    }

    /// `path:line:column`.
    fn place(&self, label: &Label) -> String {
        let file = self.sources.file(label.span.file);
        let at = file.line_column(label.span.start);
        format!("{}:{}:{}", file.path(), at.line, at.column)
    }

    fn path(&self, reported: &Reported) -> &str {
        let file = self.sources.file(reported.finding.primary().span.file);
        file.path().as_str()
    }

    fn line(&self, reported: &Reported) -> usize {
        let span = reported.finding.primary().span;
        self.sources.file(span.file).line_column(span.start).line
    }
}

/// Every repository under `Fails`, and one that has no fault.
static CASES: LazyLock<Vec<Case>> = LazyLock::new(|| {
    let failing: Vec<_> = RULES
        .iter()
        .flat_map(|&rule| {
            examples(&with_cases(rule), "Fails")
                .into_iter()
                .map(move |example| (rule, example))
        })
        .collect();
    let mut cases: Vec<Case> = failing
        .par_iter()
        .map(|(rule, example)| {
            let sources = SourceMap::from_memory(example.repository());
            let outcome = outcome(&sources, example, &with(rule, &sources));
            assert!(
                outcome.findings.iter().any(|one| one.rule.name == rule.name),
                "{} finds nothing in {}",
                rule.name,
                example.title
            );
            Case {
                title: format!("{}, {}", rule.name, example.title),
                sources,
                outcome,
            }
        })
        .collect();
    let sources = SourceMap::from_memory(common::fleet::read("two-clusters"));
    let outcome = engine::check(&sources, &RunOptions::default()).outcome;
    assert!(outcome.findings.is_empty());
    cases.push(Case {
        title: "a correct mesh".to_owned(),
        sources,
        outcome,
    });
    cases
});

/// A format that is added is found here by itself.
#[test]
fn every_format_tells_of_every_finding_and_is_documented() {
    let page = std::fs::read_to_string(common::project().join("docs/formats.md")).unwrap();
    for (format, name) in Format::value_variants().iter().zip(common::formats()) {
        assert!(
            page.contains(&format!("| `{name}` |")),
            "docs/formats.md lacks `{name}`"
        );
        CASES.par_iter().for_each(|case| {
            let text = case.written(*format);
            assert!(text.is_empty() || text.ends_with('\n'), "{name}: {}", case.title);
            for reported in case.findings() {
                let line = case.line(reported).to_string();
                for part in [reported.rule.name, case.path(reported), &line] {
                    assert!(
                        text.contains(part),
                        "{name}, {}: no {part} in\n{text}",
                        case.title
                    );
                }
            }
        });
    }
}

#[test]
fn json_follows_our_schema_and_leaves_nothing_out() {
    let schema = schema::ours(OUTPUT);
    let validator = jsonschema::validator_for(&schema).unwrap();
    for case in CASES.iter() {
        let document = case.document(Format::Json);
        let faults: Vec<_> = validator
            .iter_errors(&document)
            .map(|one| one.to_string())
            .collect();
        assert_eq!(faults, Vec::<String>::new(), "{}", case.title);
        let findings = document["findings"].as_array().unwrap();
        assert_eq!(findings.len(), case.findings().len(), "{}", case.title);
        for (one, reported) in findings.iter().zip(case.findings()) {
            assert_eq!(one["rule"], reported.rule.name);
            assert_eq!(one["message"], reported.finding.message.as_str());
            let labels = one["labels"].as_array().unwrap();
            assert_eq!(labels.len(), reported.finding.labels.len());
            let primary: Vec<_> = labels.iter().filter(|label| label["primary"] == true).collect();
            assert_eq!(primary.len(), 1);
            assert_eq!(primary[0]["path"], case.path(reported));
        }
    }
}

#[test]
fn the_schema_of_json_refuses_what_is_wrong() {
    let wrong = json!({ "version": 2, "clusters": [{ "name": 1 }], "findings": [], "more": 0 });
    let faults = schema::faults(&schema::ours(OUTPUT), &wrong);
    for word in [
        "/version",
        "\"entry\"",
        "\"kustomizations\"",
        "'more'",
        "\"summary\"",
    ] {
        assert!(
            faults.iter().any(|fault| fault.contains(word)),
            "{word}: {faults:#?}"
        );
    }
}

#[test]
fn sarif_follows_the_specification_and_leaves_nothing_out() {
    for case in CASES.iter() {
        let log = case.document(Format::Sarif);
        let faults = sarif::faults(&log, &case.sources);
        assert_eq!(faults, Vec::<String>::new(), "{}", case.title);
        let results = log.pointer("/runs/0/results").and_then(Value::as_array).unwrap();
        assert_eq!(results.len(), case.findings().len(), "{}", case.title);
        for (result, reported) in results.iter().zip(case.findings()) {
            assert_eq!(result["ruleId"], reported.rule.name);
            let related = result.get("relatedLocations").and_then(Value::as_array);
            assert_eq!(related.map_or(0, Vec::len), reported.finding.labels.len() - 1);
            let place = &result["locations"][0]["physicalLocation"];
            assert_eq!(place["region"]["startLine"], case.line(reported));
        }
    }
}

#[test]
#[cfg_attr(not(meshlint_sarif_schema), ignore = "MESHLINT_SARIF_SCHEMA is not set")]
fn sarif_fits_the_schema_of_its_committee() {
    let text = std::fs::read_to_string(common::outside("MESHLINT_SARIF_SCHEMA")).unwrap();
    let schema: Value = serde_json::from_str(&text).unwrap();
    for case in CASES.iter() {
        let faults = schema::faults(&schema, &case.document(Format::Sarif));
        assert_eq!(faults, Vec::<String>::new(), "{}", case.title);
    }
}

#[test]
fn gitlab_has_its_required_fields_and_leaves_nothing_out() {
    let schema = schema::closed(json!({
        "type": "array",
        "items": {
            "type": "object",
            "required": ["description", "check_name", "fingerprint", "severity", "location"],
            "properties": {
                "description": { "type": "string", "minLength": 1 },
                "check_name": { "enum": RULES.iter().map(|rule| rule.name).collect::<Vec<_>>() },
                "fingerprint": { "type": "string", "minLength": 1 },
                "severity": { "enum": ["info", "minor", "major", "critical", "blocker"] },
                "location": {
                    "type": "object",
                    "required": ["path", "lines"],
                    "properties": {
                        "path": { "type": "string", "pattern": "^[^./]" },
                        "lines": {
                            "type": "object",
                            "required": ["begin"],
                            "properties": {
                                "begin": { "type": "integer", "minimum": 1 },
                                "end": { "type": "integer", "minimum": 1 }
                            }
                        }
                    }
                }
            }
        }
    }));
    for case in CASES.iter() {
        let document = case.document(Format::Gitlab);
        assert_eq!(
            schema::faults(&schema, &document),
            Vec::<String>::new(),
            "{}",
            case.title
        );
        let issues = document.as_array().unwrap();
        let prints: BTreeSet<_> = issues
            .iter()
            .map(|one| one["fingerprint"].as_str().unwrap())
            .collect();
        assert_eq!(
            prints.len(),
            case.findings().len(),
            "{}: fingerprints repeat",
            case.title
        );
        for (issue, reported) in issues.iter().zip(case.findings()) {
            let description = issue["description"].as_str().unwrap();
            assert!(
                flat(description).starts_with(&flat(&reported.finding.message)),
                "{description}"
            );
            assert_eq!(issue["check_name"], reported.rule.name);
            assert_eq!(issue["location"]["path"], case.path(reported));
            assert_eq!(issue["location"]["lines"]["begin"], case.line(reported));
        }
    }
}

#[test]
fn junit_is_well_formed_and_leaves_nothing_out() {
    for case in CASES.iter() {
        let suite = junit::suite(&case.written(Format::Junit));
        assert_eq!(suite.cases.len(), case.findings().len().max(1), "{}", case.title);
        let keys: BTreeSet<_> = suite.cases.iter().map(|one| (&one.class, &one.name)).collect();
        assert_eq!(keys.len(), suite.cases.len(), "{}: test cases repeat", case.title);
        for (one, reported) in suite.cases.iter().zip(case.findings()) {
            assert!(one.class.ends_with(reported.rule.name), "{}", one.class);
            let message = flat(one.message.as_deref().unwrap());
            assert_eq!(message, flat(&reported.finding.message));
            for label in &reported.finding.labels {
                assert!(
                    one.text.contains(&case.place(label)),
                    "{}: {}",
                    case.title,
                    one.text
                );
            }
        }
    }
}

#[test]
#[cfg_attr(not(meshlint_junit_schema), ignore = "MESHLINT_JUNIT_SCHEMA is not set")]
fn junit_fits_a_schema() {
    let scratch = tempfile::tempdir().unwrap();
    let mut xmllint = std::process::Command::new("xmllint");
    xmllint.args(["--noout", "--schema"]);
    xmllint.arg(common::outside("MESHLINT_JUNIT_SCHEMA"));
    for (nth, case) in CASES.iter().enumerate() {
        let file = scratch.path().join(format!("{nth}.xml"));
        std::fs::write(&file, case.written(Format::Junit)).unwrap();
        xmllint.arg(file);
    }
    let output = xmllint.output().expect("xmllint is installed");
    assert!(output.status.success(), "{}", common::stderr(&output));
}

#[test]
fn github_commands_can_be_read_back() {
    for case in CASES.iter() {
        let text = case.written(Format::Github);
        let commands: Vec<Command> = text
            .lines()
            .filter(|line| line.starts_with("::"))
            .map(|line| Command::read(line).unwrap_or_else(|| panic!("{}: {line}", case.title)))
            .collect();
        assert_eq!(commands.len(), case.findings().len(), "{}", case.title);
        let levels: Vec<_> = commands.iter().map(|one| one.level).collect();
        assert!(
            levels
                .is_sorted_by_key(|level| ["error", "warning", "notice"].iter().position(|one| one == level)),
            "{}: {levels:?}",
            case.title
        );
        for reported in case.findings() {
            let title = format!("{}[{}]", reported.severity, reported.rule.name);
            let line = case.line(reported).to_string();
            let found = commands.iter().any(|one| {
                one.property("title") == title
                    && one.property("file") == case.path(reported)
                    && one.property("line") == line
                    && one.body.starts_with(&reported.finding.message)
            });
            assert!(found, "{}: no command for {title} on line {line}", case.title);
        }
    }
}

/// A workflow command, as the runner reads it (`ActionCommand.TryParseV2` in actions/runner).
struct Command<'a> {
    level: &'a str,
    properties: BTreeMap<&'a str, String>,
    body: String,
}

impl<'a> Command<'a> {
    fn read(line: &'a str) -> Option<Self> {
        let (head, body) = line.strip_prefix("::")?.split_once("::")?;
        let (level, properties) = head.split_once(' ')?;
        let properties = properties
            .split(',')
            .map(|one| one.split_once('=').map(|(key, value)| (key, unescaped(value))))
            .collect::<Option<BTreeMap<_, _>>>()?;
        ["error", "warning", "notice"].contains(&level).then(|| Self {
            level,
            properties,
            body: unescaped(body),
        })
    }

    fn property(&self, name: &str) -> &str {
        self.properties.get(name).map_or("", String::as_str)
    }
}

fn unescaped(text: &str) -> String {
    [
        ("%0D", "\r"),
        ("%0A", "\n"),
        ("%3A", ":"),
        ("%2C", ","),
        ("%25", "%"),
    ]
    .iter()
    .fold(text.to_owned(), |text, (from, to)| text.replace(from, to))
}

#[test]
fn one_line_formats_have_one_line_per_finding() {
    for case in CASES.iter() {
        let concise = case.written(Format::Concise);
        let agent = case.written(Format::Agent);
        assert_eq!(concise.lines().count(), case.findings().len(), "{}", case.title);
        assert_eq!(agent.lines().count(), case.findings().len(), "{}", case.title);
        let lines = concise.lines().zip(agent.lines()).zip(case.findings());
        for ((concise, agent), reported) in lines {
            let finding = &reported.finding;
            let place = case.place(finding.primary());
            let level = format!("{}[{}]", reported.severity, reported.rule.name);
            let message = finding.message.replace('\n', " ");
            assert_eq!(concise, format!("{place}: {level}: {message}"));
            assert!(
                agent.starts_with(&format!("{place} {level} {message}")),
                "{agent}"
            );
            let help = finding.help.as_deref().unwrap_or_default().replace('\n', " ");
            assert!(agent.ends_with(&help), "{agent}");
            for label in &finding.labels {
                assert!(agent.contains(&case.place(label)), "{agent}");
                assert!(agent.contains(&label.text.replace('\n', " ")), "{agent}");
            }
        }
    }
}

#[test]
fn people_are_shown_every_finding() {
    for case in CASES.iter() {
        let text = flat(&case.written(Format::Human));
        for reported in case.findings() {
            let level = format!("{}[{}]", reported.severity, reported.rule.name);
            assert!(text.contains(&level), "{}: {level}", case.title);
            assert!(
                text.contains(&flat(&reported.finding.message)),
                "{}: {text}",
                case.title
            );
            for label in &reported.finding.labels {
                let file = case.sources.file(label.span.file).path().as_str();
                assert!(text.contains(&flat(file)), "{}: {file}", case.title);
            }
        }
    }
}

/// Text without the blanks, line breaks and bars that wrapping puts between its words.
fn flat(text: &str) -> String {
    text.chars().filter(|c| !c.is_whitespace() && *c != '│').collect()
}
