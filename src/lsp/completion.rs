//! What may be written at a place.

use std::collections::BTreeSet;

use lsp_types::{
    CompletionItem, CompletionItemKind, CompletionTextEdit, Documentation, MarkupContent, MarkupKind,
    TextEdit,
};

use super::expression;
use super::uses::Owner;
use super::values;
use super::view::View;
use crate::neutral::printable;
use crate::rules::RULES;
use crate::source::FileId;

/// Items of one answer.
const MOST: usize = 1000;

pub(super) fn complete(view: &View<'_>, file: FileId, offset: usize) -> Vec<CompletionItem> {
    let Ok(text) = view.analysis.sources.file(file).text() else {
        return Vec::new();
    };
    if let Some(begun) = expression::begun(text, offset) {
        return variables(view, file, begun.at.start..offset, text);
    }
    if let Some(start) = ignored_rule(text, offset) {
        return rules(view, file, start..offset);
    }
    match named_in(text, offset) {
        Some(("dependsOn", start)) => kustomizations(view, file, start..offset),
        _ => Vec::new(),
    }
}

fn item(
    view: &View<'_>,
    file: FileId,
    at: std::ops::Range<usize>,
    name: &str,
    behind: &str,
) -> CompletionItem {
    let edit = TextEdit::new(view.lines(file).range(at), format!("{name}{behind}"));
    CompletionItem {
        label: name.to_owned(),
        filter_text: Some(name.to_owned()),
        text_edit: Some(CompletionTextEdit::Edit(edit)),
        ..CompletionItem::default()
    }
}

fn variables(view: &View<'_>, file: FileId, at: std::ops::Range<usize>, text: &str) -> Vec<CompletionItem> {
    let fleet = &view.analysis.fleet;
    let mut owners: BTreeSet<Owner> = view.analysis.uses().owners(file).collect();
    if owners.is_empty() {
        owners = super::variable::all_owners(view).collect();
    }
    let known = owners.iter().filter_map(|owner| owner.kustomization(fleet));
    let names: BTreeSet<&str> = known
        .flat_map(|one| one.variables.known.keys().map(|name| &**name))
        .collect();
    let is_closed = text.get(at.end..).is_some_and(|rest| rest.starts_with('}'));
    let behind = if is_closed { "" } else { "}" };
    let names = names.into_iter().take(MOST);
    names
        .map(|name| {
            let having = owners
                .iter()
                .copied()
                .filter(|owner| owner.variable(fleet, name).is_some());
            let having: BTreeSet<Owner> = having.collect();
            CompletionItem {
                kind: Some(CompletionItemKind::VARIABLE),
                detail: values::common(view, name, &having),
                documentation: Some(Documentation::MarkupContent(MarkupContent {
                    kind: MarkupKind::Markdown,
                    value: printable(&values::table(view, name, &having)),
                })),
                ..item(view, file, at.clone(), name, behind)
            }
        })
        .collect()
}

/// Where the name of a rule begins that is being written in the brackets of an ignore comment.
fn ignored_rule(text: &str, offset: usize) -> Option<usize> {
    let before = text.get(..offset)?;
    let line = before.get(before.rfind('\n').map_or(0, |at| at + 1)..)?;
    let (comment, names) = line.rsplit_once('[')?;
    let is_ignore = comment.trim_end().ends_with("ignore") && comment.contains("meshlint:");
    let name = names.rsplit(',').next()?.trim_start();
    (is_ignore && !names.contains(']')).then(|| offset - name.len())
}

fn rules(view: &View<'_>, file: FileId, at: std::ops::Range<usize>) -> Vec<CompletionItem> {
    let all = RULES.iter().map(|rule| CompletionItem {
        kind: Some(CompletionItemKind::ENUM_MEMBER),
        detail: Some(rule.summary()),
        ..item(view, file, at.clone(), rule.name, "")
    });
    all.collect()
}

/// The key around the `name:` that is being written, and where its value begins.
fn named_in(text: &str, offset: usize) -> Option<(&str, usize)> {
    let before = text.get(..offset)?;
    let start = before.rfind('\n').map_or(0, |at| at + 1);
    let line = before.get(start..)?;
    let indent = line.len() - line.trim_start().len();
    let value = line
        .trim_start()
        .trim_start_matches("- ")
        .trim_start()
        .strip_prefix("name:")?;
    let lines = before.get(..start)?.lines().rev().take(200);
    let mut keys = lines.filter(|line| !line.trim().is_empty() && !line.trim_start().starts_with('#'));
    let key = keys.find_map(|above| {
        let key = above.trim().strip_suffix(':')?;
        (above.len() - above.trim_start().len() <= indent && !key.starts_with("- ")).then_some(key)
    })?;
    Some((key, offset - value.trim_start().len()))
}

fn kustomizations(view: &View<'_>, file: FileId, at: std::ops::Range<usize>) -> Vec<CompletionItem> {
    let fleet = &view.analysis.fleet;
    let owners: BTreeSet<usize> = view
        .analysis
        .uses()
        .owners(file)
        .map(|owner| owner.cluster)
        .collect();
    let clusters = fleet.clusters.iter().enumerate();
    let clusters = clusters.filter(|(at, _)| owners.is_empty() || owners.contains(at));
    let all = clusters.flat_map(|(_, cluster)| cluster.own_kustomizations());
    let names: BTreeSet<(&str, &str)> = all.map(|one| (&*one.name, &*one.namespace)).collect();
    let names = names.into_iter().take(MOST);
    names
        .map(|(name, namespace)| CompletionItem {
            kind: Some(CompletionItemKind::REFERENCE),
            detail: Some(format!("Kustomization in {namespace}")),
            ..item(view, file, at.clone(), name, "")
        })
        .collect()
}
