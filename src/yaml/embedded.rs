//! YAML within YAML: inline patches, files in ConfigMaps, lists in strings. Its values point into the outer file.

use std::ops::Range;

use super::locate::{Filled, Locator, Piece, text_at};
use super::node::{Node, Origin, Substitution};
use super::parse::parse_at;
use super::parsed::Parsed;
use crate::source::{SourceMap, Span};

/// Reads the text of a scalar as YAML. Where the text stands in the file as it is (block scalars, plain and quoted
/// text), everything in it points at its own bytes there, and what was substituted has the variables that made just that
/// value; else everything points at the scalar. Gives nothing for lists and maps.
pub fn parse_embedded(scalar: &Node, sources: &SourceMap) -> Parsed {
    scalar.as_scalar().map_or_else(Parsed::default, |value| {
        parse_at(&locator(scalar.origin(), &value.text, sources), &value.text)
    })
}

/// [`parse_embedded`] without the white space around the text.
pub fn parse_embedded_trimmed(scalar: &Node, sources: &SourceMap) -> Parsed {
    let Some(value) = scalar.as_scalar() else {
        return Parsed::default();
    };
    let trimmed = value.text.trim();
    let whole = Box::new(locator(scalar.origin(), &value.text, sources));
    let skipped = value.text.len() - value.text.trim_start().len();
    parse_at(&Locator::Behind { skipped, whole }, trimmed)
}

/// Tells for parts of a scalar's text where they come from: their bytes in the file, or the scalar where these cannot be told.
pub fn embedded_places(scalar: &Node, sources: &SourceMap) -> impl Fn(std::ops::Range<usize>) -> Origin {
    let text = scalar.as_scalar().map_or("", |value| &value.text);
    let locator = locator(scalar.origin(), text, sources);
    move |range| locator.origin(range)
}

/// For ranges of a scalar as it is written in some text: the ranges of its value. `None` where the two do not show
/// which bytes are which.
pub fn value_ranges(written: &str, value: &str) -> Option<impl Fn(Range<usize>) -> Option<Range<usize>>> {
    let pieces = pieces_of(written, value)?;
    Some(move |range: Range<usize>| Some(text_at(&pieces, range.start)?..text_at(&pieces, range.end)?))
}

fn locator(origin: &Origin, text: &str, sources: &SourceMap) -> Locator {
    let fixed = || Locator::Fixed {
        origin: origin.clone(),
    };
    let written = sources.snippet(origin.span);
    let Span { file, start, .. } = origin.span;
    let placed = |pieces| moved(pieces, start as usize);
    match origin.substituted.as_deref() {
        None => pieces_of(written, text).map_or_else(fixed, |pieces| Locator::Pieces {
            file,
            pieces: placed(pieces),
        }),
        Some(substitutions) => unfilled(text, substitutions, sources)
            .and_then(|(before, filled)| {
                Some(Locator::Filled {
                    file,
                    pieces: placed(pieces_of(written, &before)?),
                    filled,
                })
            })
            .unwrap_or_else(fixed),
    }
}

/// The text as it was before its expressions were replaced, and where that happened.
fn unfilled(
    text: &str,
    substitutions: &[Substitution],
    sources: &SourceMap,
) -> Option<(String, Vec<Filled>)> {
    let mut before = String::new();
    let mut filled: Vec<Filled> = Vec::new();
    let mut at = 0;
    for substitution in substitutions {
        let Range { start, end } = substitution.output.clone()?;
        let output = start as usize..end as usize;
        if let Some(last) = filled.last_mut()
            && last.output == output
        {
            // An expression within the last one.
            last.substitutions.push(substitution.clone());
            continue;
        }
        before.push_str(text.get(at..output.start)?);
        let start = before.len();
        before.push_str(sources.snippet(substitution.expression));
        at = output.end;
        filled.push(Filled {
            output,
            expression: start..before.len(),
            substitutions: vec![substitution.clone()],
        });
    }
    before.push_str(text.get(at..)?);
    Some((before, filled))
}

