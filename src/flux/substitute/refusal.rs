//! Why the reader refuses the substituted text, in the words of Go's reader, which are what Flux reports and people
//! search for. Our parser has words of its own, for people who look at a file; here nobody can look at the text.

use super::prepare::Printed;
use crate::flux::envsubst::Evaluated;
use crate::yaml::{ParseError, ParseErrorKind};

/// What Go's reader says of a name that it does not take for an anchor.
pub(super) const ANCHOR: &str = "did not find expected alphabetic or numeric character";

/// Where a value begins with `&`, as passwords do, and what follows is a name to our parser (YAML 1.2) but not to
/// Go's reader, which knows letters, digits, `-` and `_` only (yaml.v2 `yaml_parser_scan_anchor`).
pub(super) fn anchor(printed: &Printed, evaluated: &Evaluated, text: &str) -> Option<usize> {
    let expressions = evaluated.pieces.iter().filter(|piece| piece.uses.is_some());
    let mut begin_scalars = expressions.filter(|piece| {
        let scalar = printed.scalar_at(piece.source.start);
        scalar
            .and_then(|index| printed.scalars.get(index))
            .is_some_and(|scalar| scalar.range.start == piece.source.start)
    });
    let is_refused = |value: &str| {
        let Some(name) = value.trim_start_matches(' ').strip_prefix('&') else {
            return false;
        };
        let rest = name.trim_start_matches(|c: char| c.is_ascii_alphanumeric() || c == '-' || c == '_');
        let ends =
            rest.is_empty() || rest.starts_with([' ', '\t', '\n', '?', ':', ',', ']', '}', '%', '@', '`']);
        rest.len() == name.len() || !ends
    };
    begin_scalars
        .find(|piece| text.get(piece.output.start..).is_some_and(is_refused))
        .map(|piece| piece.output.start)
}

/// Beginnings of our parser's messages with what yaml.v2 says in the same place.
const WORDS: [(&str, &str); 13] = [
    (
        "`: ` stands inside a value",
        "mapping values are not allowed in this context",
    ),
    (
        "a list item begins where none may stand",
        "block sequence entries are not allowed in this context",
    ),
    (
        "a key stands where none may stand",
        "mapping keys are not allowed in this context",
    ),
    (
        "no value can begin with",
        "found character that cannot start any token",
    ),
    (
        "text stands behind `|` or `>`",
        "did not find expected comment or line break",
    ),
    (
        "text stands behind the closing quote",
        "did not find expected key",
    ),
    (
        "this is not a key of the map around it",
        "did not find expected key",
    ),
    ("this line is no `key: value`", "could not find expected ':'"),
    ("`,` or `}` is missing here", "did not find expected ',' or '}'"),
    ("`,` or `]` is missing here", "did not find expected ',' or ']'"),
    (
        "a bracket is closed that was never opened",
        "did not find expected node content",
    ),
    (
        "`<<` merges maps, and this is none",
        "map merge requires map or sequence of maps as the value",
    ),
    (
        "this escape sequence does not exist",
        "found unknown escape character",
    ),
];

/// The words of Go's reader where it has the same ones for this fault always or nearly so, else our own.
pub(super) fn words(error: &ParseError) -> String {
    if error.kind == ParseErrorKind::Alias
        && let Some((_, name)) = error.message.split_once('&')
        && let Some((name, _)) = name.split_once('`')
    {
        return format!("unknown anchor '{name}' referenced");
    }
    let known = WORDS.iter().find(|(ours, _)| error.message.starts_with(ours));
    known.map_or_else(|| error.message.to_string(), |(_, theirs)| (*theirs).to_owned())
}
