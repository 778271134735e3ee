//! `meshlint explain` and `meshlint rules`.

use std::io::{self, Write};

use serde::Serialize;

use super::args::{ExplainArgs, ListArgs, ListFormat};
use super::terminal::Terminal;
use super::{Failure, Status, page};
use crate::finding::Severity;
use crate::neutral::to_json;
use crate::report::{Look, wrap};
use crate::rules::{Category, Excerpt, FINDS, FIX, MATTERS, RULES, Rule, Sample, find};
use crate::text::suggest::nearest;

/// Prints the page of a rule.
pub(super) fn explain(args: &ExplainArgs, terminal: &Terminal) -> Result<Status, Failure> {
    let rule = find(&args.rule).ok_or_else(|| unknown(&args.rule))?;
    let look = terminal.look;
    match (args.format, args.full) {
        (ListFormat::Json, _) => terminal.print_whole(|out| to_json(out, &explained(rule)))?,
        (ListFormat::Human, true) => terminal.print(|out| page::write(rule.page, look, out))?,
        (ListFormat::Human, false) => terminal.print(|out| page::write(&in_short(rule), look, out))?,
    }
    Ok(Status::Clean)
}

/// What the rule finds, why that matters, how to mend it, and lines that fail.
fn in_short(rule: &Rule) -> String {
    let mut text = format!("# {}\n\n{}\n\n{}\n", rule.name, rule.header(), rule.summary());
    for heading in [FINDS, MATTERS, FIX] {
        let section = rule.section(heading).unwrap_or_default();
        text.push_str(&format!("\n## {heading}\n\n{section}\n"));
    }
    if let Some(Excerpt { path, lines }) = rule.failing_lines() {
        let lines = lines.join("\n");
        text.push_str(&format!("\n## Fails\n\n`{path}`:\n\n```yaml\n{lines}\n```\n"));
    }
    text + &format!(
        "\n`meshlint explain {} --full` shows all examples, limits and links.\n",
        rule.name
    )
}

#[derive(Serialize)]
struct Explained {
    #[serde(flatten)]
    rule: RuleDocument,
    what: Option<String>,
    why: Option<String>,
    fix: Option<String>,
    /// Lines that fail, and where they are.
    excerpt: Option<Excerpt>,
    examples: Vec<Sample>,
    limits: Option<String>,
    /// The whole page, in Markdown.
    page: &'static str,
}

fn explained(rule: &'static Rule) -> Explained {
    Explained {
        rule: RuleDocument::of(rule),
        what: rule.section(FINDS),
        why: rule.section(MATTERS),
        fix: rule.section(FIX),
        excerpt: rule.failing_lines(),
        examples: rule.samples(),
        limits: rule.section("Limits"),
        page: rule.page,
    }
}

fn unknown(name: &str) -> Failure {
    let hint = match nearest(name, RULES.iter().map(|rule| rule.name)) {
        Some(rule) => format!("did you mean `{rule}`?"),
        None => "`meshlint rules` lists them".to_owned(),
    };
    Failure::Usage(format!("no rule is called `{name}`; {hint}"))
}

/// Lists every rule.
pub(super) fn list(args: &ListArgs, terminal: &Terminal) -> Result<Status, Failure> {
    match args.format {
        ListFormat::Human => terminal.print(|out| write_table(terminal.look, out))?,
        ListFormat::Json => terminal.print_whole(write_json)?,
    }
    Ok(Status::Clean)
}

/// Columns that summaries need beside the names.
const SUMMARY: usize = 44;

fn write_table(look: Look, out: &mut dyn Write) -> io::Result<()> {
    let palette = look.palette();
    let names = RULES.iter().map(|rule| rule.name.len()).max().unwrap_or(0);
    // Indentation, name, level, and what lies between.
    let beside = 2 + names + 2 + 7 + 2;
    let is_narrow = look.width < beside + SUMMARY;
    let indent = if is_narrow { 6 } else { beside };
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
            let summary = wrap(
                &format!("{}{pedantic}", rule.summary()),
                look.width.saturating_sub(indent),
            );
            let broken = format!("\n{:indent$}", "");
            let summary = summary.replace('\n', &broken);
            let between = if is_narrow { broken.as_str() } else { "  " };
            writeln!(out, "  {:<names$}  {}{between}{summary}", rule.name, level)?;
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

impl RuleDocument {
    fn of(rule: &'static Rule) -> Self {
        Self {
            name: rule.name,
            category: rule.category,
            severity: rule.severity,
            pedantic: rule.pedantic,
            since: rule.since,
            summary: rule.summary(),
        }
    }
}

fn write_json(out: &mut dyn Write) -> io::Result<()> {
    let rules: Vec<RuleDocument> = RULES.iter().map(|rule| RuleDocument::of(rule)).collect();
    to_json(out, &rules)
}
