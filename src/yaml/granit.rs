//! The adapter to `granit-parser`: corrects the ranges it reports and words its errors.

use std::borrow::Cow;
use std::ops::Range;

use granit_parser::{
    ErrorKind, Event as Raw, Parser, ScalarStyle, ScanError, Span, StrInput, StructureStyle,
};

use super::events::{Event, EventSource, Properties, SyntaxError};
use super::node::{Style, Tag};

/// Comments that the parser may hold back while it looks ahead. A file's size bounds them already, and licence
/// headers and disabled blocks of some hundred lines are common.
const MAX_BUFFERED_COMMENTS: usize = 4_000_000;

pub(super) struct Granit<'a> {
    text: &'a str,
    parser: Parser<'a, StrInput<'a>>,
    done: bool,
    /// Offset behind the last scalar, at which the parser reports an empty value that follows.
    last_end: usize,
}

impl<'a> Granit<'a> {
    pub(super) fn new(text: &'a str, max_depth: usize) -> Self {
        let options = granit_parser::options! {
            emit_unresolved_aliases: true,
            flow_nesting_limit: max_depth,
            block_nesting_limit: max_depth,
            max_buffered_comment_events: MAX_BUFFERED_COMMENTS,
        };
        Self {
            text,
            parser: Parser::new_from_str_with_options(text, options),
            done: false,
            last_end: 0,
        }
    }

    fn range(&self, span: &Span) -> Range<usize> {
        let end = self.text.len();
        let range = span.byte_range().unwrap_or(end..end);
        range.start.min(end)..range.end.clamp(range.start.min(end), end)
    }