/// Which bytes of `written`, a scalar as it stands in a file, are which of its text.
fn pieces_of(written: &str, text: &str) -> Option<Vec<Piece>> {
    match written.as_bytes() {
        [b'|', ..] => literal_pieces(written, text),
        [b'"', .., b'"'] => double_quoted_pieces(&written[1..written.len() - 1], text).map(behind_quote),
        [b'\'', .., b'\''] => flowing_pieces(&written[1..written.len() - 1], text).map(behind_quote),
        [b'>', ..] => written.find('\n').and_then(|header| {
            flowing_pieces(&written[header + 1..], text).map(|pieces| moved(pieces, header + 1))
        }),
        _ => flowing_pieces(written, text),
    }
}

fn behind_quote(pieces: Vec<Piece>) -> Vec<Piece> {
    moved(pieces, 1)
}

fn moved(mut pieces: Vec<Piece>, by: usize) -> Vec<Piece> {
    for piece in &mut pieces {
        piece.source += by;
    }
    pieces
}

/// The lines behind the header, each without the indentation of the block.
fn literal_pieces(written: &str, text: &str) -> Option<Vec<Piece>> {
    let mut source = written.find('\n')? + 1;
    let body: Vec<&str> = written[source..].split('\n').collect();
    let lines = || text.split('\n');
    let indent = body.iter().zip(lines()).find_map(|(written, line)| {
        let written = written.strip_suffix('\r').unwrap_or(written);
        (!line.trim_matches(' ').is_empty()).then(|| written.strip_suffix(line).map(str::len))
    })??;
    let mut pieces = Vec::with_capacity(body.len());
    let mut at = 0;
    for (written, line) in body.iter().zip(lines()) {
        let content = written.get(indent..).unwrap_or_default();
        // What follows the last line of the body (line breaks kept by `|+`) has no place of its own.
        if content
            .strip_suffix('\r')
            .unwrap_or(content)
            .trim_end_matches(' ')
            != line.trim_end_matches(' ')
        {
            return None;
        }
        pieces.push(Piece::verbatim(at, source + indent.min(written.len())));
        at += line.len() + 1;
        source += written.len() + 1;
    }
    Some(pieces)
}

/// Text in which line breaks may have become spaces: every line of the source must be found in the text, in order,
/// with nothing but white space between. Escaped single quotes end the search, unless the text has none.
fn flowing_pieces(written: &str, text: &str) -> Option<Vec<Piece>> {
    if written == text {
        return Some(vec![Piece::verbatim(0, 0)]);
    }
    let mut pieces = Vec::new();
    let mut source = 0;
    let mut at = 0;
    for line in written.split_inclusive('\n') {
        let content = line.trim();
        if !content.is_empty() {
            let rest = text.get(at..)?;
            let skipped = rest.len() - rest.trim_start().len();
            if !rest[skipped..].starts_with(content) {
                return None;
            }
            let indent = line.len() - line.trim_start().len();
            pieces.push(Piece::verbatim(at + skipped, source + indent));
            at += skipped + content.len();
        }
        source += line.len();
    }
    text.get(at..)?.trim().is_empty().then_some(pieces)
}

/// Text on one line in which a backslash begins an escape.
fn double_quoted_pieces(written: &str, text: &str) -> Option<Vec<Piece>> {
    let mut pieces = vec![Piece::verbatim(0, 0)];
    let mut chars = text.char_indices();
    let mut source = 0;
    while let Some(c) = written.get(source..)?.chars().next() {
        let (at, unescaped) = chars.next()?;
        if c == '\\' {
            let length = match written.as_bytes().get(source + 1)? {
                b'x' => 4,
                b'u' => 6,
                b'U' => 10,
                b'\n' | b'\r' => return None,
                _ => 2,
            };
            pieces.push(Piece {
                text: at,
                source,
                escape: length,
            });
            source += length;
            pieces.push(Piece::verbatim(at + unescaped.len_utf8(), source));
        } else if c == unescaped {
            source += c.len_utf8();
        } else {
            return None;
        }
    }
    chars.next().is_none().then_some(pieces)
}
