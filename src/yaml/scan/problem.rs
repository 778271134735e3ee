//! Syntax errors, in our words and in those of Go's package.

use std::borrow::Cow;

use super::super::events::SyntaxError;
use super::cursor::Cursor;

/// One kind of fault.
#[derive(Debug, Clone, Copy)]
pub(super) struct Fault {
    /// States what is wrong.
    message: &'static str,
    /// What to do about it, where that is not obvious.
    help: Option<&'static str>,
    /// What yaml.v2 and yaml.v3 say.
    upstream: &'static str,
}

impl Fault {
    const fn new(message: &'static str, upstream: &'static str) -> Self {
        Self {
            message,
            help: None,
            upstream,
        }
    }

    const fn help(mut self, help: &'static str) -> Self {
        self.help = Some(help);
        self
    }

    /// The same fault where Go's package says something else.
    pub(super) const fn upstream(mut self, upstream: &'static str) -> Self {
        self.upstream = upstream;
        self
    }

    /// The words of a fault that tells more, with Go's words for this one.
    pub(super) const fn told_as(self, other: Self) -> Self {
        other.upstream(self.upstream)
    }
}

const NO_TOKEN: &str = "found character that cannot start any token";
const NO_NODE: &str = "did not find expected node content";
const NO_WHITE_SPACE: &str = "did not find expected whitespace or line break";

pub(super) const TAB: Fault =
    Fault::new("a tab is used for indentation", NO_TOKEN).help("indent with spaces");
pub(super) const TAB_IN_PLAIN: Fault = TAB.upstream("found a tab character that violates indentation");
pub(super) const TAB_IN_BLOCK: Fault =
    TAB.upstream("found a tab character where an indentation space is expected");
pub(super) const NO_VALUE_BEGINS: Fault =
    Fault::new("no value can begin like this", NO_TOKEN).help("put the value in quotes");
pub(super) const NO_COLON: Fault = Fault::new("this line is no `key: value`", "could not find expected ':'")
    .help("put a `: ` behind the key, or indent the line as a part of the text above");
pub(super) const COLON_INSIDE: Fault = Fault::new(
    "`: ` stands inside a value",
    "mapping values are not allowed in this context",
)
.help("put the value in quotes, or begin the nested map on a line of its own");
pub(super) const KEY_NOT_ALLOWED: Fault = Fault::new(
    "a key stands where none may stand",
    "mapping keys are not allowed in this context",
);
pub(super) const ITEM_NOT_ALLOWED: Fault = Fault::new(
    "a list item begins where none may stand",
    "block sequence entries are not allowed in this context",
)
.help("begin the list on the line below its key");
pub(super) const ITEM_IN_FLOW: Fault =
    Fault::new("`- ` stands inside `[` or `{`", NO_NODE).help("separate the items by commas");
pub(super) const TOO_DEEP: Fault = Fault::new(
    "lists and maps are nested too deeply",
    "exceeded max depth of 10000",
);
pub(super) const ANCHOR_NAME: Fault = Fault::new(
    "`&` and `*` need a name of letters, digits, `-` and `_`",
    "did not find expected alphabetic or numeric character",
)
.help("put the value in quotes if it begins with `&` or `*`");
pub(super) const TAG: Fault = Fault::new("this tag cannot be read", NO_WHITE_SPACE)
    .help("put the value in quotes if `!` is a part of it");
pub(super) const TAG_HANDLE: Fault = Fault::new(
    "the tag's prefix is declared nowhere",
    "found undefined tag handle",
)
.help("put the value in quotes if `!` is a part of it");
pub(super) const DIRECTIVE: Fault = Fault::new(
    "this `%` directive cannot be read",
    "found unknown directive name",
)
.help("put the text in quotes if it is a value");
pub(super) const VERSION_TWICE: Fault = Fault::new(
    "the same directive stands twice before one document",
    "found duplicate %YAML directive",
);
pub(super) const TAG_TWICE: Fault = VERSION_TWICE.upstream("found duplicate %TAG directive");
pub(super) const VERSION: Fault = Fault::new(
    "Kubernetes' YAML reader knows only version 1.1",
    "found incompatible YAML document",
)
.help("delete the `%YAML` line");
pub(super) const BLOCK_HEADER: Fault = Fault::new(
    "text stands behind `|` or `>`",
    "did not find expected comment or line break",
)
.help("begin the text on the line below");
pub(super) const BLOCK_INDENT_ZERO: Fault = Fault::new(
    "a block scalar cannot be indented by 0",
    "found an indentation indicator equal to 0",
);
pub(super) const QUOTES_OPEN: Fault =
    Fault::new("the quotes are never closed", "found unexpected end of stream");
