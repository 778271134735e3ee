//! The figures of a run in words.

use super::style::Look;
use crate::finding::Severity;
use crate::sink::Outcome;

/// What was found and where it was looked for, in one line without colours.
pub(super) fn headline(outcome: &Outcome) -> String {
    counts(outcome, Look::PLAIN)
}

pub(super) fn counts(outcome: &Outcome, look: Look) -> String {
    let palette = look.palette();
    let summary = &outcome.summary;
    let mut parts: Vec<String> = [
        (Severity::Error, summary.errors, "error", "errors"),
        (Severity::Warning, summary.warnings, "warning", "warnings"),
        (Severity::Info, summary.infos, "info", "infos"),
    ]
    .into_iter()
    .filter(|(_, count, ..)| *count > 0)
    .map(|(severity, count, one, many)| palette.severity(severity, number(count, one, many)))
    .collect();
    if parts.is_empty() {
        parts.push(palette.bold("no findings"));
    }
    let clusters = number(outcome.clusters.len(), "cluster", "clusters");
    let objects = number(summary.objects, "object", "objects");
    let files = number(summary.files, "file", "files");
    let mut line = format!("{} in {clusters} ({objects}, {files})", parts.join(", "));
    if summary.suppressed > 0 {
        line.push_str(&format!("; {} suppressed", summary.suppressed));
    }
    if let Some(fixed) = &outcome.fixed {
        line.push_str(&format!("; {} fixed", fixed.len()));
    }
    line
}

/// What could not be seen.
pub(super) fn unknown(outcome: &Outcome) -> Option<String> {
    let unknown = outcome.summary.unknown.iter();
    let unknown: Vec<String> = unknown.map(|(reason, count)| in_words(reason, *count)).collect();
    let is_all_known = unknown.is_empty();
    (!is_all_known).then(|| format!("not known from the repository: {}", unknown.join(", ")))
}

/// A reason of `summary.unknown` with its count, for people.
pub(crate) fn in_words(reason: &str, count: usize) -> String {
    let (one, many) = match reason {
        "encrypted" => ("encrypted value", "encrypted values"),
        "external" => ("value made in the cluster", "values made in the cluster"),
        "remote" => ("source elsewhere", "sources elsewhere"),
        "remote-base" => ("remote base", "remote bases"),
        "chart" => ("chart", "charts"),
        "generated" => ("generated value", "generated values"),
        "broken-build" => ("failed build", "failed builds"),
        "unparsable" => (
            "value of a file that does not parse",
            "values of files that do not parse",
        ),
        "not-looked-at" => ("part that is not looked at", "parts that are not looked at"),
        other => return format!("{count} {other}"),
    };
    number(count, one, many)
}

pub(super) fn number(count: usize, one: &str, many: &str) -> String {
    format!("{count} {}", if count == 1 { one } else { many })
}
