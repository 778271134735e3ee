//! What would mend a finding, as exact bytes.
//!
//! A rule says which text stands where its finding points, and which is to. Whether it stands there to the letter only the file tells: a
//! value may come from several places, have escapes, or be a line of something that is folded.

use crate::finding::{Edit, Finding, Fix};
use crate::source::Span;
use crate::yaml::{Node, Store};

/// The finding with its fix narrowed to what is replaced, or without one.
pub(crate) fn settled(store: &Store<'_>, mut finding: Finding) -> Finding {
    finding.fix = finding.fix.and_then(|fix| fix_at(store, fix));
    let members = std::mem::take(&mut finding.members);
    finding.members = members.into_iter().map(|member| settled(store, member)).collect();
    finding
}

fn fix_at(store: &Store<'_>, fix: Fix) -> Option<Fix> {
    let edits: Option<Vec<Edit>> = fix.edits.into_iter().map(|edit| edit_at(store, edit)).collect();
    let mut edits = edits?;
    edits.sort();
    edits.dedup();
    let is_apart = edits.windows(2).all(|pair| match pair {
        [a, b] => a.span.file != b.span.file || a.span.end <= b.span.start,
        _ => true,
    });
    is_apart.then_some(Fix { edits, ..fix })
}

fn edit_at(store: &Store<'_>, mut edit: Edit) -> Option<Edit> {
    let text = store.sources().file(edit.span.file).text().ok()?;
    let written = text.get(edit.span.range())?;
    if edit.from.is_empty() && !written.is_empty() {
        written.trim_matches(['"', '\'']).clone_into(&mut edit.from);
        if !edit.from.chars().all(is_of_word) {
            return None;
        }
    }
    if written == edit.from {
        let is_fit = edit.from.is_empty() || takes(&edit.from, &edit.to, false);
        return (is_fit && is_free(store, &edit)).then_some(edit);
    }
    let inner = ['"', '\''].into_iter().find_map(|quote| {
        let inner = written.strip_prefix(quote)?.strip_suffix(quote)?;
        (inner == edit.from).then_some(inner)
    })?;
    let span = Span::new(
        edit.span.file,
        edit.span.start as usize + 1,
        edit.span.start as usize + 1 + inner.len(),
    );
    (takes(&edit.from, &edit.to, true) && is_free(store, &edit)).then_some(Edit { span, ..edit })
}

/// Whether a text can stand where another stands, and is read as text there as well.
fn takes(from: &str, to: &str, is_quoted: bool) -> bool {
    let is_quoting = to.strip_prefix('"').and_then(|rest| rest.strip_suffix('"')) == Some(from);
    if is_quoting {
        return !is_quoted && !from.contains(['"', '\\', '\n']);
    }
    let is_name = !to.is_empty() && to.chars().all(is_of_word);
    let begins_well = to.starts_with(|c: char| c.is_ascii_alphabetic() || matches!(c, '.' | '/' | '_'));
    let is_other = matches!(
        to.to_ascii_lowercase().as_str(),
        "true" | "false" | "null" | "yes" | "no" | "on" | "off" | "y" | "n" | ".inf" | ".nan"
    );
    is_name && (is_quoted || (begins_well && !is_other))
}

fn is_of_word(c: char) -> bool {
    c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.' | '/')
}

/// Whether the bytes are no key, or one beside which the new key does not stand yet.
fn is_free(store: &Store<'_>, edit: &Edit) -> bool {
    let documents = &store.parsed(edit.span.file).documents;
    let holds = |outer: Span| outer.start <= edit.span.start && edit.span.end <= outer.end;
    let later = documents.partition_point(|document| document.span.end < edit.span.end);
    let near = documents.iter().skip(later).take(2);
    let Some(document) = near.into_iter().find(|document| holds(document.span)) else {
        return true;
    };
    let mut node = &document.root;
    while let Some(inner) = inner(node, edit.span) {
        match inner {
            Inner::Value(value) => node = value,
            Inner::Key => return node.get(&edit.to).is_none(),
        }
    }
    true
}

enum Inner<'n> {
    Value(&'n Node),
    Key,
}

/// What of a value holds the bytes.
fn inner(node: &Node, span: Span) -> Option<Inner<'_>> {
    let holds = |outer: Span| outer.file == span.file && outer.start <= span.start && span.end <= outer.end;
    if let Some(item) = node.items().iter().find(|item| holds(item.span())) {
        return Some(Inner::Value(item));
    }
    node.entries().iter().find_map(|entry| {
        if holds(entry.key.span()) {
            Some(Inner::Key)
        } else {
            holds(entry.value.span()).then_some(Inner::Value(&entry.value))
        }
    })
}
