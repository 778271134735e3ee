//! Syntax errors in our words.

use std::borrow::Cow;

use super::super::events::SyntaxError;
use super::cursor::Cursor;

/// What is wrong, and what to do about it where that is not obvious.
#[derive(Debug, Clone, Copy)]
pub(super) struct Words(pub(super) &'static str, pub(super) Option<&'static str>);

pub(super) const TAB: Words = Words("a tab is used for indentation", Some("Indent with spaces."));
pub(super) const NO_VALUE_BEGINS: Words =
    Words("no value can begin like this", Some("Put the value in quotes."));
pub(super) const NO_COLON: Words = Words(
    "this line is no `key: value`",
    Some("Put a `: ` behind the key, or indent the line as a part of the text above."),
);
pub(super) const COLON_INSIDE: Words = Words(
    "`: ` stands inside a value",
    Some("Put the value in quotes, or begin the nested map on a line of its own."),
);
pub(super) const KEY_NOT_ALLOWED: Words = Words("a key stands where none may stand", None);
pub(super) const ITEM_NOT_ALLOWED: Words = Words(
    "a list item begins where none may stand",
    Some("Begin the list on the line below its key."),
);
pub(super) const ITEM_IN_FLOW: Words = Words(
    "`- ` stands inside `[` or `{`",
    Some("Separate the items by commas."),
);
pub(super) const TOO_DEEP: Words = Words("lists and maps are nested too deeply", None);
pub(super) const ANCHOR_NAME: Words = Words(
    "`&` and `*` need a name of letters, digits, `-` and `_`",
    Some("Put the value in quotes if it begins with `&` or `*`."),
);
pub(super) const TAG: Words = Words(
    "this tag cannot be read",
    Some("Put the value in quotes if `!` is a part of it."),
);
pub(super) const TAG_HANDLE: Words = Words(
    "the tag's prefix is declared nowhere",
    Some("Put the value in quotes if `!` is a part of it."),
);
pub(super) const DIRECTIVE: Words = Words(
    "this `%` directive cannot be read",
    Some("Put the text in quotes if it is a value."),
);
pub(super) const DIRECTIVE_TWICE: Words = Words("the same directive stands twice before one document", None);
pub(super) const VERSION: Words = Words(
    "Kubernetes' YAML reader knows only version 1.1",
    Some("Delete the `%YAML` line."),
);
pub(super) const BLOCK_HEADER: Words = Words(
    "text stands behind `|` or `>`",
    Some("Begin the text on the line below."),
);
pub(super) const BLOCK_INDENT_ZERO: Words = Words("a block scalar cannot be indented by 0", None);
pub(super) const QUOTES_OPEN: Words = Words("the quotes are never closed", None);
pub(super) const QUOTES_CROSS: Words = Words(
    "a quoted text is interrupted by a document border",
    Some("Close the quotes."),
);
pub(super) const ESCAPE: Words = Words(
    "this escape sequence does not exist",
    Some("Write `\\\\` for a backslash, or use single quotes."),
);
pub(super) const ESCAPED_SLASH: Words = Words(
    "Kubernetes' YAML reader does not know the escape `\\/`",
    Some("Write `/` without a backslash."),
);
pub(super) const ESCAPE_CODE: Words = Words("this escape sequence names no character", None);
pub(super) const NO_CONTENT: Words = Words("a value is missing here", None);
pub(super) const NO_ITEM: Words = Words(
    "this is not an item of the list around it",
    Some("Begin every item with `- ` in the same column."),
);
pub(super) const NO_KEY: Words = Words(
    "this is not a key of the map around it",
    Some("Align the line with the keys of its map; inside a list, begin it with `- `."),
);
pub(super) const BEHIND_QUOTES: Words = Words(
    "text stands behind the closing quote",
    Some("Put the whole value inside the quotes."),
);
pub(super) const NO_COMMA_LIST: Words = Words("`,` or `]` is missing here", None);
pub(super) const NO_COMMA_MAP: Words = Words("`,` or `}` is missing here", None);
pub(super) const LIST_OPEN: Words = Words("`[` is never closed", None);
pub(super) const MAP_OPEN: Words = Words("`{` is never closed", None);
pub(super) const BEHIND_DOCUMENT: Words = Words(
    "text stands where only a new document may begin",
    Some("Indent it to its parent, or begin a document with `---`."),
);
const TEMPLATE: Words = Words(
    "this is a template, not YAML",
    Some("Leave it out, or put every `{{ … }}` that is a value in quotes."),
);
const SEPARATOR: &str = "Delete the character U+0085, U+2028 or U+2029 on this line: it ends a line.";

/// The error, with what the text around explains better than the grammar.
pub(super) fn error(cursor: &Cursor<'_>, at: usize, words: Words) -> SyntaxError {
    let text = cursor.text();
    if let Some((at, c)) = cursor.control_character() {
        return SyntaxError {
            at,
            message: Cow::Owned(format!(
                "the control character U+{:04X} may not stand in YAML",
                u32::from(c)
            )),
            help: Some("Delete it, or write it as an escape in double quotes."),
            too_deep: false,
        };
    }
    let Words(message, help) = if is_template(text, at) { TEMPLATE } else { words };
    let separated = line_around(text, at).contains(['\u{85}', '\u{2028}', '\u{2029}']);
    SyntaxError {
        at: at.min(text.len()),
        message: Cow::Borrowed(message),
        help: if separated { Some(SEPARATOR) } else { help },
        too_deep: words.0 == TOO_DEEP.0,
    }
}

fn line_around(text: &str, at: usize) -> &str {
    let start = text
        .get(..at)
        .and_then(|before| before.rfind('\n'))
        .map_or(0, |newline| newline + 1);
    text.get(start..)
        .and_then(|rest| rest.lines().next())
        .unwrap_or_default()
}

/// Whether the line has template code, after which no YAML reader can go on.
fn is_template(text: &str, at: usize) -> bool {
    let line = line_around(text, at);
    line.contains("{{") && line.contains("}}")
}
