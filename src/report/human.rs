//! Findings with their source lines, for people. Whoever looks at a terminal reads from its end, so what matters most comes last:
//! the errors, then how many each rule has, then the figures.

use std::io::{self, Write};

use rayon::prelude::*;

use super::causes::{Cause, Chapter, chapters};
use super::diagnostic::drawn;
use super::figures::{counts, number, unknown, unknown_of_mesh, without_cilium};
use super::place::place;
use super::run::Report;
use super::style::{Look, hanging};
use crate::neutral::one_line;
use crate::sink::Reported;

/// Causes of one rule that are shown, and further places of one cause that are named. `--full` shows all.
const SHOWN: usize = 5;

/// Clusters named in full before the rest is counted.
const NAMED_CLUSTERS: usize = 8;

pub(super) fn write(report: &Report<'_>, out: &mut dyn Write) -> io::Result<()> {
    let chapters = chapters(&report.outcome.findings);
    let texts: Vec<String> = chapters
        .par_iter()
        .flat_map(|chapter| {
            shown(report.look, chapter)
                .par_iter()
                .map(|cause| cause_text(report, cause))
        })
        .collect();
    for text in texts {
        writeln!(out, "{text}")?;
    }
    if report.look.quiet {
        return Ok(());
    }
    write_table(report.look, &chapters, out)?;
    writeln!(out, "{}", counts(report.outcome, report.look))?;
    let unseen = [
        unknown(report.outcome),
        without_cilium(report.outcome),
        unknown_of_mesh(report.outcome),
    ];
    for line in unseen.into_iter().flatten() {
        writeln!(out, "{}", hanging(&line, report.look.width))?;
    }
    write_hint(report.look, &chapters, out)
}

fn shown<'c, 'a>(look: Look, chapter: &'c Chapter<'a>) -> &'c [Cause<'a>] {
    let count = if look.full { usize::MAX } else { SHOWN };
    chapter.causes.get(..count).unwrap_or(&chapter.causes)
}

fn cause_text(report: &Report<'_>, cause: &Cause<'_>) -> String {
    let look = report.look;
    let mut text = finding_text(report, cause.first);
    if look.full {
        for other in &cause.others {
            text.push('\n');
            text.push_str(&finding_text(report, other));
        }
    } else if !cause.others.is_empty() {
        text.push_str(&look.palette().dim(elsewhere(report, cause)));
        text.push('\n');
    }
    text
}

fn finding_text(report: &Report<'_>, reported: &Reported) -> String {
    let mut text = drawn(report, reported);
    if let Some(clusters) = clusters(&reported.finding.clusters) {
        let clusters = hanging(&clusters, report.look.width);
        text.push_str(&report.look.palette().dim(clusters));
        text.push('\n');
    }
    text
}

/// Where the same cause shows too.
fn elsewhere(report: &Report<'_>, cause: &Cause<'_>) -> String {
    let first = &cause.first.finding;
    let mut lines = vec![format!(
        "  likewise at {}:",
        number(cause.others.len(), "other place", "other places")
    )];
    lines.extend(cause.others.iter().take(SHOWN).map(|other| {
        let finding = &other.finding;
        let place = place(report.sources, finding.primary().span);
        if finding.message == first.message {
            format!("    {place}")
        } else {
            format!("    {place}: {}", one_line(&finding.message))
        }
    }));
    if cause.others.len() > SHOWN {
        lines.push(format!("    and {} more", cause.others.len() - SHOWN));
    }
    let lines: Vec<String> = lines
        .iter()
        .map(|line| hanging(line, report.look.width))
        .collect();
    lines.join("\n")
}

fn clusters(names: &[String]) -> Option<String> {
    let (first, rest) = names.split_first()?;
    if rest.is_empty() {
        return Some(format!("  cluster: {}", one_line(first)));
    }
    let shown: Vec<String> = names
        .iter()
        .take(NAMED_CLUSTERS)
        .map(|name| one_line(name))
        .collect();
    let more = match names.len() - shown.len() {
        0 => String::new(),
        more => format!(" and {more} more"),
    };
    Some(format!("  clusters: {}{more}", shown.join(", ")))
}

/// How many findings each rule has, where there are several.
fn write_table(look: Look, chapters: &[Chapter<'_>], out: &mut dyn Write) -> io::Result<()> {
    let is_told_already = chapters.len() < 2 && chapters.iter().all(|one| left_out(look, one) == 0);
    if is_told_already {
        return Ok(());
    }
    let palette = look.palette();
    for chapter in chapters {
        let severity = chapter.severity;
        let level = palette.severity(severity, format!("{:<7}", severity.as_str()));
        let left_out = match left_out(look, chapter) {
            0 => String::new(),
            some => format!(" ({some} not shown)"),
        };
        let (count, rule) = (chapter.count(), chapter.rule.name);
        writeln!(out, "{count:>6}  {level}  {rule}{}", palette.dim(left_out))?;
    }
    writeln!(out)
}

/// Findings of which not even the place is shown.
fn left_out(look: Look, chapter: &Chapter<'_>) -> usize {
    let named = |cause: &Cause<'_>| match look.full {
        true => cause.count(),
        false => 1 + cause.others.len().min(SHOWN),
    };
    chapter.count() - shown(look, chapter).iter().map(named).sum::<usize>()
}

/// What to do next.
fn write_hint(look: Look, chapters: &[Chapter<'_>], out: &mut dyn Write) -> io::Result<()> {
    let Some(worst) = chapters.last() else {
        return Ok(());
    };
    let explain = format!(
        "`meshlint explain {}` tells why it matters and how to mend it",
        worst.rule.name
    );
    let left_out: usize = chapters.iter().map(|chapter| left_out(look, chapter)).sum();
    let more = match left_out {
        0 => String::new(),
        1 => "; `--full` shows one more finding".to_owned(),
        some => format!("; `--full` shows {some} more findings"),
    };
    let hint = hanging(&format!("{explain}{more}"), look.width);
    writeln!(out, "{}", look.palette().dim(hint))
}
