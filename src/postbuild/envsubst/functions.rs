//! What the operators do to a value, by the rules of fluxcd/pkg `envsubst/funcs.go`: on bytes, with Go's
//! treatment of bytes that are not UTF-8.

use super::Operator;
use super::glob;
use super::work::{MAX_OUTPUT, TooLarge, Work, first_character};

/// Applies an operator to a value.
pub(crate) fn apply(
    operator: Operator,
    value: &[u8],
    words: &[&[u8]],
    work: &mut Work,
) -> Result<Vec<u8>, TooLarge> {
    let first = words.first().copied().unwrap_or_default();
    Ok(match operator {
        Operator::None => value.to_vec(),
        Operator::Default if value.is_empty() => first.to_vec(),
        Operator::Default => value.to_vec(),
        Operator::Length => value.len().to_string().into_bytes(),
        Operator::LowerFirst => map_first(value, lower),
        Operator::Lower => map_all(value, lower),
        Operator::UpperFirst => map_first(value, upper),
        Operator::Upper => map_all(value, upper),
        Operator::Substring => substring(value, first, words.get(1).copied()).to_vec(),
        Operator::ReplaceFirst => replace(value, first, words.get(1).copied().unwrap_or_default(), 1)?,
        Operator::ReplaceAll => replace(
            value,
            first,
            words.get(1).copied().unwrap_or_default(),
            usize::MAX,
        )?,
        Operator::ReplacePrefix => replace_prefix(value, first, words.get(1).copied()),
        Operator::ReplaceSuffix => replace_suffix(value, first, words.get(1).copied()),
        Operator::TrimShortestPrefix => trim_shortest(value, first, work)?.to_vec(),
        Operator::TrimLongestPrefix => trim_longest(value, first, work)?.to_vec(),
        Operator::TrimShortestSuffix => reversed(trim_shortest(&reversed(value), &reversed(first), work)?),
        Operator::TrimLongestSuffix => reversed(trim_longest(&reversed(value), &reversed(first), work)?),
    })
}

fn characters(mut bytes: &[u8]) -> impl Iterator<Item = char> {
    std::iter::from_fn(move || {
        let (character, width) = first_character(bytes)?;
        bytes = bytes.get(width..).unwrap_or_default();
        Some(character)
    })
}

fn push(bytes: &mut Vec<u8>, character: char) {
    let mut buffer = [0; 4];
    bytes.extend_from_slice(character.encode_utf8(&mut buffer).as_bytes());
}

fn map_all(value: &[u8], change: fn(char) -> char) -> Vec<u8> {
    let mut changed = Vec::with_capacity(value.len());
    characters(value).for_each(|c| push(&mut changed, change(c)));
    changed
}

fn map_first(value: &[u8], change: fn(char) -> char) -> Vec<u8> {
    let mut changed = Vec::with_capacity(value.len());
    if let Some((first, width)) = first_character(value) {
        push(&mut changed, change(first));
        changed.extend_from_slice(value.get(width..).unwrap_or_default());
    }
    changed
}

/// Go maps a character to a character; Rust follows the full mapping, in which a few become several.
fn upper(c: char) -> char {
    let mut mapped = c.to_uppercase();
    match (mapped.next(), mapped.next()) {
        (Some(single), None) => single,
        // Greek letters with a subscript iota have a capital of their own (Unicode's simple mapping).
        _ => match c {
            '\u{1f80}'..='\u{1f87}' | '\u{1f90}'..='\u{1f97}' | '\u{1fa0}'..='\u{1fa7}' => shifted(c, 8),
            '\u{1fb3}' | '\u{1fc3}' | '\u{1ff3}' => shifted(c, 9),
            _ => c,
        },
    }
}

fn lower(c: char) -> char {
    let mut mapped = c.to_lowercase();
    match (mapped.next(), mapped.next()) {
        (Some(single), None) => single,
        // Only the capital İ becomes several; its simple mapping is the plain i.
        _ => 'i',
    }
}

fn shifted(c: char, by: u32) -> char {
    char::from_u32(u32::from(c) + by).unwrap_or(c)
}

