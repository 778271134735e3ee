//! What clusters have for a variable, in words.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

use super::uses::Owner;
use super::view::View;
use crate::neutral::one_line;
use crate::postbuild::Variable;

/// Rows of a table; the rest is counted.
const ROWS: usize = 40;
/// Characters shown of a value.
const LENGTH: usize = 80;

/// The value where it is one and known, for all of these.
pub(super) fn common(view: &View<'_>, name: &str, owners: &BTreeSet<Owner>) -> Option<String> {
    let values: Option<BTreeSet<&str>> = owners
        .iter()
        .map(|owner| {
            let variable = owner.variable(&view.analysis.fleet, name)?;
            variable.value.as_deref().ok()
        })
        .collect();
    match values?.into_iter().collect::<Vec<_>>()[..] {
        [only] => Some(shown(only)),
        _ => None,
    }
}

/// A table of what each cluster has, and where that is set.
pub(super) fn table(view: &View<'_>, name: &str, owners: &BTreeSet<Owner>) -> String {
    let mut rows: BTreeMap<(&str, String, String), usize> = BTreeMap::new();
    for owner in owners {
        let Some(cluster) = view.analysis.fleet.clusters.get(owner.cluster) else {
            continue;
        };
        let variable = owner.variable(&view.analysis.fleet, name);
        let place = variable
            .and_then(|variable| place(view, variable))
            .unwrap_or_default();
        *rows.entry((&cluster.name, value(variable), place)).or_default() += 1;
    }
    let mut text = "| cluster | value | set in |\n|---|---|---|\n".to_owned();
    for (cluster, value, place) in rows.keys().take(ROWS) {
        let _ = writeln!(text, "| {} | {value} | {place} |", cell(cluster));
    }
    if rows.len() > ROWS {
        let _ = writeln!(text, "\nand {} more", rows.len() - ROWS);
    }
    text
}

/// What a Kustomization has.
fn value(variable: Option<&Variable>) -> String {
    match variable.map(|variable| variable.value.as_deref()) {
        Some(Ok("")) => "*empty*".to_owned(),
        Some(Ok(text)) => format!("`{}`", cell(&shown(text)).replace('`', "'")),
        Some(Err(reason)) => format!("*not known: {reason}*"),
        None => "*not set*".to_owned(),
    }
}

fn place(view: &View<'_>, variable: &Variable) -> Option<String> {
    let span = variable.span?;
    let file = view.analysis.sources.file(span.file);
    let line = file.line_column(span.start).line;
    let name = cell(&one_line(file.path().as_str()));
    let uri = view.uri(span.file)?;
    Some(format!("[{name}:{line}]({}#L{line})", uri.as_str()))
}

/// A value on one line, cut where it is long.
pub(super) fn shown(text: &str) -> String {
    let text = one_line(text);
    match text.char_indices().nth(LENGTH) {
        Some((at, _)) => format!("{}…", &text[..at]),
        None => text,
    }
}

fn cell(text: &str) -> String {
    one_line(text).replace('|', "\\|")
}