pub(super) const QUOTES_CROSS: Fault = Fault::new(
    "a quoted text is interrupted by a document border",
    "found unexpected document indicator",
)
.help("close the quotes");
pub(super) const ESCAPE: Fault = Fault::new(
    "this escape sequence does not exist",
    "found unknown escape character",
)
.help("write `\\\\` for a backslash, or use single quotes");
pub(super) const ESCAPED_SLASH: Fault = ESCAPE.told_as(
    Fault::new("Kubernetes' YAML reader does not know the escape `\\/`", "")
        .help("write `/` without a backslash"),
);
pub(super) const ESCAPE_DIGITS: Fault = Fault::new(
    "this escape sequence names no character",
    "did not find expected hexdecimal number",
);
pub(super) const ESCAPE_CODE: Fault = ESCAPE_DIGITS.upstream("found invalid Unicode character escape code");
pub(super) const NO_CONTENT: Fault = Fault::new("a value is missing here", NO_NODE);
pub(super) const BRACKET_NOT_OPEN: Fault = Fault::new("a bracket is closed that was never opened", NO_NODE);
pub(super) const NO_ITEM: Fault = Fault::new(
    "this is not an item of the list around it",
    "did not find expected '-' indicator",
)
.help("begin every item with `- ` in the same column");
pub(super) const NO_KEY: Fault = Fault::new(
    "this is not a key of the map around it",
    "did not find expected key",
)
.help("align the line with the keys of its map; inside a list, begin it with `- `");
pub(super) const BEHIND_QUOTES: Fault = Fault::new(
    "text stands behind the closing quote",
    "did not find expected key",
)
.help("put the whole value inside the quotes");
pub(super) const NO_COMMA_LIST: Fault =
    Fault::new("`,` or `]` is missing here", "did not find expected ',' or ']'");
pub(super) const NO_COMMA_MAP: Fault =
    Fault::new("`,` or `}` is missing here", "did not find expected ',' or '}'");
pub(super) const LIST_OPEN: Fault = Fault::new("`[` is never closed", "did not find expected ',' or ']'");
pub(super) const MAP_OPEN: Fault = Fault::new("`{` is never closed", "did not find expected ',' or '}'");
pub(super) const BEHIND_DOCUMENT: Fault = Fault::new(
    "text stands where only a new document may begin",
    "did not find expected <document start>",
)
.help("indent it to its parent, or begin a document with `---`");
const TEMPLATE: Fault = Fault::new("this is a template, not YAML", NO_NODE)
    .help("leave it out, or put every `{{ … }}` that is a value in quotes");
const SEPARATOR: &str = "delete the character U+0085, U+2028 or U+2029 on this line: it ends a line";

/// The error, with what the text around explains better than the grammar.
pub(super) fn error(cursor: &Cursor<'_>, at: usize, fault: Fault) -> SyntaxError {
    let text = cursor.text();
    if let Some((at, c)) = cursor.control_character() {
        return SyntaxError {
            at,
            message: Cow::Owned(format!(
                "the control character U+{:04X} may not stand in YAML",
                u32::from(c)
            )),
            help: Some("delete it, or write it as an escape in double quotes"),
            upstream: "control characters are not allowed",
            too_deep: false,
        };
    }
    let line = line_around(text, at);
    let told = if is_template(line) {
        fault.told_as(TEMPLATE)
    } else {
        fault
    };
    SyntaxError {
        at: at.min(text.len()),
        message: Cow::Borrowed(told.message),
        help: if line.contains(['\u{85}', '\u{2028}', '\u{2029}']) {
            Some(SEPARATOR)
        } else {
            told.help
        },
        upstream: told.upstream,
        too_deep: fault.upstream == TOO_DEEP.upstream,
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
fn is_template(line: &str) -> bool {
    line.contains("{{") && line.contains("}}")
}
