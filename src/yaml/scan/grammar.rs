//! The parser: tokens to events, by the productions of YAML 1.1 as `parserc.go` writes them.

mod flow;

use std::borrow::Cow;
use std::collections::VecDeque;
use std::ops::Range;

use super::super::events::{Event, EventSource, Properties, SyntaxError};
use super::super::node::{Style, Tag};
use super::problem::{self, Fault};
use super::scanner::Scanner;
use super::tokens::{Scanned, TokenKind};

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    ImplicitDocumentStart,
    DocumentStart,
    DocumentContent,
    DocumentEnd,
    BlockNode,
    BlockSequenceEntry,
    IndentlessSequenceEntry,
    BlockMappingKey,
    BlockMappingValue,
    FlowSequenceFirstEntry,
    FlowSequenceEntry,
    FlowPairKey,
    FlowPairValue,
    FlowPairEnd,
    FlowMappingFirstKey,
    FlowMappingKey,
    FlowMappingValue,
    FlowMappingEmptyValue,
    End,
}

/// Where a node stands: decides which kinds of collections may begin.
#[derive(Clone, Copy, PartialEq, Eq)]
enum NodePlace {
    Block,
    /// The value of a block map, whose list may stand at the key's own column.
    BlockOrIndentless,
    Flow,
}

pub(crate) struct Grammar<'a> {
    scanner: Scanner<'a>,
    state: State,
    /// What follows the nodes that are open.
    states: Vec<State>,
    tag_prefixes: Vec<(&'a str, String)>,
    comments_given: usize,
    pending: VecDeque<Event<'a>>,
    failed: bool,
}

impl<'a> Grammar<'a> {
    pub(crate) fn new(text: &'a str, max_depth: usize) -> Self {
        Self {
            scanner: Scanner::new(text, max_depth),
            state: State::ImplicitDocumentStart,
            states: Vec::new(),
            tag_prefixes: Vec::new(),
            comments_given: 0,
            pending: VecDeque::new(),
            failed: false,
        }
    }

    fn at(&mut self) -> Scanned<Range<usize>> {
        Ok(self.scanner.peek()?.at.clone())
    }

    fn error<T>(&self, at: usize, fault: Fault) -> Scanned<T> {
        self.scanner.error(at, fault)
    }

    fn return_to_outer(&mut self) {
        self.state = self.states.pop().unwrap_or(State::End);
    }

