//! Markdown for summaries of CI jobs and for comments: the figures, clusters, and what each rule found, folded up. Readers begin at
//! the top, so the errors come first.

use std::collections::HashMap;
use std::io::{self, Write};

use super::causes::{Cause, Chapter, chapters};
use super::figures::headline;
use super::page_url;
use super::place::place;
use super::run::Report;
use crate::finding::{Label, Severity};
use crate::neutral::{code, to_markdown};
use crate::sink::{Fixed, Outcome};

/// Causes of one rule, and further places of one cause. Summaries have a limit of 1 MiB, comments one of 64 KiB.
const SHOWN: usize = 10;

pub(super) fn write(report: &Report<'_>, out: &mut dyn Write) -> io::Result<()> {
    let outcome = report.outcome;
    writeln!(out, "## meshlint: {}\n", headline(outcome))?;
    if outcome.fixed.is_some() && !outcome.findings.is_empty() {
        writeln!(out, "Only what the change brings is listed.\n")?;
    }
    write_clusters(outcome, out)?;
    let chapters = chapters(&outcome.findings);
    for chapter in chapters.iter().rev() {
        write_chapter(report, chapter, out)?;
    }
    match outcome.fixed.as_deref() {
        Some(fixed) if !fixed.is_empty() => write_fixed(fixed, out),
        _ => Ok(()),
    }
}

/// The clusters that have findings.
fn write_clusters(outcome: &Outcome, out: &mut dyn Write) -> io::Result<()> {
    let mut counts: HashMap<&str, [usize; 3]> = HashMap::new();
    for one in &outcome.findings {
        let nth = match one.severity {
            Severity::Error => 0,
            Severity::Warning => 1,
            Severity::Info => 2,
        };
        for cluster in &one.finding.clusters {
            if let Some(count) = counts.entry(cluster).or_default().get_mut(nth) {
                *count += 1;
            }
        }
    }
    let row = |name: &str| {
        let [errors, warnings, infos] = counts.get(name)?;
        Some(format!("| {} | {errors} | {warnings} | {infos} |", code(name)))
    };
    let rows: Vec<String> = outcome
        .clusters
        .iter()
        .filter_map(|cluster| row(&cluster.name))
        .collect();
    if rows.is_empty() {
        return Ok(());
    }
    writeln!(
        out,
        "| cluster | errors | warnings | infos |\n|---|---:|---:|---:|"
    )?;
    writeln!(out, "{}\n", rows.join("\n"))
}

fn write_chapter(report: &Report<'_>, chapter: &Chapter<'_>, out: &mut dyn Write) -> io::Result<()> {
    let (severity, name) = (chapter.severity, chapter.rule.name);
    let open = if severity == Severity::Error { " open" } else { "" };
    let title = match page_url(chapter.rule) {
        Some(url) => format!("<a href=\"{url}\">{name}</a>"),
        None => name.to_owned(),
    };
    writeln!(out, "<details{open}>")?;
    writeln!(
        out,
        "<summary><b>{severity}</b> {title} ({})</summary>\n",
        chapter.count()
    )?;
    let most = if report.look.full { usize::MAX } else { SHOWN };
    for cause in chapter.causes.iter().take(most) {
        write_cause(report, cause, most, out)?;
    }
    let left_out: usize = chapter.causes.iter().skip(most).map(Cause::count).sum();
    if left_out > 0 {
        writeln!(out, "- and {left_out} more; `--full` shows all")?;
    }
    writeln!(out, "\n</details>\n")
}

fn write_cause(report: &Report<'_>, cause: &Cause<'_>, most: usize, out: &mut dyn Write) -> io::Result<()> {
    let finding = &cause.first.finding;
    writeln!(out, "- {}", to_markdown(&finding.message))?;
    for Label { span, text, .. } in finding.labels.iter().take(most) {
        let place = code(&place(report.sources, *span));
        writeln!(out, "  - {place} {}", to_markdown(text))?;
    }
    if let Some(more) = finding.labels.len().checked_sub(most).filter(|more| *more > 0) {
        writeln!(out, "  - and {more} more places")?;
    }
    if let Some(help) = &finding.help {
        writeln!(out, "  - **help:** {}", to_markdown(help))?;
    }
    for other in cause.others.iter().take(most) {
        let place = code(&place(report.sources, other.finding.primary().span));
        let message = Some(&other.finding.message).filter(|message| **message != finding.message);
        let message = message.map(|message| format!(": {}", to_markdown(message)));
        writeln!(out, "  - likewise {place}{}", message.unwrap_or_default())?;
    }
    if let Some(more) = cause.others.len().checked_sub(most).filter(|more| *more > 0) {
        writeln!(out, "  - and {more} more like it")?;
    }
    Ok(())
}

fn write_fixed(fixed: &[Fixed], out: &mut dyn Write) -> io::Result<()> {
    writeln!(out, "<details>\n<summary>fixed ({})</summary>\n", fixed.len())?;
    for one in fixed.iter().take(SHOWN * SHOWN) {
        let rule = format!("{}[{}]", one.severity, one.rule.name);
        let (path, message) = (code(&one.path), to_markdown(&one.message));
        writeln!(out, "- {}, {path}: {message}", code(&rule))?;
    }
    if let Some(more) = fixed.len().checked_sub(SHOWN * SHOWN).filter(|more| *more > 0) {
        writeln!(out, "- and {more} more")?;
    }
    writeln!(out, "\n</details>\n")
}
