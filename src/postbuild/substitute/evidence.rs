//! Which expressions and variables made a value, and where both stand.

use std::ops::Range;

use crate::source::Span;
use crate::yaml::{Origin, Substitution};

use super::printed::Printed;
use super::value::value_span;
use crate::postbuild::Variables;
use crate::postbuild::envsubst::{Evaluated, Piece, Use, UseKind};

/// The expressions that took part in the printed bytes `start..end`, and what gave their variables values. `place` tells
/// where in the new value something lies that lies there in the new text.
pub(crate) fn substitutions(
    printed: &Printed,
    variables: &Variables,
    evaluated: &Evaluated,
    range: &Range<usize>,
    place: &dyn Fn(Range<usize>) -> Option<Range<u32>>,
) -> Vec<Substitution> {
    let first = evaluated
        .pieces
        .partition_point(|piece| piece.source.end <= range.start);
    let pieces = evaluated.pieces.get(first..).unwrap_or_default();
    pieces
        .iter()
        .take_while(|piece| piece.source.start < range.end)
        .flat_map(|piece| {
            let output = place(piece.output.clone());
            evaluated.uses_of(piece).iter().map(move |used| {
                let expression = printed.span_of(&used.range);
                substitution(variables, used, expression, output.clone())
            })
        })
        .collect()
}

/// The record of a variable that took part; `expression` is where the expression stands, `output` what it became.
pub(crate) fn substitution(
    variables: &Variables,
    used: &Use,
    expression: Span,
    output: Option<Range<u32>>,
) -> Substitution {
    let value = match used.kind {
        UseKind::Value | UseKind::Unknown => value_span(variables, &used.variable),
        UseKind::Default | UseKind::Undefined => None,
    };
    Substitution {
        variable: used.variable.clone(),
        expression,
        value,
        unknown: matches!(used.kind, UseKind::Unknown | UseKind::Undefined),
        output,
    }
}

/// What took part before this substitution. It moves what those made to places that nobody looks up.
pub(crate) fn earlier(origin: &Origin) -> Vec<Substitution> {
    let all = origin.substituted.as_deref().unwrap_or_default().iter();
    all.map(|one| Substitution {
        output: None,
        ..one.clone()
    })
    .collect()
}

/// A range of a text as spans count; texts that are longer are not read.
pub(crate) fn short(range: &Range<usize>) -> Option<Range<u32>> {
    Some(u32::try_from(range.start).ok()?..u32::try_from(range.end).ok()?)
}

/// What broke the output.
pub(crate) struct Culprit {
    /// The expression.
    pub(crate) expression: Span,
    /// The values of all variables in its scalar.
    pub(crate) values: Vec<(String, Span)>,
    /// The variables of the expression.
    pub(crate) variables: Vec<Box<str>>,
}

/// The expression that broke the output at that offset, as well as it can be told: the last one before it, which
/// is on the same line nearly always.
pub(crate) fn culprit(printed: &Printed, variables: &Variables, evaluated: &Evaluated, at: usize) -> Culprit {
    let expressions = || evaluated.pieces.iter().filter(|piece| piece.uses.is_some());
    let broken = expressions()
        .take_while(|piece| piece.output.start <= at)
        .last()
        .or_else(|| expressions().next());
    let Some(broken) = broken else {
        return Culprit {
            expression: Span::at_start(printed.file),
            values: Vec::new(),
            variables: Vec::new(),
        };
    };
    let scalar = printed
        .scalar_at(broken.source.start)
        .and_then(|index| printed.scalars.get(index));
    let near = |piece: &&Piece| match scalar {
        Some(scalar) => scalar.range.contains(&piece.source.start),
        None => piece.source == broken.source,
    };
    let values = expressions()
        .filter(near)
        .flat_map(|piece| evaluated.uses_of(piece))
        .filter_map(|used| {
            let span = value_span(variables, &used.variable)?;
            Some((used.variable.to_string(), span))
        });
    let mut values: Vec<_> = values.collect();
    values.dedup();
    Culprit {
        expression: printed.span_of(&broken.source),
        values,
        variables: evaluated
            .uses_of(broken)
            .iter()
            .map(|used| used.variable.clone())
            .collect(),
    }
}
