//! What is shown of a thing under the pointer.

use std::collections::BTreeSet;
use std::fmt::Write as _;

use lsp_types::{Hover, HoverContents, MarkupContent, MarkupKind};

use super::diagnostics::label_in;
use super::values;
use super::variable::Named;
use super::view::{View, range};
use crate::neutral::printable;
use crate::report::page_url;
use crate::rules::{FIX, Rule, find};
use crate::source::{FileId, Span};

pub(super) fn hover(view: &View<'_>, file: FileId, offset: usize) -> Option<Hover> {
    let mut at = None;
    let mut parts = Vec::new();
    if let Some(named) = Named::at(view, file, offset) {
        at = Some(named.at);
        parts.push(variable(view, &named));
    } else if let Some(text) = objects(view, &view.analysis.links().from(file, offset)) {
        parts.push(text);
    }
    for rule in rules(view, file, offset) {
        parts.push(of_rule(rule));
    }
    let range = at.map(|at| view.lines(file).range(range(at)));
    (!parts.is_empty()).then(|| Hover {
        contents: HoverContents::Markup(MarkupContent {
            kind: MarkupKind::Markdown,
            value: printable(&parts.join("\n\n---\n\n")),
        }),
        range,
    })
}

fn variable(view: &View<'_>, named: &Named) -> String {
    let name = &named.name;
    if named.owners.is_empty() {
        return format!("`{name}`: no cluster renders this");
    }
    format!("`{name}`\n\n{}", values::table(view, name, &named.owners))
}

/// The objects whose names stand at those places, with the clusters that have them.
fn objects(view: &View<'_>, places: &BTreeSet<Span>) -> Option<String> {
    let mut found: BTreeSet<(String, String, Vec<&str>)> = BTreeSet::new();
    for place in places {
        let clusters = view.analysis.fleet.clusters.iter();
        let mut with = Vec::new();
        let mut title = None;
        for cluster in clusters {
            let object = cluster.objects().find(|(_, object)| object.name_span() == *place);
            if let Some((_, object)) = object {
                let namespace = object.namespace().map(|namespace| format!("{namespace}/"));
                let name = format!("{}{}", namespace.unwrap_or_default(), object.name());
                title.get_or_insert_with(|| format!("**{}** `{name}`", object.kind()));
                with.push(cluster.name.as_str());
            }
        }
        let source = view.analysis.sources.file(place.file);
        let line = source.line_column(place.start).line;
        let file = format!("`{}:{line}`", source.path());
        found.insert((title.unwrap_or_default(), file, with));
    }
    let mut text = String::new();
    for (title, file, clusters) in found {
        let _ = write!(text, "{title} {file}");
        if !clusters.is_empty() {
            let _ = write!(text, " in `{}`", clusters.join("`, `"));
        }
        text.push_str("\n\n");
    }
    (!text.is_empty()).then_some(text)
}

/// The rules whose findings point at a byte, or whose names stand there.
fn rules(view: &View<'_>, file: FileId, offset: usize) -> Vec<&'static Rule> {
    let holds = |span: Span| (span.start as usize..=span.end as usize).contains(&offset);
    let findings = view.analysis.findings.iter();
    let found = findings.filter(|one| label_in(one, file).is_some_and(|label| holds(label.span)));
    let mut rules: Vec<&'static Rule> = found.map(|one| one.rule).collect();
    rules.extend(named_at(view, file, offset));
    let mut seen = BTreeSet::new();
    rules.retain(|rule| seen.insert(rule.name));
    rules
}

/// The rule whose name stands there, in a comment or in the configuration.
fn named_at(view: &View<'_>, file: FileId, offset: usize) -> Option<&'static Rule> {
    let text = view.analysis.sources.file(file).text().ok()?;
    let is_of_name = |c: char| c == '-' || c.is_ascii_alphanumeric();
    let (before, behind) = text.split_at_checked(offset)?;
    let start = before.trim_end_matches(is_of_name).len();
    let end = text.len() - behind.trim_start_matches(is_of_name).len();
    find(text.get(start..end)?)
}

fn of_rule(rule: &Rule) -> String {
    let mut text = format!("**{}** · {}\n\n{}", rule.name, rule.header(), rule.summary());
    if let Some(fix) = rule.section(FIX) {
        let _ = write!(text, "\n\n{fix}");
    }
    if let Some(url) = page_url(rule) {
        let _ = write!(text, "\n\n[{}]({url})", rule.name);
    }
    text
}