/// `${v:n}` and `${v:n:length}`. Numbers that are none leave the value as it is. A negative length counts from the end, as
/// in a shell; before envsubst v1.7.1 (Flux 2.9.5) the real program panicked on it.
fn substring<'v>(value: &'v [u8], offset: &[u8], length: Option<&[u8]>) -> &'v [u8] {
    let number = |word: &[u8]| std::str::from_utf8(word).ok()?.parse::<i64>().ok();
    let size = i64::try_from(value.len()).unwrap_or(i64::MAX);
    let Some(mut offset) = number(offset) else {
        return value;
    };
    if offset < 0 {
        offset = size.saturating_add(offset).max(0);
    }
    let end = match length.map(number) {
        None => size,
        Some(None) => return value,
        Some(Some(length)) if length < 0 => size.saturating_add(length),
        Some(Some(length)) => offset.saturating_add(length).min(size),
    };
    let range = usize::try_from(offset).ok().zip(usize::try_from(end).ok());
    range
        .and_then(|(start, end)| value.get(start..end))
        .unwrap_or_default()
}

/// Go's `strings.Replace`: an empty pattern stands before every character and at the end.
fn replace(value: &[u8], pattern: &[u8], replacement: &[u8], most: usize) -> Result<Vec<u8>, TooLarge> {
    let mut replaced = Vec::with_capacity(value.len());
    let mut rest = value;
    let mut done = 0;
    if pattern.is_empty() {
        while done < most {
            replaced.extend_from_slice(replacement);
            done += 1;
            let Some((_, width)) = first_character(rest) else {
                break;
            };
            if done < most {
                replaced.extend_from_slice(rest.get(..width).unwrap_or_default());
                rest = rest.get(width..).unwrap_or_default();
            }
            bounded(&replaced)?;
        }
    } else {
        for found in memchr::memmem::find_iter(value, pattern).take(most) {
            let literal = found - (value.len() - rest.len());
            replaced.extend_from_slice(rest.get(..literal).unwrap_or_default());
            replaced.extend_from_slice(replacement);
            rest = value.get(found + pattern.len()..).unwrap_or_default();
            bounded(&replaced)?;
        }
    }
    replaced.extend_from_slice(rest);
    bounded(&replaced)?;
    Ok(replaced)
}

fn bounded(bytes: &[u8]) -> Result<(), TooLarge> {
    if bytes.len() > MAX_OUTPUT {
        return Err(TooLarge);
    }
    Ok(())
}

fn replace_prefix(value: &[u8], prefix: &[u8], replacement: Option<&[u8]>) -> Vec<u8> {
    match (value.strip_prefix(prefix), replacement) {
        (Some(rest), Some(replacement)) => [replacement, rest].concat(),
        _ => value.to_vec(),
    }
}

fn replace_suffix(value: &[u8], suffix: &[u8], replacement: Option<&[u8]>) -> Vec<u8> {
    match (value.strip_suffix(suffix), replacement) {
        (Some(rest), Some(replacement)) => [rest, replacement].concat(),
        _ => value.to_vec(),
    }
}

/// Removes the longest prefix that the pattern matches; an empty one is never tried.
fn trim_longest<'v>(value: &'v [u8], pattern: &[u8], work: &mut Work) -> Result<&'v [u8], TooLarge> {
    for length in (1..=value.len()).rev() {
        match matches_prefix(pattern, value, length, work)? {
            Some(true) => return Ok(value.get(length..).unwrap_or_default()),
            Some(false) => {}
            None => return Ok(value),
        }
    }
    Ok(value)
}

/// Removes the shortest prefix that the pattern matches; an empty one is never tried. The real program tries the
/// long ones first, so a pattern found malformed on any of them leaves the value as it is.
fn trim_shortest<'v>(value: &'v [u8], pattern: &[u8], work: &mut Work) -> Result<&'v [u8], TooLarge> {
    let mut shortest = 0;
    for length in (1..=value.len()).rev() {
        match matches_prefix(pattern, value, length, work)? {
            Some(true) => shortest = length,
            Some(false) => {}
            None => return Ok(value),
        }
    }
    Ok(value.get(shortest..).unwrap_or_default())
}

/// Whether the pattern matches the first `length` bytes; `None` when it turns out to be malformed.
fn matches_prefix(
    pattern: &[u8],
    value: &[u8],
    length: usize,
    work: &mut Work,
) -> Result<Option<bool>, TooLarge> {
    glob::matches(pattern, value.get(..length).unwrap_or_default(), work)
}

fn reversed(bytes: &[u8]) -> Vec<u8> {
    let characters: Vec<char> = characters(bytes).collect();
    let mut reversed = Vec::with_capacity(bytes.len());
    characters.iter().rev().for_each(|&c| push(&mut reversed, c));
    reversed
}