    fn scalar(
        &mut self,
        text: Cow<'a, str>,
        style: ScalarStyle,
        props: Properties,
        at: Range<usize>,
    ) -> Event<'a> {
        let (text, style, at) = match style {
            ScalarStyle::Plain if at.is_empty() => {
                let start = self.empty_value_offset(at.start);
                (Cow::Borrowed(""), Style::Plain, start..start)
            }
            ScalarStyle::Plain => (text, Style::Plain, at),
            ScalarStyle::SingleQuoted => (text, Style::SingleQuoted, at),
            ScalarStyle::DoubleQuoted => (text, Style::DoubleQuoted, at),
            ScalarStyle::Literal => (
                self.without_invented_break(text, &at),
                Style::Literal,
                self.block(at),
            ),
            ScalarStyle::Folded => (
                self.without_invented_break(text, &at),
                Style::Folded,
                self.block(at),
            ),
        };
        self.last_end = at.end;
        Event::Scalar {
            text,
            style,
            props,
            at,
        }
    }

    /// The parser reports an empty value at the end of its key; behind the colon is where a value would stand.
    fn empty_value_offset(&self, at: usize) -> usize {
        if at != self.last_end {
            return at;
        }
        let rest = self.text.get(at..).unwrap_or_default();
        let blank = rest.len() - rest.trim_start_matches([' ', '\t']).len();
        if rest[blank..].starts_with(':') {
            at + blank + 1
        } else {
            at
        }
    }

    /// YAML 1.2 lets a block scalar end with a line break although the file does not; Go's reader (1.1) does not.
    fn without_invented_break(&self, text: Cow<'a, str>, at: &Range<usize>) -> Cow<'a, str> {
        let last_line = self.text.rsplit(['\n', '\r']).next().unwrap_or_default();
        if at.end < self.text.len() || last_line.trim_start_matches(' ').is_empty() || !text.ends_with('\n') {
            return text;
        }
        match text {
            Cow::Borrowed(text) => Cow::Borrowed(text.strip_suffix('\n').unwrap_or(text)),
            Cow::Owned(mut text) => {
                text.pop();
                Cow::Owned(text)
            }
        }
    }

    /// From the `|` or `>` to the end of the last line with text. The parser's own range begins at the text.
    fn block(&self, at: Range<usize>) -> Range<usize> {
        let start = self.block_header(at.start).unwrap_or(at.start);
        let body = self.text.get(start..at.end).unwrap_or_default();
        start..start + body.trim_end_matches([' ', '\t', '\n', '\r']).len()
    }

    fn block_header(&self, text_start: usize) -> Option<usize> {
        let floor = self.last_end.min(text_start);
        let before = self.text.get(floor..text_start)?;
        // Before the text come indentation and empty lines, before those the header's line. Keys, anchors and tags may
        // hold `|` and `>` too, so the header is looked for from the right, in front of its comment.
        let header_line_end = before.trim_end_matches([' ', '\t', '\n', '\r']).len();
        let line_start = before[..header_line_end]
            .rfind(['\n', '\r'])
            .map_or(0, |at| at + 1);
        let line = &before[line_start..header_line_end];
        let code = line.find(" #").map_or(line, |comment| &line[..comment]);
        code.rfind(['|', '>']).map(|at| floor + line_start + at)
    }

    /// Where a block list begins. For a list at the indentation of its key the parser reports the offset behind the first dash.
    fn sequence_start(&self, style: StructureStyle, at: usize) -> usize {
        let bytes = self.text.as_bytes();
        if style == StructureStyle::Flow || bytes.get(at) == Some(&b'-') && self.is_entry_dash(at) {
            return at;
        }
        let before = self.text.get(..at).unwrap_or_default();
        let trimmed = before.trim_end_matches([' ', '\t', '\n', '\r']);
        if trimmed.ends_with('-') {
            trimmed.len() - 1
        } else {
            at
        }
    }

    fn is_entry_dash(&self, at: usize) -> bool {
        self.text
            .as_bytes()
            .get(at + 1)
            .is_none_or(|next| next.is_ascii_whitespace())
    }

    fn convert(&mut self, raw: Raw<'a>, span: &Span) -> Option<Event<'a>> {
        let at = self.range(span);
        Some(match raw {
            Raw::DocumentStart(explicit, _) => Event::DocumentStart {
                at: if explicit { at } else { at.start..at.start },
            },
            Raw::DocumentEnd => Event::DocumentEnd,
            Raw::Scalar(text, style, anchor, tag) => {
                let props = properties(anchor, tag);
                self.scalar(text, style, props, at)
            }
            Raw::SequenceStart(style, anchor, tag) => Event::SequenceStart {
                props: properties(anchor, tag),
                at: self.sequence_start(style, at.start),
            },
            Raw::MappingStart(_, anchor, tag) => Event::MappingStart {
                props: properties(anchor, tag),
                at: at.start,
            },
            Raw::SequenceEnd | Raw::MappingEnd => Event::CollectionEnd {
                end: (!at.is_empty()).then_some(at.end),
            },
            Raw::Alias(anchor) => self.alias(Some(anchor), at),
            Raw::UnresolvedAlias(_) => self.alias(None, at),
            Raw::Comment(..) => Event::Comment { at },
            _ => return None,
        })
    }

    fn alias(&mut self, anchor: Option<usize>, at: Range<usize>) -> Event<'a> {
        self.last_end = at.end;
        Event::Alias { anchor, at }
    }

    fn error(&self, error: &ScanError) -> SyntaxError {
        let at = error.marker().byte_offset().unwrap_or(self.text.len());
        let (message, help) = if self.is_template(at) {
            (
                Cow::Borrowed("this is a template, not YAML"),
                Some("Leave it out, or put every `{{ … }}` that is a value in quotes."),
            )
        } else {
            words(error.kind())
        };
        let tab = matches!(
            error.kind(),
            ErrorKind::TabInPlainScalar
                | ErrorKind::TabInBlockIndentation
                | ErrorKind::TabInIndentation
                | ErrorKind::TabNotAllowed
        );
        let at = if tab { self.tab_near(at) } else { at };
        SyntaxError {
            at: at.min(self.text.len()),
            message,
            help,
            too_deep: matches!(error.kind(), ErrorKind::RecursionLimitExceeded),
        }
    }

    /// Whether the line of that offset has template code behind which no YAML parser can go on.
    fn is_template(&self, at: usize) -> bool {
        let before = self.text.get(..at).unwrap_or_default();
        let line = before.rfind('\n').map_or(0, |newline| newline + 1);
        let rest = self.text.get(line..).unwrap_or_default();
        let rest = rest.lines().next().unwrap_or_default();
        rest.contains("{{") && rest.contains("}}")
    }

    /// The offset of the tab that an error is about: the parser may report the place from which it started to read.
    fn tab_near(&self, at: usize) -> usize {
        let before = self.text.get(..at).unwrap_or_default();
        if let Some(tab) = before[before.trim_end_matches([' ', '\t']).len()..].find('\t') {
            return before.trim_end_matches([' ', '\t']).len() + tab;
        }
        let rest = self.text.get(at..).unwrap_or_default();
        rest.find('\t').map_or(at, |tab| at + tab)
    }
}

