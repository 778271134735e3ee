//! Shell patterns of `${v#p}` and `${v%p}`, by the rules of fluxcd/pkg `envsubst/path/match.go`: `*` crosses
//! slashes, and a malformed class is noticed only when matching comes to it.

use super::work::{TooLarge, Work, first_character};

/// Whether the pattern matches all of the name; `None` when matching comes to a malformed part of it.
pub(crate) fn matches(pattern: &[u8], name: &[u8], work: &mut Work) -> Result<Option<bool>, TooLarge> {
    let mut rest_of_pattern = pattern;
    let mut rest_of_name = name;
    while !rest_of_pattern.is_empty() {
        let (after_star, chunk, behind) = next_chunk(rest_of_pattern);
        rest_of_pattern = behind;
        if after_star && chunk.is_empty() {
            return Ok(Some(true));
        }
        // The last chunk has to use up the name.
        let suffices = |rest: &[u8]| rest.is_empty() || !behind.is_empty();
        let last_start = if after_star { rest_of_name.len() } else { 0 };
        let mut found = None;
        for start in 0..=last_start {
            let from = rest_of_name.get(start..).unwrap_or_default();
            match match_chunk(chunk, from, work)? {
                Matched::Rest(rest) if suffices(rest) => {
                    found = Some(rest);
                    break;
                }
                Matched::Malformed => return Ok(None),
                Matched::Rest(_) | Matched::No => {}
            }
        }
        match found {
            Some(rest) => rest_of_name = rest,
            None => return Ok(Some(false)),
        }
    }
    Ok(Some(rest_of_name.is_empty()))
}

/// Whether stars come first, the pattern up to the next star, and what is left.
fn next_chunk(pattern: &[u8]) -> (bool, &[u8], &[u8]) {
    let stars = pattern.iter().take_while(|&&byte| byte == b'*').count();
    let pattern = pattern.get(stars..).unwrap_or_default();
    let mut in_class = false;
    let mut at = 0;
    while let Some(&byte) = pattern.get(at) {
        match byte {
            b'\\' if at + 1 < pattern.len() => at += 1,
            b'[' => in_class = true,
            b']' => in_class = false,
            b'*' if !in_class => break,
            _ => {}
        }
        at += 1;
    }
    let (chunk, rest) = pattern.split_at_checked(at).unwrap_or((pattern, &[]));
    (stars > 0, chunk, rest)
}

enum Matched<'n> {
    /// The chunk matches the start of the name; this is left.
    Rest(&'n [u8]),
    No,
    Malformed,
}

/// Matches a chunk, which holds no star, against the start of the name.
fn match_chunk<'n>(mut chunk: &[u8], mut name: &'n [u8], work: &mut Work) -> Result<Matched<'n>, TooLarge> {
    while let Some((&first, behind_first)) = chunk.split_first() {
        work.spend()?;
        let Some((character, width)) = first_character(name) else {
            return Ok(Matched::No);
        };
        let behind_character = name.get(width..).unwrap_or_default();
        match first {
            b'[' => match match_class(behind_first, character, work)? {
                None => return Ok(Matched::Malformed),
                Some((false, _)) => return Ok(Matched::No),
                Some((true, rest)) => (chunk, name) = (rest, behind_character),
            },
            b'?' => (chunk, name) = (behind_first, behind_character),
            _ => {
                let literal = if first == b'\\' { behind_first } else { chunk };
                match (literal.split_first(), name.split_first()) {
                    (None, _) => return Ok(Matched::Malformed),
                    (Some((wanted, rest)), Some((found, behind))) if wanted == found => {
                        (chunk, name) = (rest, behind);
                    }
                    _ => return Ok(Matched::No),
                }
            }
        }
    }
    Ok(Matched::Rest(name))
}

/// Whether the class, from behind its `[`, takes the character, with what follows its `]`.
fn match_class<'p>(
    class: &'p [u8],
    character: char,
    work: &mut Work,
) -> Result<Option<(bool, &'p [u8])>, TooLarge> {
    let (negated, mut rest) = match class.split_first() {
        Some((b'^', behind)) => (true, behind),
        _ => (false, class),
    };
    let mut taken = false;
    let mut ranges = 0;
    loop {
        work.spend()?;
        if ranges > 0
            && let Some((b']', behind)) = rest.split_first()
        {
            return Ok(Some((taken != negated, behind)));
        }
        let Some((low, behind)) = class_character(rest) else {
            return Ok(None);
        };
        let (high, behind) = match behind.split_first() {
            Some((b'-', upper)) => match class_character(upper) {
                Some(found) => found,
                None => return Ok(None),
            },
            _ => (low, behind),
        };
        taken |= (low..=high).contains(&character);
        rest = behind;
        ranges += 1;
    }
}

/// One character of a class, which must not be the last thing in the pattern.
fn class_character(class: &[u8]) -> Option<(char, &[u8])> {
    let literal = match class.split_first()? {
        (b'-' | b']', _) => return None,
        (b'\\', behind) => behind,
        _ => class,
    };
    let (character, width) = first_character(literal)?;
    let malformed = character == char::REPLACEMENT_CHARACTER && width == 1;
    let rest = literal.get(width..)?;
    (!malformed && !rest.is_empty()).then_some((character, rest))
}
