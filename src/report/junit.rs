//! JUnit XML: one suite in which every finding is a test case.
//!
//! No body owns this format. What is written follows the schema of Jenkins' xUnit plugin (`junit-10.xsd`) and that of
//! Ant's tasks (windyroad/JUnit-Schema `JUnit.xsd`) at once; the latter is why the suite has a time stamp, a host and
//! empty elements, and why the root has no attribute. The time stamp is always the same: no clock reaches a report.

use std::collections::HashMap;
use std::io::{self, Write};

use quick_xml::Writer;
use quick_xml::events::{BytesDecl, BytesText, Event};

use super::Report;
use super::figures::headline;
use super::place::{labelled, path, place};
use crate::finding::Severity;
use crate::neutral::{one_line, printable};
use crate::sink::Reported;
use crate::source::SourceMap;

const UNKNOWN_TIME: &str = "1970-01-01T00:00:00";

pub(super) fn write(report: &Report<'_>, out: &mut dyn Write) -> io::Result<()> {
    let mut xml = Writer::new_with_indent(&mut *out, b' ', 2);
    xml.write_event(Event::Decl(BytesDecl::new("1.0", Some("UTF-8"), None)))?;
    xml.create_element("testsuites")
        .write_inner_content(|xml| suite(report, xml))?;
    writeln!(out)
}

fn suite<W: Write>(report: &Report<'_>, xml: &mut Writer<W>) -> io::Result<()> {
    let findings = &report.outcome.findings;
    let notes = report.outcome.summary.infos;
    let (tests, failures, skipped) = (
        findings.len().max(1).to_string(),
        (findings.len() - notes.min(findings.len())).to_string(),
        notes.to_string(),
    );
    xml.create_element("testsuite")
        .with_attributes([
            ("name", "meshlint"),
            ("package", "meshlint"),
            ("id", "0"),
            ("timestamp", UNKNOWN_TIME),
            ("hostname", "localhost"),
            ("tests", tests.as_str()),
            ("failures", failures.as_str()),
            ("errors", "0"),
            ("skipped", skipped.as_str()),
            ("time", "0"),
        ])
        .write_inner_content(|xml| {
            xml.create_element("properties").write_inner_content(|xml| {
                xml.create_element("property")
                    .with_attributes([("name", "version"), ("value", env!("CARGO_PKG_VERSION"))])
                    .write_empty()?;
                Ok(())
            })?;
            cases(report, xml)?;
            xml.create_element("system-out")
                .write_text_content(BytesText::new(&text(&headline(report.outcome))))?;
            xml.create_element("system-err").write_empty()?;
            Ok(())
        })?;
    Ok(())
}

fn cases<W: Write>(report: &Report<'_>, xml: &mut Writer<W>) -> io::Result<()> {
    if report.outcome.findings.is_empty() {
        // Readers take a suite without any test for a run that broke off.
        xml.create_element("testcase")
            .with_attributes([("name", "no findings"), ("classname", "meshlint"), ("time", "0")])
            .write_empty()?;
        return Ok(());
    }
    let mut names = HashMap::new();
    report.outcome.findings.iter().try_for_each(|reported| {
        let name = unique(&mut names, reported, report.sources);
        case(report.sources, reported, &name, xml)
    })
}

/// GitLab and Jenkins know a test case by its class and name from run to run, and drop those with the same: hence no
/// line number, and a count where two findings say the same of one file.
fn unique(
    names: &mut HashMap<(&'static str, String), usize>,
    reported: &Reported,
    sources: &SourceMap,
) -> String {
    let file = path(sources, reported.finding.primary().span);
    let name = text(&one_line(&format!("{file}: {}", reported.finding.message)));
    let count = names.entry((reported.rule.name, name.clone())).or_default();
    *count += 1;
    match *count {
        1 => name,
        more => format!("{name} ({more})"),
    }
}

fn case<W: Write>(
    sources: &SourceMap,
    reported: &Reported,
    name: &str,
    xml: &mut Writer<W>,
) -> io::Result<()> {
    let class = format!(
        "meshlint.{}.{}",
        reported.rule.category.as_str(),
        reported.rule.name
    );
    let message = text(&one_line(&reported.finding.message));
    xml.create_element("testcase")
        .with_attributes([("name", name), ("classname", class.as_str()), ("time", "0")])
        .write_inner_content(|xml| {
            // A test that is skipped shows without making the build unstable.
            let element = match reported.severity {
                Severity::Error | Severity::Warning => xml
                    .create_element("failure")
                    .with_attribute(("type", reported.severity.as_str())),
                Severity::Info => xml.create_element("skipped"),
            };
            element
                .with_attribute(("message", message.as_str()))
                .write_text_content(BytesText::new(&text(&body(sources, reported))))?;
            Ok(())
        })?;
    Ok(())
}

fn body(sources: &SourceMap, reported: &Reported) -> String {
    let finding = &reported.finding;
    let mut lines = vec![format!(
        "{}: {}[{}]: {}",
        place(sources, finding.primary().span),
        reported.severity,
        reported.rule.name,
        finding.message
    )];
    lines.extend(finding.labels.iter().map(|label| labelled(sources, label)));
    lines.extend(finding.help.iter().map(|help| format!("help: {help}")));
    // A line of its own from the repository could be read as a command by whoever prints the report.
    let lines: Vec<String> = lines.iter().map(|line| one_line(line)).collect();
    lines.join("\n")
}

/// Text that XML 1.0 can hold: of what [`printable`] leaves, two characters are still outside of its `Char`.
fn text(text: &str) -> String {
    printable(text).replace(['\u{fffe}', '\u{ffff}'], "\u{fffd}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_characters_of_xml_are_left() {
        assert_eq!(
            text("a\u{0}\u{1b}\u{85}\u{ffff}\u{fffe}\n\tü\u{1f600}"),
            "a\u{fffd}\u{fffd}\u{fffd}\u{fffd}\u{fffd}\n\tü\u{1f600}"
        );
    }
}
