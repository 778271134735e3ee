//! From offsets in a parsed text to places in the repository.

use std::ops::Range;

use super::node::{Origin, Substitution};
use crate::source::{FileId, Span};

/// How the parsed text relates to files.
#[derive(Debug)]
pub(super) enum Locator {
    /// The text is a file.
    File { file: FileId },
    /// The text is the value of a scalar, made of pieces that stand in the file as they are.
    Pieces {
        file: FileId,
        /// By start in the text, the first at 0.
        pieces: Vec<Piece>,
    },
    /// The same, but expressions in it were replaced by what they stand for.
    Filled {
        file: FileId,
        /// Of the text with its expressions.
        pieces: Vec<Piece>,
        /// By position.
        filled: Vec<Filled>,
    },
    /// The text cannot be found in a file: everything in it comes from one place.
    Fixed { origin: Origin },
    /// The text is the end of another.
    Behind { skipped: usize, whole: Box<Locator> },
}

/// Bytes of a parsed text that stand one to one in a file.
#[derive(Debug, Clone, Copy)]
pub(super) struct Piece {
    /// Where the piece begins in the text; it ends where the next begins.
    pub(super) text: usize,
    /// Where it begins in the file.
    pub(super) source: usize,
    /// For a single character that is written as an escape: the bytes of the escape. Else 0.
    pub(super) escape: usize,
}

/// Where an expression was replaced.
#[derive(Debug)]
pub(super) struct Filled {
    /// What it became, in the parsed text.
    pub(super) output: Range<usize>,
    /// The expression, in the text as it was before.
    pub(super) expression: Range<usize>,
    /// The variables that took part.
    pub(super) substitutions: Vec<Substitution>,
}

impl Piece {
    pub(super) fn verbatim(text: usize, source: usize) -> Self {
        Self {
            text,
            source,
            escape: 0,
        }
    }
}

impl Locator {
    /// The origin of a value that stands at `range` of the text.
    pub(super) fn origin(&self, range: Range<usize>) -> Origin {
        match self {
            Self::File { .. } | Self::Pieces { .. } => Origin::at(self.span(range)),
            Self::Filled { filled, .. } => {
                let within = filled.iter().filter(|one| touches(&one.output, &range));
                let all: Vec<Substitution> = within.flat_map(|one| one.substitutions.clone()).collect();
                Origin {
                    span: self.span(range),
                    substituted: (!all.is_empty()).then(|| all.into()),
                }
            }
            Self::Fixed { origin } => origin.clone(),
            Self::Behind { skipped, whole } => whole.origin(range.start + skipped..range.end + skipped),
        }
    }

    /// The bytes of the repository that `range` of the text comes from.
    pub(super) fn span(&self, range: Range<usize>) -> Span {
        match self {
            Self::File { file } => Span::new(*file, range.start, range.end),
            Self::Fixed { origin } => origin.span,
            Self::Behind { skipped, whole } => whole.span(range.start + skipped..range.end + skipped),
            Self::Pieces { file, pieces } => span_of(*file, pieces, range),
            Self::Filled { file, pieces, filled } => span_of(*file, pieces, unfilled(filled, &range)),
        }
    }
}

fn span_of(file: FileId, pieces: &[Piece], range: Range<usize>) -> Span {
    let start = first_byte(pieces, range.start);
    let end = match range.end.checked_sub(1) {
        Some(last) if !range.is_empty() => behind_byte(pieces, last),
        _ => start,
    };
    Span::new(file, start, end.max(start))
}

/// Whether something that was filled in takes part in what stands at `range`.
fn touches(output: &Range<usize>, range: &Range<usize>) -> bool {
    if output.is_empty() {
        range.start <= output.start && output.end <= range.end
    } else {
        output.start < range.end && range.start < output.end
    }
}

/// The range before expressions were replaced. What begins or ends within a replacement does so with its expression.
fn unfilled(filled: &[Filled], range: &Range<usize>) -> Range<usize> {
    let start = match filled.get(filled.partition_point(|one| one.output.end <= range.start)) {
        Some(one) if one.output.contains(&range.start) => one.expression.start,
        _ => moved_back(filled, range.start),
    };
    let end = match filled
        .iter()
        .find(|one| one.output.start < range.end && range.end <= one.output.end)
    {
        Some(one) if !range.is_empty() => one.expression.end,
        _ => moved_back(filled, range.end),
    };
    start..end.max(start)
}

/// The place before expressions were replaced of what stands outside of them.
fn moved_back(filled: &[Filled], at: usize) -> usize {
    let before = filled.iter().take_while(|one| one.output.end <= at).last();
    before.map_or(at, |one| one.expression.end + at.saturating_sub(one.output.end))
}

/// The place in the text of what stands at `source`, the way back from [`first_byte`]; `None` before the first piece.
pub(super) fn text_at(pieces: &[Piece], source: usize) -> Option<usize> {
    let index = pieces
        .partition_point(|piece| piece.source <= source)
        .checked_sub(1)?;
    let piece = pieces.get(index)?;
    let end = pieces.get(index + 1).map_or(usize::MAX, |next| next.text);
    Some(match piece.escape {
        0 => (piece.text + source - piece.source).min(end),
        width if source < piece.source + width => piece.text,
        _ => end,
    })
}

fn piece_at(pieces: &[Piece], at: usize) -> Option<&Piece> {
    pieces.get(pieces.partition_point(|piece| piece.text <= at).saturating_sub(1))
}

fn first_byte(pieces: &[Piece], at: usize) -> usize {
    piece_at(pieces, at).map_or(0, |piece| match piece.escape {
        0 => piece.source + at.saturating_sub(piece.text),
        _ => piece.source,
    })
}

fn behind_byte(pieces: &[Piece], at: usize) -> usize {
    piece_at(pieces, at).map_or(0, |piece| match piece.escape {
        0 => piece.source + at.saturating_sub(piece.text) + 1,
        width => piece.source + width,
    })
}
