//! Findings as diagnostics: in each file that has a label of one, at that label, with the others as related places.

use std::collections::BTreeMap;
use std::str::FromStr;

use lsp_types::{
    CodeDescription, Diagnostic, DiagnosticRelatedInformation, DiagnosticSeverity, NumberOrString, Uri,
};
use serde_json::json;

use super::view::{View, range};
use crate::finding::{Label, Severity};
use crate::neutral::printable;
use crate::report::page_url;
use crate::sink::Reported;
use crate::source::FileId;

/// What a file has, by position.
pub(super) fn of_file(view: &View<'_>, file: FileId) -> Vec<Diagnostic> {
    let lines = view.lines(file);
    let findings = view.analysis.findings.iter();
    let mut diagnostics: Vec<Diagnostic> = findings
        .filter_map(|reported| {
            let label = label_in(reported, file)?;
            Some(diagnostic(view, reported, label, lines.range(range(label.span))))
        })
        .collect();
    diagnostics.sort_by_key(|one| (one.range.start, one.range.end));
    diagnostics
}

/// What each file has that has anything.
pub(super) fn of_all(view: &View<'_>) -> BTreeMap<FileId, Vec<Diagnostic>> {
    let labels = view.analysis.findings.iter().flat_map(|one| &one.finding.labels);
    let mut files: Vec<FileId> = labels.map(|label| label.span.file).collect();
    files.sort_unstable();
    files.dedup();
    files
        .into_iter()
        .map(|file| (file, of_file(view, file)))
        .collect()
}

/// The label to show in a file: the place to edit where that is there, else the first.
pub(super) fn label_in(reported: &Reported, file: FileId) -> Option<&Label> {
    let primary = reported.finding.primary();
    let labels = std::iter::once(primary).chain(&reported.finding.labels);
    labels.into_iter().find(|label| label.span.file == file)
}

fn diagnostic(view: &View<'_>, reported: &Reported, shown: &Label, range: lsp_types::Range) -> Diagnostic {
    let rule = reported.rule;
    let page = page_url(rule).and_then(|url| Uri::from_str(&url).ok());
    Diagnostic {
        range,
        severity: Some(severity(reported.severity)),
        code: Some(NumberOrString::String(rule.name.to_owned())),
        code_description: page.map(|href| CodeDescription { href }),
        source: Some("meshlint".to_owned()),
        message: message(reported, shown),
        related_information: Some(related(view, reported, shown)).filter(|all| !all.is_empty()),
        tags: None,
        data: Some(json!({ "rule": rule.name, "fingerprint": reported.fingerprint })),
    }
}

fn severity(severity: Severity) -> DiagnosticSeverity {
    match severity {
        Severity::Error => DiagnosticSeverity::ERROR,
        Severity::Warning => DiagnosticSeverity::WARNING,
        Severity::Info => DiagnosticSeverity::INFORMATION,
    }
}

fn message(reported: &Reported, shown: &Label) -> String {
    let finding = &reported.finding;
    let mut message = finding.message.clone();
    if !shown.text.is_empty() {
        message.push('\n');
        message.push_str(&shown.text);
    }
    if let Some(help) = &finding.help {
        message.push_str("\nhelp: ");
        message.push_str(help);
    }
    printable(&message)
}

fn related(view: &View<'_>, reported: &Reported, shown: &Label) -> Vec<DiagnosticRelatedInformation> {
    let labels = reported.finding.labels.iter();
    let others = labels.filter(|label| label.span != shown.span);
    others
        .filter_map(|label| {
            Some(DiagnosticRelatedInformation {
                location: view.location(label.span)?,
                message: printable(&label.text),
            })
        })
        .collect()
}