    fn step(&mut self) -> Scanned<Option<Event<'a>>> {
        Ok(Some(match self.state {
            State::ImplicitDocumentStart => return self.document_start(true),
            State::DocumentStart => return self.document_start(false),
            State::DocumentContent => self.document_content()?,
            State::DocumentEnd => self.document_end()?,
            State::BlockNode => self.node(NodePlace::Block)?,
            State::BlockSequenceEntry => self.block_sequence_entry()?,
            State::IndentlessSequenceEntry => self.indentless_sequence_entry()?,
            State::BlockMappingKey => self.block_mapping_key()?,
            State::BlockMappingValue => self.block_mapping_value()?,
            State::FlowSequenceFirstEntry => self.flow_sequence_entry(true)?,
            State::FlowSequenceEntry => self.flow_sequence_entry(false)?,
            State::FlowPairKey => self.flow_pair_key()?,
            State::FlowPairValue => self.flow_pair_value()?,
            State::FlowPairEnd => {
                self.state = State::FlowSequenceEntry;
                Event::CollectionEnd { end: None }
            }
            State::FlowMappingFirstKey => self.flow_mapping_key(true)?,
            State::FlowMappingKey => self.flow_mapping_key(false)?,
            State::FlowMappingValue => self.flow_mapping_value()?,
            State::FlowMappingEmptyValue => {
                let at = self.at()?.start;
                self.state = State::FlowMappingKey;
                empty_scalar(at, Properties::default())
            }
            State::End => return Ok(None),
        }))
    }

    fn document_start(&mut self, implicit: bool) -> Scanned<Option<Event<'a>>> {
        if !implicit {
            while matches!(self.scanner.peek()?.kind, TokenKind::DocumentEnd) {
                self.scanner.take();
            }
        }
        let token = self.scanner.peek()?;
        let start = token.at.start;
        match token.kind {
            TokenKind::StreamEnd => {
                self.state = State::End;
                return Ok(None);
            }
            TokenKind::Version { .. } | TokenKind::TagDirective { .. } | TokenKind::DocumentStart => {}
            _ if implicit => {
                self.read_directives()?;
                self.states.push(State::DocumentEnd);
                self.state = State::BlockNode;
                return Ok(Some(Event::DocumentStart { at: start..start }));
            }
            _ => {}
        }
        self.read_directives()?;
        let token = self.scanner.peek()?;
        let end = token.at.end;
        if !matches!(token.kind, TokenKind::DocumentStart) {
            let at = token.at.start;
            return self.unexpected(at, problem::BEHIND_DOCUMENT);
        }
        self.scanner.take();
        self.states.push(State::DocumentEnd);
        self.state = State::DocumentContent;
        Ok(Some(Event::DocumentStart { at: start..end }))
    }

    fn read_directives(&mut self) -> Scanned<()> {
        self.tag_prefixes.clear();
        let mut has_version = false;
        loop {
            let start = self.at()?.start;
            match &self.scanner.peek()?.kind {
                TokenKind::Version { .. } if has_version => {
                    return self.error(start, problem::VERSION_TWICE);
                }
                TokenKind::Version { supported: false } => return self.error(start, problem::VERSION),
                TokenKind::Version { .. } => has_version = true,
                TokenKind::TagDirective { handle, prefix } => {
                    let entry = (*handle, prefix.clone());
                    if self.tag_prefixes.iter().any(|(handle, _)| *handle == entry.0) {
                        return self.error(start, problem::TAG_TWICE);
                    }
                    self.tag_prefixes.push(entry);
                }
                _ => return Ok(()),
            }
            self.scanner.take();
        }
    }

    fn document_content(&mut self) -> Scanned<Event<'a>> {
        let token = self.scanner.peek()?;
        let start = token.at.start;
        match token.kind {
            TokenKind::Version { .. }
            | TokenKind::TagDirective { .. }
            | TokenKind::DocumentStart
            | TokenKind::DocumentEnd
            | TokenKind::StreamEnd => {
                self.return_to_outer();
                Ok(empty_scalar(start, Properties::default()))
            }
            _ => self.node(NodePlace::Block),
        }
    }

    fn document_end(&mut self) -> Scanned<Event<'a>> {
        if matches!(self.scanner.peek()?.kind, TokenKind::DocumentEnd) {
            self.scanner.take();
        }
        self.state = State::DocumentStart;
        Ok(Event::DocumentEnd)
    }

    fn node(&mut self, place: NodePlace) -> Scanned<Event<'a>> {
        let token = self.scanner.peek()?;
        if let TokenKind::Alias(name) = token.kind {
            let at = token.at.clone();
            self.scanner.take();
            self.return_to_outer();
            return Ok(Event::Alias { name, at });
        }
        let (props, props_end) = self.properties()?;
        let is_block = place != NodePlace::Flow;
        let token = self.scanner.peek()?;
        let at = token.at.clone();
        let start = at.start;
        match token.kind {
            TokenKind::BlockEntry if place == NodePlace::BlockOrIndentless => {
                self.state = State::IndentlessSequenceEntry;
                Ok(Event::SequenceStart { props, at: start })
            }
            TokenKind::Scalar { .. } => {
                self.return_to_outer();
                match self.scanner.take().map(|token| token.kind) {
                    Some(TokenKind::Scalar { text, style }) => Ok(Event::Scalar {
                        text,
                        style,
                        props,
                        at,
                    }),
                    _ => self.error(start, problem::NO_CONTENT),
                }
            }
            TokenKind::FlowSequenceStart => {
                self.scanner.take();
                self.state = State::FlowSequenceFirstEntry;
                Ok(Event::SequenceStart { props, at: start })
            }
            TokenKind::FlowMappingStart => {
                self.scanner.take();
                self.state = State::FlowMappingFirstKey;
                Ok(Event::MappingStart { props, at: start })
            }
            TokenKind::BlockSequenceStart if is_block => {
                self.scanner.take();
                self.state = State::BlockSequenceEntry;
                Ok(Event::SequenceStart { props, at: start })
            }
            TokenKind::BlockMappingStart if is_block => {
                self.scanner.take();
                self.state = State::BlockMappingKey;
                Ok(Event::MappingStart { props, at: start })
            }
            _ => match props_end {
                Some(end) => {
                    self.return_to_outer();
                    Ok(empty_scalar(end, props))
                }
                None => self.unexpected(start, problem::NO_CONTENT),
            },
        }
    }

    /// An anchor and a tag, in either order, and where they end.
    fn properties(&mut self) -> Scanned<(Properties<'a>, Option<usize>)> {
        let mut props = Properties::default();
        let mut end = None;
        for _ in 0..2 {
            let token = self.scanner.peek()?;
            let at = token.at.clone();
            match &token.kind {
                TokenKind::Anchor(name) if props.anchor.is_none() => props.anchor = Some(*name),
                TokenKind::Tag { handle, suffix } if props.tag.is_none() => {
                    let (handle, suffix) = (*handle, suffix.clone());
                    props.tag = Some(self.resolved_tag(at.start, handle, suffix)?);
                }
                _ => break,
            }
            end = Some(at.end);
            self.scanner.take();
        }
        Ok((props, end))
    }

    fn resolved_tag(&self, at: usize, handle: &str, suffix: String) -> Scanned<Tag> {
        let declared = self.tag_prefixes.iter().find(|(known, _)| *known == handle);
        let full = match (handle, declared) {
            ("", _) => suffix,
            (_, Some((_, prefix))) => format!("{prefix}{suffix}"),
            ("!", None) => format!("!{suffix}"),
            ("!!", None) => format!("tag:yaml.org,2002:{suffix}"),
            _ => return self.error(at, problem::TAG_HANDLE),
        };
        Ok(match full.strip_prefix("tag:yaml.org,2002:") {
            Some("str") => Tag::Str,
            Some("int") => Tag::Int,
            Some("float") => Tag::Float,
            Some("bool") => Tag::Bool,
            Some("null") => Tag::Null,
            Some("binary") => Tag::Binary,
            Some(other) => Tag::Other(format!("!!{other}").into()),
            None => Tag::Other(full.into()),
        })
    }

    fn block_sequence_entry(&mut self) -> Scanned<Event<'a>> {
        let token = self.scanner.peek()?;
        let at = token.at.clone();
        match token.kind {
            TokenKind::BlockEntry => {
                self.scanner.take();
                self.state = State::BlockSequenceEntry;
                match self.scanner.peek()?.kind {
                    TokenKind::BlockEntry | TokenKind::BlockEnd => {
                        Ok(empty_scalar(at.end, Properties::default()))
                    }
                    _ => self.nested(State::BlockSequenceEntry, NodePlace::Block),
                }
            }
            TokenKind::BlockEnd => Ok(self.collection_end(None)),
            _ => self.unexpected(at.start, problem::NO_ITEM),
        }
    }

    fn indentless_sequence_entry(&mut self) -> Scanned<Event<'a>> {
        let token = self.scanner.peek()?;
        let end = token.at.end;
        if !matches!(token.kind, TokenKind::BlockEntry) {
            self.return_to_outer();
            return Ok(Event::CollectionEnd { end: None });
        }
        self.scanner.take();
        self.state = State::IndentlessSequenceEntry;
        match self.scanner.peek()?.kind {
            TokenKind::BlockEntry | TokenKind::Key | TokenKind::Value | TokenKind::BlockEnd => {
                Ok(empty_scalar(end, Properties::default()))
            }
            _ => self.nested(State::IndentlessSequenceEntry, NodePlace::Block),
        }
    }

    /// A node, behind which the parse goes on in `next`.
    fn nested(&mut self, next: State, place: NodePlace) -> Scanned<Event<'a>> {
        self.states.push(next);
        self.node(place)
    }

    fn collection_end(&mut self, end: Option<usize>) -> Event<'a> {
        self.scanner.take();
        self.return_to_outer();
        Event::CollectionEnd { end }
    }

    fn block_mapping_key(&mut self) -> Scanned<Event<'a>> {
        let token = self.scanner.peek()?;
        let at = token.at.clone();
        match token.kind {
            TokenKind::Key => {
                self.scanner.take();
                self.state = State::BlockMappingValue;
                match self.scanner.peek()?.kind {
                    TokenKind::Key | TokenKind::Value | TokenKind::BlockEnd => {
                        Ok(empty_scalar(at.end, Properties::default()))
                    }
                    _ => self.nested(State::BlockMappingValue, NodePlace::BlockOrIndentless),
                }
            }
            TokenKind::BlockEnd => Ok(self.collection_end(None)),
            _ => self.unexpected(at.start, problem::NO_KEY),
        }
    }

    fn block_mapping_value(&mut self) -> Scanned<Event<'a>> {
        let token = self.scanner.peek()?;
        let at = token.at.clone();
        self.state = State::BlockMappingKey;
        if !matches!(token.kind, TokenKind::Value) {
            return Ok(empty_scalar(at.start, Properties::default()));
        }
        self.scanner.take();
        match self.scanner.peek()?.kind {
            TokenKind::Key | TokenKind::Value | TokenKind::BlockEnd => {
                Ok(empty_scalar(at.end, Properties::default()))
            }
            _ => self.nested(State::BlockMappingKey, NodePlace::BlockOrIndentless),
        }
    }

    /// An error at a token that does not fit. What stands there may tell more than what was expected.
    fn unexpected<T>(&mut self, at: usize, expected: Fault) -> Scanned<T> {
        let before = self.scanner.cursor.slice(0, at);
        let behind_quotes = before.trim_end_matches([' ', '\t']).ends_with(['"', '\'']);
        let in_flow = self.scanner.flow_level > 0;
        let told = match &self.scanner.peek()?.kind {
            TokenKind::BlockEntry if in_flow => problem::ITEM_IN_FLOW,
            TokenKind::FlowSequenceEnd | TokenKind::FlowMappingEnd if !in_flow => problem::BRACKET_NOT_OPEN,
            TokenKind::Scalar { .. } | TokenKind::Alias(_) if behind_quotes => problem::BEHIND_QUOTES,
            _ => expected,
        };
        self.error(at, expected.told_as(told))
    }
}

fn empty_scalar<'a>(at: usize, props: Properties<'a>) -> Event<'a> {
    Event::Scalar {
        text: Cow::Borrowed(""),
        style: Style::Plain,
        props,
        at: at..at,
    }
}

impl<'a> EventSource<'a> for Grammar<'a> {
    fn next_event(&mut self) -> Option<Result<Event<'a>, SyntaxError>> {
        if let Some(event) = self.pending.pop_front() {
            return Some(Ok(event));
        }
        if self.failed {
            return None;
        }
        let step = self.step();
        while let Some(at) = self.scanner.comments.get(self.comments_given) {
            self.pending.push_back(Event::Comment { at: at.clone() });
            self.comments_given += 1;
        }
        match step {
            Ok(Some(event)) => Some(Ok(event)),
            Ok(None) => self.pending.pop_front().map(Ok),
            Err(error) => {
                self.failed = true;
                Some(Err(error))
            }
        }
    }
}
