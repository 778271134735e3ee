//! Why the reader refuses the substituted text, in the words of Go's reader, which are what Flux reports and people
//! search for. Our parser has words of its own, for people who look at a file; here nobody can look at the text.

use crate::yaml::{ParseError, ParseErrorKind};

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
