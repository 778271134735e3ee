//! The values of variables beside their expressions, where all clusters agree.

use std::collections::{BTreeMap, BTreeSet};

use lsp_types::{InlayHint, InlayHintKind, InlayHintLabel, Range};

use super::expression;
use super::uses::Owner;
use super::values;
use super::view::View;
use crate::source::{FileId, Span};

/// Longer values would push away what stands behind.
const LENGTH: usize = 40;

pub(super) fn hints(view: &View<'_>, file: FileId, visible: Range) -> Vec<InlayHint> {
    let lines = view.lines(file);
    let (from, to) = (lines.offset(visible.start), lines.offset(visible.end));
    let mut owners: BTreeMap<(Span, &str), BTreeSet<Owner>> = BTreeMap::new();
    for one in view.analysis.uses().in_file(file) {
        let span = one.expression;
        if (span.start as usize) < to && from <= span.end as usize {
            owners.entry((span, &one.variable)).or_default().insert(one.owner);
        }
    }
    let mut hints = Vec::new();
    for ((span, name), owners) in owners {
        let value = values::common(view, name, &owners);
        let Some(value) = value.filter(|value| value.chars().count() <= LENGTH) else {
            continue;
        };
        let text = view.analysis.sources.snippet(span);
        for at in expression::names_of(text, name) {
            // Behind the expression that the name stands in.
            let start = span.start as usize;
            let end = text
                .get(at.end..)
                .and_then(|rest| rest.find('}'))
                .map(|end| at.end + end + 1);
            hints.extend(end.map(|end| hint(lines.position(start + end), &value)));
        }
    }
    hints
}

fn hint(position: lsp_types::Position, value: &str) -> InlayHint {
    InlayHint {
        position,
        label: InlayHintLabel::String(format!("= {value}")),
        kind: None::<InlayHintKind>,
        text_edits: None,
        tooltip: None,
        padding_left: Some(true),
        padding_right: None,
        data: None,
    }
}