impl<'a> EventSource<'a> for Granit<'a> {
    fn next_event(&mut self) -> Option<Result<Event<'a>, SyntaxError>> {
        while !self.done {
            match self.parser.next_event() {
                Some(Ok((raw, span))) => {
                    if let Some(event) = self.convert(raw, &span) {
                        return Some(Ok(event));
                    }
                }
                Some(Err(error)) => {
                    self.done = true;
                    return Some(Err(self.error(&error)));
                }
                None => self.done = true,
            }
        }
        None
    }
}

fn properties(anchor: usize, tag: Option<Cow<'_, granit_parser::Tag>>) -> Properties {
    Properties {
        anchor,
        tag: tag.map(|tag| convert_tag(&tag)),
    }
}

fn convert_tag(tag: &granit_parser::Tag) -> Tag {
    match tag.suffix_in_namespace("tag:yaml.org,2002:").as_deref() {
        Some("str") => Tag::Str,
        Some("int") => Tag::Int,
        Some("float") => Tag::Float,
        Some("bool") => Tag::Bool,
        Some("null") => Tag::Null,
        Some("binary") => Tag::Binary,
        _ => Tag::Other(tag.original().into()),
    }
}

/// What is wrong, and what to do about it where that is not obvious.
fn words(kind: &ErrorKind) -> (Cow<'static, str>, Option<&'static str>) {
    use ErrorKind as E;
    let (message, help) = match kind {
        E::UnexpectedCharacter { character } => {
            return (
                Cow::Owned(format!("no value can begin with `{character}`")),
                Some("Put the value in quotes."),
            );
        }
        E::MismatchedFlowCollectionEnd { open, close } => {
            return (
                Cow::Owned(format!("`{open}` is closed by `{close}`")),
                Some("Close every bracket with its own kind."),
            );
        }
        E::UnclosedFlowCollection { open } => return (Cow::Owned(format!("`{open}` is never closed")), None),
        E::UnexpectedEofFlowSequence => ("`[` is never closed", None),
        E::UnexpectedEofFlowMapping | E::UnexpectedEofImplicitFlowMapping => ("`{` is never closed", None),
        E::UnexpectedEof | E::UnexpectedEofBlockSequence | E::UnexpectedEofBlockMapping => {
            ("the file ends in the middle of a value", None)
        }
        E::DuplicateVersionDirective | E::DuplicateTagDirective => {
            ("the same directive stands twice before one document", None)
        }
        E::UnsupportedYamlMajorVersion => ("this YAML version is not supported", None),
        E::MissingDocumentEndBeforeDirective => (
            "a `%` directive begins inside a document",
            Some("End the document with `...`, or put the text in quotes."),
        ),
        E::ExpectedDocumentStart | E::InvalidDocumentEnd => (
            "text stands where only a new document may begin",
            Some("Indent it to its parent, or begin a document with `---`."),
        ),
        E::ExpectedNodeContent => ("a value is missing here", None),
        E::ExpectedBlockMappingKey => (
            "this is not a key of the map around it",
            Some("Align the line with the keys of its map; inside a list, begin it with `- `."),
        ),
        E::ExpectedFlowMappingSeparator => ("`,` or `}` is missing here", None),
        E::ExpectedFlowSequenceSeparator => ("`,` or `]` is missing here", None),
        E::ExpectedBlockSequenceEntry => (
            "this is not an item of the list around it",
            Some("Begin every item with `- ` in the same column."),
        ),
        E::SimpleKeyExpected | E::InvalidSimpleKey => (
            "this line is no `key: value`",
            Some("Put a `: ` behind the key, or indent the line as a part of the text above."),
        ),
        E::InvalidIndentation | E::InvalidFlowScalarIndent | E::InvalidQuotedScalarIndent => (
            "this line is not indented as its place asks for",
            Some("Align the line with its siblings."),
        ),
        E::BomInsideDocument => ("a byte order mark stands inside the document", Some("Delete it.")),
        E::TabNotAllowed
        | E::TabInBlockIndentation
        | E::TabInIndentation
        | E::TabInPlainScalar
        | E::TabAtBlockScalarStart
        | E::InvalidBlockEntryWhitespace
        | E::InvalidMappingValueWhitespace => ("a tab is used for indentation", Some("Indent with spaces.")),
        E::CommentInterceptedScalar => (
            "a comment stands in the middle of a text over several lines",
            Some("Move the comment above the key."),
        ),
        E::CommentNotSeparated => (
            "`#` begins a comment only behind a space",
            Some("Put a space before `#`, or the text in quotes."),
        ),
        E::UndeclaredTagHandle => (
            "the tag's prefix is declared nowhere",
            Some("Put the value in quotes if `!` is a part of it."),
        ),
        E::RecursionLimitExceeded => ("this is nested too deeply", None),
        E::BlockEntryInFlowCollection => (
            "`- ` stands inside `[` or `{`",
            Some("Separate the items by commas."),
        ),
        E::BlockSequenceEntryNotAllowed => (
            "a list item begins where none may stand",
            Some("Begin the list on the line below its key."),
        ),
        E::ZeroBlockScalarIndent => ("a block scalar cannot be indented by 0", None),
        E::InvalidBlockScalarHeader => (
            "text stands behind `|` or `>`",
            Some("Begin the text on the line below."),
        ),
        E::InvalidBlockScalarIndent => (
            "the text's first lines are indented deeper than the following",
            Some("Indent all lines of the text alike, or state the indentation behind `|`."),
        ),
        E::DocumentIndicatorInQuotedScalar => (
            "a quoted text is interrupted by a document border",
            Some("Close the quotes."),
        ),
        E::UnclosedQuotedScalar => ("the quotes are never closed", None),
        E::InvalidTrailingSingleQuotedScalar | E::InvalidTrailingDoubleQuotedScalar => (
            "text stands behind the closing quote",
            Some("Put the whole value inside the quotes."),
        ),
        E::UnknownQuotedScalarEscape => (
            "this escape sequence does not exist",
            Some("Write `\\\\` for a backslash, or use single quotes."),
        ),
        E::InvalidQuotedScalarHexEscape
        | E::InvalidLowSurrogateHexEscape
        | E::InvalidLowSurrogate
        | E::MissingLowSurrogate
        | E::UnpairedLowSurrogate
        | E::InvalidUnicodeEscape => ("this escape sequence names no character", None),
        E::PlainScalarStartsWithDashFlowIndicator | E::UnexpectedEndOfPlainScalar => {
            ("a value cannot begin like this", Some("Put the value in quotes."))
        }
        E::MappingKeyNotAllowed => ("a key stands where none may stand", None),
        E::MappingValueNotAllowed | E::FlowMappingValueAdjacentCollection | E::InvalidColonPlacement => (
            "`: ` stands inside a value",
            Some("Put the value in quotes, or begin the nested map on a line of its own."),
        ),
        E::MisplacedFlowCollectionEnd => ("a bracket is closed that was never opened", None),
        E::MissingAnchorOrAliasName => (
            "`&` and `*` need a name",
            Some("Put the value in quotes if it begins with `&` or `*`."),
        ),
        E::AnchorCountOverflow => ("the file has too many anchors", None),
        E::UnknownAnchor => ("no anchor of this name stands above", None),
        E::DirectiveDisallowed
        | E::InvalidDirectiveTerminator
        | E::MissingYamlVersionSeparator
        | E::MissingDirectiveName
        | E::InvalidDirectiveName
        | E::DirectiveByteLimitExceeded { .. }
        | E::TooManyReservedDirectiveParams { .. }
        | E::YamlVersionTooLong
        | E::MissingYamlVersion
        | E::ExpectedTagDirectiveBang
        | E::InvalidTagDirectiveTerminator => (
            "this `%` directive cannot be read",
            Some("Put the text in quotes if it is a value."),
        ),
        E::InvalidTagTerminator
        | E::ExpectedTagBang
        | E::InvalidGlobalTagCharacter
        | E::MissingTagUri
        | E::UnclosedVerbatimTag
        | E::InvalidTagEscape
        | E::InvalidTagUtf8LeadingByte
        | E::InvalidTagUtf8TrailingByte
        | E::InvalidTagUtf8 => (
            "this tag cannot be read",
            Some("Put the value in quotes if `!` is a part of it."),
        ),
        _ => ("this is not YAML", None),
    };
    (Cow::Borrowed(message), help)
}
