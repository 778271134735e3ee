//! One line per finding with everything that is needed to mend it, for language models: no source lines, which they
//! can read themselves, and no ornament.
//!
//! `path:line:column severity[rule] message — here: words — also: path:line:column: words; … — help: what to do`

use std::io::{self, Write};

use super::Report;
use super::place::{labelled, place};
use crate::neutral::one_line;
use crate::sink::Reported;
use crate::source::SourceMap;

pub(super) fn write(report: &Report<'_>, out: &mut dyn Write) -> io::Result<()> {
    report
        .outcome
        .findings
        .iter()
        .try_for_each(|reported| writeln!(out, "{}", line(report.sources, reported)))
}

fn line(sources: &SourceMap, reported: &Reported) -> String {
    let finding = &reported.finding;
    let primary = finding.primary();
    let mut line = format!(
        "{} {}[{}] {}",
        place(sources, primary.span),
        reported.severity,
        reported.rule.name,
        finding.message
    );
    if !primary.text.is_empty() {
        line.push_str(" — here: ");
        line.push_str(&primary.text);
    }
    let others: Vec<String> = finding
        .labels
        .iter()
        .filter(|label| !label.primary)
        .map(|label| labelled(sources, label))
        .collect();
    if !others.is_empty() {
        line.push_str(" — also: ");
        line.push_str(&others.join("; "));
    }
    if let Some(help) = &finding.help {
        line.push_str(" — help: ");
        line.push_str(help);
    }
    one_line(&line)
}
