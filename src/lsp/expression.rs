//! `${…}` in a text, whether anything renders it or not.

use std::ops::Range;

/// The name of a variable in an expression.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Named<'t> {
    pub(super) name: &'t str,
    /// The bytes of the name.
    pub(super) at: Range<usize>,
}

/// How far around a place an expression is looked for.
const REACH: usize = 4096;

/// The innermost expression around a byte.
pub(super) fn around(text: &str, offset: usize) -> Option<Named<'_>> {
    let (start, line) = line_around(text, offset)?;
    let around = all(line).into_iter().filter(|(whole, _)| {
        let inside = offset - start;
        whole.start <= inside && inside <= whole.end
    });
    let (_, name) = around.min_by_key(|(whole, _)| whole.len())?;
    let at = start + name.start..start + name.end;
    Some(Named {
        name: text.get(at.clone())?,
        at,
    })
}

/// The names of a variable in a piece of text.
pub(super) fn names_of(text: &str, name: &str) -> Vec<Range<usize>> {
    let names = all(text).into_iter().map(|(_, name)| name);
    names.filter(|at| text.get(at.clone()) == Some(name)).collect()
}

/// What is written of a name up to a byte, where an expression is open there.
pub(super) fn begun(text: &str, offset: usize) -> Option<Named<'_>> {
    let before = text.get(..offset)?;
    let name = before.trim_end_matches(|c: char| c == '_' || c.is_ascii_alphanumeric());
    let is_open = name.ends_with("${") && !name.ends_with("$${");
    is_open.then(|| Named {
        name: &before[name.len()..],
        at: name.len()..offset,
    })
}

/// The line that holds a byte, cut where it is too long, and where it begins.
fn line_around(text: &str, offset: usize) -> Option<(usize, &str)> {
    let bytes = text.as_bytes();
    let before = bytes.get(offset.saturating_sub(REACH)..offset)?;
    let start = offset - before.iter().rev().take_while(|byte| **byte != b'\n').count();
    let behind = bytes.get(offset..)?.iter().take(REACH);
    let end = offset + behind.take_while(|byte| **byte != b'\n').count();
    let start = (start..=offset).find(|at| text.is_char_boundary(*at))?;
    let end = (offset..=end).rev().find(|at| text.is_char_boundary(*at))?;
    Some((start, text.get(start..end)?))
}

/// Every expression with the name in it, inner ones first.
fn all(text: &str) -> Vec<(Range<usize>, Range<usize>)> {
    let bytes = text.as_bytes();
    let (mut open, mut found) = (Vec::new(), Vec::new());
    let mut at = 0;
    while at < bytes.len() {
        match bytes[at..] {
            // A dollar sign that stands for itself.
            [b'$', b'$', ..] => at += 1,
            [b'$', b'{', ..] => {
                open.push(at);
                at += 1;
            }
            [b'}', ..] => {
                if let Some(start) = open.pop() {
                    found.push((start..at + 1, name(text, start + 2)));
                }
            }
            _ => {}
        }
        at += 1;
    }
    found.retain(|(_, name)| !name.is_empty());
    found
}

fn name(text: &str, start: usize) -> Range<usize> {
    let rest = text.as_bytes().get(start..).unwrap_or_default();
    let length = rest
        .iter()
        .take_while(|byte| **byte == b'_' || byte.is_ascii_alphanumeric());
    start..start + length.count()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_innermost_expression_counts() {
        let text = "a\nb: x-${OUTER:=${INNER}}-$${NOT} ${}\n";
        let at = |needle: &str| around(text, text.find(needle).unwrap() + 1).map(|named| named.name);
        assert_eq!(at("OUTER"), Some("OUTER"));
        assert_eq!(at(":="), Some("OUTER"));
        assert_eq!(at("INNER"), Some("INNER"));
        assert_eq!(at("NOT"), None);
        assert_eq!(at("x-"), None);
        assert_eq!(at("${}"), None);
        let inner = names_of(text, "INNER");
        assert_eq!(inner.len(), 1);
        assert_eq!(inner[0].start, text.find("INNER").unwrap());
    }

    #[test]
    fn what_is_begun_is_known() {
        let name = |text: &'static str| begun(text, text.len()).map(|named| named.name);
        assert_eq!(name("a: ${CLU"), Some("CLU"));
        assert_eq!(name("a: ${"), Some(""));
        assert_eq!(name("a: $${CLU"), None);
        assert_eq!(name("a: CLU"), None);
    }
}
