//! Workflow commands of GitHub Actions, which become annotations in the pull request.
//!
//! Escaping follows `@actions/core` `command.ts` (`escapeData`, `escapeProperty`).

use std::fmt::Write as _;
use std::io::{self, Write};

use super::Report;
use super::style::printable;
use crate::finding::{Label, Severity};
use crate::sink::Reported;
use crate::source::SourceMap;

pub(super) fn write(report: &Report<'_>, out: &mut dyn Write) -> io::Result<()> {
    report
        .outcome
        .findings
        .iter()
        .try_for_each(|reported| writeln!(out, "{}", command(report.sources, reported)))
}

fn command(sources: &SourceMap, reported: &Reported) -> String {
    let word = match reported.severity {
        Severity::Error => "error",
        Severity::Warning => "warning",
        Severity::Info => "notice",
    };
    let Label { span, .. } = *reported.finding.primary();
    let file = sources.file(span.file);
    let (start, end) = (file.line_column(span.start), file.line_column(span.end));
    let mut command = format!(
        "::{word} title={title},file={path},line={line},endLine={end_line}",
        title = property(&format!("{}[{}]", reported.severity, reported.rule.name)),
        path = property(&printable(file.path().as_str())),
        line = start.line,
        end_line = end.line,
    );
    // GitHub takes columns only for annotations within one line.
    if start.line == end.line {
        let _ = write!(command, ",col={},endColumn={}", start.column, end.column);
    }
    command.push_str("::");
    command.push_str(&data(&body(sources, reported)));
    command
}

/// An annotation shows no other place, so the other labels are written out.
fn body(sources: &SourceMap, reported: &Reported) -> String {
    let finding = &reported.finding;
    let mut body = finding.message.clone();
    for label in &finding.labels {
        let file = sources.file(label.span.file);
        let at = file.line_column(label.span.start);
        let _ = write!(
            body,
            "\n{}:{}:{}: {}",
            file.path(),
            at.line,
            at.column,
            label.text
        );
    }
    if let Some(help) = &finding.help {
        let _ = write!(body, "\nhelp: {help}");
    }
    printable(&body)
}

fn data(text: &str) -> String {
    text.replace('%', "%25").replace('\r', "%0D").replace('\n', "%0A")
}

fn property(text: &str) -> String {
    data(text).replace(':', "%3A").replace(',', "%2C")
}
