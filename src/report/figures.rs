//! The figures of a run in words.

use super::style::Look;
use crate::finding::Severity;
use crate::neutral::one_line;
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

/// Names and facts that are told one by one before the rest is counted.
const SHOWN: usize = 4;

/// In which clusters no Cilium was seen.
pub(super) fn without_cilium(outcome: &Outcome) -> Option<String> {
    let names = &outcome.summary.mesh.without_cilium;
    let cluster = match names.len() {
        0 => return None,
        1 => "cluster",
        _ => "clusters",
    };
    Some(format!(
        "no Cilium seen in {cluster} {}",
        some(names.iter().map(|name| format!("`{}`", one_line(name))))
    ))
}

/// What the repository does not tell of the mesh.
pub(super) fn unknown_of_mesh(outcome: &Outcome) -> Option<String> {
    let unknown = &outcome.summary.mesh.unknown;
    if unknown.is_empty() {
        return None;
    }
    let facts = unknown.iter().map(|one| {
        let reason = in_words(one.reason, 1);
        let reason = reason.strip_prefix("1 ").unwrap_or(&reason);
        format!("{} of `{}` ({reason})", one.fact, one_line(&one.cluster))
    });
    Some(format!(
        "not known of the mesh: {}; `meshlint clusters` has the list",
        some(facts)
    ))
}

fn some(mut all: impl ExactSizeIterator<Item = String>) -> String {
    let more = all.len().saturating_sub(SHOWN);
    let first: Vec<String> = all.by_ref().take(SHOWN).collect();
    match more {
        0 => first.join(", "),
        more => format!("{} and {more} more", first.join(", ")),
    }
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
