//! From offsets in a parsed text to places in the repository.

use std::ops::Range;

use super::node::Origin;
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
    /// The text cannot be found in a file: everything in it comes from one place.
    Fixed { origin: Origin },
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
            Self::Fixed { origin } => origin.clone(),
        }
    }

    /// The bytes of the repository that `range` of the text comes from.
    pub(super) fn span(&self, range: Range<usize>) -> Span {
        match self {
            Self::File { file } => Span::new(*file, range.start, range.end),
            Self::Fixed { origin } => origin.span,
            Self::Pieces { file, pieces } => {
                let start = first_byte(pieces, range.start);
                let end = match range.end.checked_sub(1) {
                    Some(last) if !range.is_empty() => behind_byte(pieces, last),
                    _ => start,
                };
                Span::new(*file, start, end.max(start))
            }
        }
    }
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
