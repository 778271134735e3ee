//! What changes where, for people.

use std::collections::BTreeMap;
use std::io::{self, Write};

use super::group::{Common, Group, What, groups};
use super::words::{fact_change, not_known, number, texts, totals, value};
use super::{ChangeReport, lines};
use crate::change::{FieldChange, Side, Spot};
use crate::neutral::one_line;
use crate::report::style::Palette;
use crate::report::{Format, Look, Report};

/// Lines of a text that are shown of one field.
const LINES: usize = 20;
/// Clusters that are named before the rest is counted.
const NAMED: usize = 8;

pub(super) fn write(report: &ChangeReport<'_>, out: &mut dyn Write) -> io::Result<()> {
    let palette = report.look.palette();
    write_facts(report, palette, out)?;
    for group in groups(&report.change.clusters) {
        write_group(report, &group, palette, out)?;
    }
    write_untold(report, out)?;
    let quiet = Report {
        sources: report.after.sources(),
        outcome: report.outcome,
        look: Look {
            quiet: true,
            ..report.look
        },
    };
    quiet.write(Format::Human, out)?;
    if !report.look.quiet {
        writeln!(out, "{}", totals(report.change))?;
        if let Some(words) = not_known(&report.outcome.summary.unknown) {
            writeln!(out, "{words}")?;
        }
    }
    Ok(())
}

/// Facts first: equal ones of several clusters once.
fn write_facts(report: &ChangeReport<'_>, palette: Palette, out: &mut dyn Write) -> io::Result<()> {
    let mut by_text: BTreeMap<String, (Vec<&str>, Vec<Spot>)> = BTreeMap::new();
    let mut order = Vec::new();
    for cluster in &report.change.clusters {
        for fact in &cluster.facts {
            let text = fact_change(fact);
            if !by_text.contains_key(&text) {
                order.push(text.clone());
            }
            let (names, causes) = by_text.entry(text).or_default();
            names.push(cluster.name());
            causes.extend(fact.causes.first());
        }
    }
    if order.is_empty() {
        return Ok(());
    }
    writeln!(out, "{}", palette.bold("facts of the mesh"))?;
    for text in order {
        let (names, causes) = by_text.remove(&text).unwrap_or_default();
        let place = places(report, &causes);
        writeln!(
            out,
            "  {}: {}{}",
            clusters(&names),
            one_line(&text),
            palette.dim(place)
        )?;
    }
    writeln!(out)
}

fn write_group(
    report: &ChangeReport<'_>,
    group: &Group<'_>,
    palette: Palette,
    out: &mut dyn Write,
) -> io::Result<()> {
    let title = match group.clusters.as_slice() {
        [only] => format!("in cluster {}", one_line(only)),
        several => format!("in {} clusters: {}", several.len(), clusters(several)),
    };
    writeln!(out, "{}", palette.bold(title))?;
    for common in &group.changes {
        write_change(report, common, palette, out)?;
    }
    writeln!(out)
}

fn write_change(
    report: &ChangeReport<'_>,
    common: &Common<'_>,
    palette: Palette,
    out: &mut dyn Write,
) -> io::Result<()> {
    let side = match common.what {
        What::Removed(..) => Side::Before,
        What::Added(_) | What::Changed(_) => Side::After,
    };
    let place = match common.what {
        What::Changed(_) => String::new(),
        What::Added(one) | What::Removed(one, _) => {
            let span = one.object.name_span();
            places(report, &[Spot { side, span }])
        }
    };
    writeln!(out, "  {}{}", common.what.headline(), palette.dim(place))?;
    for (field, causes) in common.fields() {
        let place = palette.dim(places(report, causes));
        write_field(field, &place, out)?;
    }
    Ok(())
}

fn write_field(field: &FieldChange, place: &str, out: &mut dyn Write) -> io::Result<()> {
    let path = one_line(&field.path);
    let Some((before, after)) = texts(field) else {
        let (before, after) = (value(&field.before), value(&field.after));
        return writeln!(out, "      {path}: {before} → {after}{place}");
    };
    writeln!(out, "      {path}:{place}")?;
    let changed = lines::changed(before, after);
    for line in changed.iter().take(LINES) {
        writeln!(out, "        {}", one_line(line))?;
    }
    match changed.len().saturating_sub(LINES) {
        0 => Ok(()),
        more => writeln!(out, "        … and {}", number(more, "line", "lines")),
    }
}

fn write_untold(report: &ChangeReport<'_>, out: &mut dyn Write) -> io::Result<()> {
    for cluster in &report.change.clusters {
        for one in &cluster.untold {
            let when = match one.side {
                Side::Before => "before",
                Side::After => "after",
            };
            let objects = match one.objects {
                0 => String::new(),
                count => format!("; nothing is said of {}", number(count, "object", "objects")),
            };
            let name = one_line(&one.kustomization);
            let cluster = one_line(cluster.name());
            writeln!(
                out,
                "not compared: Flux cannot apply all of `{name}` to {cluster} {when} the change{objects}"
            )?;
        }
    }
    Ok(())
}

fn clusters(names: &[&str]) -> String {
    let shown: Vec<String> = names.iter().take(NAMED).map(|name| one_line(name)).collect();
    match names.len().saturating_sub(NAMED) {
        0 => shown.join(", "),
        more => format!("{} and {more} more", shown.join(", ")),
    }
}

/// The first place, and how many more there are, behind a gap.
fn places(report: &ChangeReport<'_>, spots: &[Spot]) -> String {
    let Some(first) = spots.first() else {
        return String::new();
    };
    let was = if first.side == Side::Before { "was at " } else { "" };
    let more = match spots.len() - 1 {
        0 => String::new(),
        more => format!(" and {more} more"),
    };
    format!("  ({was}{}{more})", report.place(*first))
}
