//! What changes where, as a comment of a pull request: the mesh and the findings first, objects folded, no longer than GitHub takes,
//! and nothing of the repository in it that is taken for markup, a mention or a link.

use std::io::{self, Write};

use super::group::{Common, Group, What, groups};
use super::words::{fact, number, texts, totals, value};
use super::{ChangeReport, lines};
use crate::change::{ClusterChange, FieldChange, Side};
use crate::neutral::{fence, html_code as code, one_line, to_markdown};
use crate::report::{page_url, place};
use crate::sink::Reported;

/// A comment of GitHub holds 65536 characters.
const LONGEST: usize = 60_000;
/// Lines of the fields of one object.
const LINES: usize = 60;
/// Clusters that are named before the rest is counted.
const NAMED: usize = 8;

pub(super) fn write(report: &ChangeReport<'_>, out: &mut dyn Write) -> io::Result<()> {
    let mut page = Page::default();
    page.add(&format!("**{}**\n\n", totals(report.change)));
    page.section(
        report.outcome.findings.iter().map(|one| finding(report, one)),
        "finding",
    );
    let facts = report.change.clusters.iter().flat_map(facts);
    let mut facts = facts.peekable();
    if facts.peek().is_some() {
        page.add("\n| cluster | fact of the mesh | before | after |\n|---|---|---|---|\n");
        page.section(facts, "fact");
    }
    let untold = report.change.clusters.iter().flat_map(untold);
    page.section(untold, "note");
    for group in groups(&report.change.clusters) {
        page.add(&format!("\n{}\n\n", title(&group)));
        page.section(group.changes.iter().map(|one| change(report, one)), "object");
    }
    out.write_all(page.text.as_bytes())
}

/// A text that takes no more than it may hold.
#[derive(Default)]
struct Page {
    text: String,
    is_full: bool,
}

impl Page {
    fn add(&mut self, text: &str) {
        self.is_full |= self.text.len() + text.len() > LONGEST;
        if !self.is_full {
            self.text.push_str(text);
        }
    }

    /// As many parts as there is room for; the others are counted.
    fn section(&mut self, parts: impl Iterator<Item = String>, what: &str) {
        let mut left_out = 0;
        for part in parts {
            let was_full = self.is_full;
            self.add(&part);
            left_out += usize::from(self.is_full);
            if self.is_full && !was_full {
                self.text.push_str("\n*This is too long to be shown in full.*\n");
            }
        }
        // So that the count of every section is there it has room of its own.
        if left_out > 0 && self.text.len() < LONGEST + 4000 {
            let count = number(left_out, what, &format!("{what}s"));
            self.text.push_str(&format!("\n*… and {count} more.*\n"));
        }
    }
}

fn finding(report: &ChangeReport<'_>, reported: &Reported) -> String {
    let name = code(reported.rule.name);
    let rule = match page_url(reported.rule) {
        Some(url) => format!("[{name}]({url})"),
        None => name,
    };
    let place = place::place(report.after.sources(), reported.finding.primary().span);
    let message = to_markdown(&reported.finding.message);
    format!(
        "- **{}** {rule}: {message} ({})\n",
        reported.severity,
        code(&place)
    )
}

fn facts(cluster: &ClusterChange<'_>) -> impl Iterator<Item = String> {
    let name = code(cluster.name());
    cluster.facts.iter().map(move |one| {
        let (before, after) = (code(&fact(&one.before)), code(&fact(&one.after)));
        format!("| {name} | {} | {before} | {after} |\n", one.name)
    })
}

fn untold(cluster: &ClusterChange<'_>) -> impl Iterator<Item = String> {
    let name = code(cluster.name());
    cluster.untold.iter().map(move |one| {
        let when = match one.side {
            Side::Before => "before",
            Side::After => "after",
        };
        let kustomization = code(&one.kustomization);
        format!("\nNot compared: Flux cannot apply all of {kustomization} to {name} {when} the change.\n")
    })
}

fn title(group: &Group<'_>) -> String {
    let names: Vec<String> = group.clusters.iter().take(NAMED).map(|name| code(name)).collect();
    let more = match group.clusters.len().saturating_sub(NAMED) {
        0 => String::new(),
        more => format!(" and {more} more"),
    };
    let objects = number(group.changes.len(), "object", "objects");
    let clusters = number(group.clusters.len(), "cluster", "clusters");
    format!("**{objects} in {clusters}**: {}{more}", names.join(", "))
}

fn change(report: &ChangeReport<'_>, common: &Common<'_>) -> String {
    let headline = code(&common.what.headline());
    let What::Changed(_) = common.what else {
        return format!("{headline}\n\n");
    };
    let mut shown: Vec<String> = Vec::new();
    for (field, causes) in common.fields() {
        let place = causes.first().map(|spot| report.place(*spot)).unwrap_or_default();
        shown.push(format!("@@ {} @@ {place}", one_line(&field.path)));
        shown.extend(field_lines(field));
    }
    let left_out = shown.len().saturating_sub(LINES);
    shown.truncate(LINES);
    if left_out > 0 {
        shown.push(format!("… and {}", number(left_out, "line", "lines")));
    }
    let text = shown.join("\n");
    let fence = fence(&text);
    format!("<details><summary>{headline}</summary>\n\n{fence}diff\n{text}\n{fence}\n\n</details>\n\n")
}

fn field_lines(field: &FieldChange) -> Vec<String> {
    if let Some((before, after)) = texts(field) {
        let changed = lines::changed(before, after);
        return changed.iter().map(|line| one_line(line)).collect();
    }
    let line = |sign: char, shown: &crate::change::Value| match shown {
        crate::change::Value::Absent => None,
        shown => Some(format!("{sign} {}", value(shown))),
    };
    [line('-', &field.before), line('+', &field.after)]
        .into_iter()
        .flatten()
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_has_an_end() {
        let mut page = Page::default();
        page.section((0..3000).map(|_| "x".repeat(100)), "object");
        assert!(page.text.len() < 65_536, "{}", page.text.len());
        assert!(page.text.ends_with("more.*\n"));
    }
}
