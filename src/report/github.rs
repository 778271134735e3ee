//! Workflow commands of GitHub Actions, which become annotations in the pull request.
//!
//! Escaping follows `@actions/core` `command.ts` (`escapeData`, `escapeProperty`).

use std::fmt::Write as _;
use std::io::{self, Write};

use super::Report;
use super::figures::headline;
use super::place::labelled;
use crate::finding::{Label, Severity};
use crate::neutral::printable;
use crate::sink::Reported;
use crate::source::SourceMap;

/// Annotations of one level that GitHub shows for a step; it drops the rest without a word.
const SHOWN: usize = 10;

pub(super) fn write(report: &Report<'_>, out: &mut dyn Write) -> io::Result<()> {
    let mut findings: Vec<&Reported> = report.outcome.findings.iter().collect();
    // A job has a limit over all levels too, so the worst come first.
    findings.sort_by_key(|reported| std::cmp::Reverse(reported.severity));
    for reported in findings {
        writeln!(out, "{}", command(report.sources, reported))?;
    }
    let summary = &report.outcome.summary;
    let most = summary.errors.max(summary.warnings).max(summary.infos);
    if most > SHOWN && !report.look.quiet {
        writeln!(
            out,
            "{}; GitHub shows {SHOWN} annotations of each level, this log has all",
            headline(report.outcome)
        )?;
    }
    Ok(())
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
        let _ = write!(body, "\n{}", labelled(sources, label));
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
