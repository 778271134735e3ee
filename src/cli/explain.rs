//! `meshlint explain` and `meshlint rules`.

use std::io::{self, Write};

use serde::Serialize;

use super::args::{ExplainArgs, ListArgs, ListFormat};
use super::terminal::Terminal;
use super::{Failure, Status};
use crate::finding::Severity;
use crate::neutral::to_json;
use crate::report::Palette;
use crate::rules::{Category, RULES, Rule, find};
use crate::text::suggest::nearest;

/// Prints the page of a rule.
pub(super) fn explain(args: &ExplainArgs, terminal: &Terminal) -> Result<Status, Failure> {
    let rule = find(&args.rule).ok_or_else(|| unknown(&args.rule))?;
    let palette = terminal.look.palette();
    terminal.print(|out| write_page(rule.page, palette, out))?;
    Ok(Status::Clean)
}

fn unknown(name: &str) -> Failure {
    let hint = match nearest(name, RULES.iter().map(|rule| rule.name)) {
        Some(rule) => format!("did you mean `{rule}`?"),
        None => "`meshlint rules` lists them".to_owned(),
    };
    Failure::Usage(format!("no rule is called `{name}`; {hint}"))
}

fn write_page(page: &str, palette: Palette, out: &mut dyn Write) -> io::Result<()> {
    let mut in_block = false;
    for line in page.lines() {
        let is_fence = line.starts_with("```");
        let heading = line.trim_start_matches('#');
        if is_fence {
            in_block = !in_block;
            writeln!(out, "{}", palette.dim(line))?;
        } else if !in_block && heading.len() < line.len() && heading.starts_with(' ') {
            writeln!(out, "{}", palette.bold(line))?;
        } else {
            writeln!(out, "{line}")?;
        }
    }
    Ok(())
}

/// Lists every rule.
pub(super) fn list(args: &ListArgs, terminal: &Terminal) -> Result<Status, Failure> {
    match args.format {
        ListFormat::Human => terminal.print(|out| write_table(terminal.look.palette(), out))?,
        ListFormat::Json => terminal.print_whole(write_json)?,
    }
    Ok(Status::Clean)
}

fn write_table(palette: Palette, out: &mut dyn Write) -> io::Result<()> {
    let width = RULES.iter().map(|rule| rule.name.len()).max().unwrap_or(0);
    let mut first = true;
    for category in Category::ALL {
        let mut rules = RULES.iter().filter(|rule| rule.category == category).peekable();
        if rules.peek().is_none() {
            continue;
        }
        if !first {
            writeln!(out)?;
        }
        first = false;
        writeln!(out, "{}", palette.bold(category.as_str()))?;
        for rule in rules {
            let level = palette.severity(rule.severity, format!("{:<7}", rule.severity.as_str()));
            let pedantic = if rule.pedantic { " (pedantic)" } else { "" };
            writeln!(
                out,
                "  {:<width$}  {level}  {}{pedantic}",
                rule.name,
                rule.summary()
            )?;
        }
    }
    Ok(())
}

#[derive(Serialize)]
struct RuleDocument {
    name: &'static str,
    category: Category,
    severity: Severity,
    pedantic: bool,
    since: &'static str,
    summary: String,
}

fn write_json(out: &mut dyn Write) -> io::Result<()> {
    let document = |rule: &&'static Rule| RuleDocument {
        name: rule.name,
        category: rule.category,
        severity: rule.severity,
        pedantic: rule.pedantic,
        since: rule.since,
        summary: rule.summary(),
    };
    let rules: Vec<RuleDocument> = RULES.iter().map(document).collect();
    to_json(out, &rules)
}
