//! A code quality report of GitLab: the subset of Code Climate's issues that GitLab reads.
//!
//! GitLab shows `description` only, so the help is part of it, and drops all but one of the findings with the same
//! `fingerprint`; the sink makes fingerprints unique.

use std::io::{self, Write};

use serde::Serialize;

use super::Report;
use crate::finding::Severity;
use crate::neutral::one_line;
use crate::neutral::to_json;
use crate::sink::Reported;
use crate::source::SourceMap;

#[derive(Serialize)]
struct Issue<'a> {
    description: String,
    check_name: &'a str,
    fingerprint: &'a str,
    severity: &'static str,
    location: Location<'a>,
}

#[derive(Serialize)]
struct Location<'a> {
    path: &'a str,
    lines: Lines,
}

#[derive(Serialize)]
struct Lines {
    begin: usize,
    end: usize,
}

pub(super) fn write(report: &Report<'_>, out: &mut dyn Write) -> io::Result<()> {
    let findings = report.outcome.findings.iter();
    let issues: Vec<Issue<'_>> = findings.map(|one| issue(report.sources, one)).collect();
    to_json(out, &issues)
}

fn issue<'a>(sources: &'a SourceMap, reported: &'a Reported) -> Issue<'a> {
    let finding = &reported.finding;
    let span = finding.primary().span;
    let file = sources.file(span.file);
    let description = match &finding.help {
        Some(help) => format!("{} — help: {help}", finding.message),
        None => finding.message.clone(),
    };
    Issue {
        description: one_line(&description),
        check_name: reported.rule.name,
        fingerprint: &reported.fingerprint,
        severity: severity(reported.severity),
        location: Location {
            path: file.path().as_str(),
            lines: Lines {
                begin: file.line_column(span.start).line,
                end: file.line_column(span.end).line,
            },
        },
    }
}

/// GitLab has `info`, `minor`, `major`, `critical` and `blocker`.
fn severity(severity: Severity) -> &'static str {
    match severity {
        Severity::Error => "critical",
        Severity::Warning => "major",
        Severity::Info => "info",
    }
}
