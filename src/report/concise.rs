//! One line per finding: `path:line:column: severity[rule]: message`.

use std::io::{self, Write};

use super::Report;
use super::place::path;
use super::style::one_line;

pub(super) fn write(report: &Report<'_>, out: &mut dyn Write) -> io::Result<()> {
    let palette = report.look.palette();
    for reported in &report.outcome.findings {
        let span = reported.finding.primary().span;
        let at = report.sources.file(span.file).line_column(span.start);
        let level = format!("{}[{}]", reported.severity, reported.rule.name);
        writeln!(
            out,
            "{}:{}:{}: {}: {}",
            palette.bold(path(report.sources, span)),
            at.line,
            at.column,
            palette.severity(reported.severity, level),
            one_line(&reported.finding.message),
        )?;
    }
    Ok(())
}
