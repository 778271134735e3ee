//! What can be done about a finding.

use std::collections::{BTreeSet, HashMap};

use lsp_types::{
    CodeAction, CodeActionKind, Diagnostic, NumberOrString, Position, Range, TextEdit, WorkspaceEdit,
};

use super::diagnostics;
use super::view::{View, range};
use crate::finding::Edit;
use crate::rules::{RULES, Rule, ignore_comments};
use crate::sink::Reported;
use crate::source::{FileId, SourceMap, Span};
use crate::yaml::Store;

/// What stands for the reason, to be written over.
const REASON: &str = "say why this is as it should be";

pub(super) fn actions(view: &View<'_>, file: FileId, selected: Range) -> Vec<CodeAction> {
    let lines = view.lines(file);
    let (from, to) = (lines.offset(selected.start), lines.offset(selected.end));
    let mut seen = BTreeSet::new();
    let findings = view.analysis.findings.iter();
    let here = findings.filter(|one| {
        let span = one.finding.primary().span;
        span.file == file && span.start as usize <= to && from <= span.end as usize
    });
    here.filter(|one| seen.insert((one.rule.name, one.finding.primary().span)))
        .flat_map(|one| [mend(view, file, one), ignore(view, file, one)])
        .flatten()
        .collect()
}

/// The fix of a finding, in all of its files.
fn mend(view: &View<'_>, file: FileId, reported: &Reported) -> Option<CodeAction> {
    let fix = reported.finding.fix.as_ref()?;
    let text_edit = |edit: &Edit| {
        let at = view.lines(edit.span.file).range(range(edit.span));
        TextEdit::new(at, edit.to.clone())
    };
    let by_file = fix.edits.chunk_by(|a, b| a.span.file == b.span.file);
    let changes = by_file.map(|edits| {
        let uri = view.uri(edits.first()?.span.file)?;
        Some((uri, edits.iter().map(text_edit).collect()))
    });
    let place = view.lines(file).range(range(reported.finding.primary().span));
    let shown = diagnostics::of_file(view, file).into_iter();
    let title = match fix.edits.as_slice() {
        [only] => format!("Write `{}`", only.to),
        several => format!("Mend `{}` in {} places", reported.rule.name, several.len()),
    };
    Some(CodeAction {
        title,
        kind: Some(CodeActionKind::QUICKFIX),
        diagnostics: Some(shown.filter(|one| is_of(one, reported, place)).collect()),
        is_preferred: Some(fix.is_safe),
        edit: Some(WorkspaceEdit::new(changes.collect::<Option<_>>()?)),
        ..CodeAction::default()
    })
}

/// A comment above the line, where that is one and covers the finding.
fn ignore(view: &View<'_>, file: FileId, reported: &Reported) -> Option<CodeAction> {
    let source = view.analysis.sources.file(file);
    let text = source.text().ok()?;
    let place = reported.finding.primary().span;
    let start = text
        .get(..place.start as usize)?
        .rfind('\n')
        .map_or(0, |at| at + 1);
    let rest = text.get(start..)?;
    let indent = &rest[..rest.len() - rest.trim_start_matches(' ').len()];
    let comment = format!("{indent}# meshlint: ignore[{}] {REASON}\n", reported.rule.name);
    let changed = format!("{}{comment}{rest}", text.get(..start)?);
    if !covers(
        source.path().as_str(),
        &changed,
        reported.rule,
        place,
        comment.len(),
    ) {
        return None;
    }
    let at: Position = view.lines(file).position(start);
    let edits = vec![TextEdit::new(Range::new(at, at), comment)];
    let shown = diagnostics::of_file(view, file).into_iter();
    let shown = shown.filter(|one| is_of(one, reported, view.lines(file).range(range(place))));
    Some(CodeAction {
        title: format!("Ignore `{}` here, with a reason", reported.rule.name),
        kind: Some(CodeActionKind::QUICKFIX),
        diagnostics: Some(shown.collect()),
        edit: Some(WorkspaceEdit::new(HashMap::from([(view.uri(file)?, edits)]))),
        ..CodeAction::default()
    })
}

fn is_of(diagnostic: &Diagnostic, reported: &Reported, at: Range) -> bool {
    let is_rule =
        matches!(&diagnostic.code, Some(NumberOrString::String(name)) if name == reported.rule.name);
    is_rule && diagnostic.range == at
}

/// Whether the changed text has a comment that ignores what the rule found, which now stands further behind.
fn covers(path: &str, changed: &str, rule: &Rule, place: Span, by: usize) -> bool {
    let sources = SourceMap::from_memory([(path, changed)]);
    let store = Store::new(&sources);
    let (start, end) = (place.start as usize + by, place.end as usize + by);
    ignore_comments(&store, RULES).iter().any(|comment| {
        let is_named = comment.names.iter().any(|name| name.text == rule.name);
        let held = comment.range.map(Span::range);
        let is_held = held.is_some_and(|held| held.start <= start && end <= held.end);
        comment.flaw.is_none() && is_named && is_held && changed[comment.span.range()].contains(REASON)
    })
}
