//! An object as text, with where everything in it comes from.

use std::collections::BTreeSet;
use std::ops::Range;
use std::sync::Arc;

use super::expression::find_expression;
use crate::postbuild::RenderProblem;
use crate::postbuild::envsubst::Template;
use crate::source::{FileId, SourceMap, Span};
use crate::yaml::Placed;

/// An object printed as YAML, with where everything in the text comes from.
#[derive(Debug)]
pub(crate) struct Printed {
    pub(crate) template: Template,
    /// Every key and value in the order of the text.
    pub(crate) scalars: Vec<Placed>,
    /// Every expression in the order of the text.
    pub(crate) places: Vec<PrintedPlace>,
    pub(crate) mentions: Arc<[Box<str>]>,
    /// What the real program refuses the text for.
    pub(crate) malformed: Option<RenderProblem>,
    /// Scalars that hold malformed expressions, by position in `scalars`.
    pub(crate) spoiled: Vec<usize>,
    /// Some file, to give the parser one: spans of the new text are offsets only.
    pub(crate) file: FileId,
}

/// Where an outermost expression stands in the sources.
#[derive(Debug)]
pub(crate) struct PrintedPlace {
    /// In the printed text.
    pub(crate) range: Range<usize>,
    /// The expression, else the scalar that holds it.
    pub(crate) span: Span,
    /// Whether the sources have the expression exactly as printed.
    exact: bool,
}

/// Expressions of one scalar that are looked for in vain. A scalar that is written otherwise than printed is pointed at as a whole.
const MAX_LOST: usize = 1_000;

impl Printed {
    pub(crate) fn new(template: Template, scalars: Vec<Placed>, file: FileId, sources: &SourceMap) -> Self {
        let mut places = Vec::new();
        let mut mentions = BTreeSet::new();
        // Expressions of one scalar are looked for one behind the other.
        let mut last: Option<(usize, usize)> = None;
        let mut lost = 0;
        for range in template.expressions() {
            let index = placed_index(&scalars, range.start);
            let span = index
                .and_then(|index| scalars.get(index))
                .map(|placed| placed.node.span());
            let skip = match (index, last) {
                (Some(index), Some((before, skip))) if before == index => skip,
                _ => 0,
            };
            let written = template.text().get(range.clone()).unwrap_or_default();
            if last.is_none_or(|(before, _)| Some(before) != index) {
                lost = 0;
            }
            let span_to_search = span.filter(|_| lost < MAX_LOST);
            let found = span_to_search.and_then(|span| find_expression(sources, span, skip, written));
            lost += usize::from(found.is_none());
            if let (Some(index), Some(found)) = (index, &found) {
                last = Some((index, found.skip));
            }
            places.push(PrintedPlace {
                range,
                span: found
                    .as_ref()
                    .map(|found| found.span)
                    .or(span)
                    .unwrap_or_else(|| Span::at_start(file)),
                exact: found.is_some_and(|found| found.exact),
            });
        }
        template.names(&mut |name| {
            if !mentions.contains(name) {
                mentions.insert(Box::from(name));
            }
        });
        Self {
            template,
            scalars,
            places,
            mentions: mentions.into_iter().collect(),
            malformed: None,
            spoiled: Vec::new(),
            file,
        }
    }

    /// The scalar printed around an offset.
    pub(crate) fn scalar_at(&self, offset: usize) -> Option<usize> {
        placed_index(&self.scalars, offset)
    }

    /// Where an expression, outermost or within another one, stands in the sources.
    pub(crate) fn span_of(&self, range: &Range<usize>) -> Span {
        let index = self
            .places
            .partition_point(|place| place.range.end <= range.start);
        match self.places.get(index) {
            Some(place) if place.exact && place.range.contains(&range.start) => {
                let start = place.span.start as usize + range.start - place.range.start;
                Span::new(place.span.file, start, start + range.len())
            }
            Some(place) => place.span,
            None => Span::at_start(self.file),
        }
    }
}

pub(crate) fn placed_index(scalars: &[Placed], offset: usize) -> Option<usize> {
    let index = scalars.partition_point(|placed| placed.range.end <= offset);
    scalars
        .get(index)
        .is_some_and(|placed| placed.range.contains(&offset))
        .then_some(index)
}

pub(crate) fn placed_at(scalars: &[Placed], offset: usize) -> Option<&Placed> {
    scalars.get(placed_index(scalars, offset)?)
}
