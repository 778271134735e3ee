//! One line per finding: `path:line:column: severity[rule]: message`.

use std::io::{self, Write};

use super::Report;
use super::place::path;
use super::style::hyperlink;
use super::uri;
use crate::neutral::one_line;

pub(super) fn write(report: &Report<'_>, out: &mut dyn Write) -> io::Result<()> {
    let palette = report.look.palette();
    for reported in &report.outcome.findings {
        let span = reported.finding.primary().span;
        let file = report.sources.file(span.file);
        let at = file.line_column(span.start);
        let path = path(report.sources, span);
        let uri = file.on_disk().and_then(uri::of_file);
        let path = match uri.filter(|_| report.look.links) {
            Some(uri) => hyperlink(&uri, &path),
            None => path,
        };
        let level = format!("{}[{}]", reported.severity, reported.rule.name);
        writeln!(
            out,
            "{}:{}:{}: {}: {}",
            palette.bold(path),
            at.line,
            at.column,
            palette.severity(reported.severity, level),
            one_line(&reported.finding.message),
        )?;
    }
    Ok(())
}
