//! Lists in brackets and maps in braces.

use super::super::super::events::{Event, Properties};
use super::super::problem::{self, Fault};
use super::super::tokens::{Scanned, TokenKind};
use super::{Grammar, NodePlace, State, empty_scalar};

impl<'a> Grammar<'a> {
    pub(super) fn flow_sequence_entry(&mut self, first: bool) -> Scanned<Event<'a>> {
        if !first && matches!(self.scanner.peek()?.kind, TokenKind::FlowEntry) {
            self.scanner.take();
        } else if !first && !matches!(self.scanner.peek()?.kind, TokenKind::FlowSequenceEnd) {
            return self.no_comma(problem::NO_COMMA_LIST, problem::LIST_OPEN);
        }
        let token = self.scanner.peek()?;
        let at = token.at.clone();
        match token.kind {
            TokenKind::FlowSequenceEnd => Ok(self.collection_end(Some(at.end))),
            TokenKind::Key => {
                self.scanner.take();
                self.state = State::FlowPairKey;
                Ok(Event::MappingStart {
                    props: Properties::default(),
                    at: at.start,
                })
            }
            _ => self.nested(State::FlowSequenceEntry, NodePlace::Flow),
        }
    }

    /// `[a: b]`: a map of one entry without braces.
    pub(super) fn flow_pair_key(&mut self) -> Scanned<Event<'a>> {
        let token = self.scanner.peek()?;
        let end = token.at.end;
        match token.kind {
            TokenKind::Value | TokenKind::FlowEntry | TokenKind::FlowSequenceEnd => {
                // yaml.v3 passes over the token here, and with it over a `:` and its value.
                self.scanner.take();
                self.state = State::FlowPairValue;
                Ok(empty_scalar(end, Properties::default()))
            }
            _ => self.nested(State::FlowPairValue, NodePlace::Flow),
        }
    }

    pub(super) fn flow_pair_value(&mut self) -> Scanned<Event<'a>> {
        self.flow_value(State::FlowPairEnd, |kind| {
            matches!(kind, TokenKind::FlowEntry | TokenKind::FlowSequenceEnd)
        })
    }

    /// What stands behind a key between braces or brackets, up to a token that `ends` it; empty without a `:`, or with
    /// nothing behind it.
    fn flow_value(&mut self, then: State, ends: fn(&TokenKind<'_>) -> bool) -> Scanned<Event<'a>> {
        let mut start = self.at()?.start;
        if matches!(self.scanner.peek()?.kind, TokenKind::Value) {
            start = self.at()?.end;
            self.scanner.take();
            if !ends(&self.scanner.peek()?.kind) {
                return self.nested(then, NodePlace::Flow);
            }
        }
        self.state = then;
        Ok(empty_scalar(start, Properties::default()))
    }

    pub(super) fn flow_mapping_key(&mut self, first: bool) -> Scanned<Event<'a>> {
        if !first && matches!(self.scanner.peek()?.kind, TokenKind::FlowEntry) {
            self.scanner.take();
        } else if !first && !matches!(self.scanner.peek()?.kind, TokenKind::FlowMappingEnd) {
            return self.no_comma(problem::NO_COMMA_MAP, problem::MAP_OPEN);
        }
        let token = self.scanner.peek()?;
        let at = token.at.clone();
        match token.kind {
            TokenKind::FlowMappingEnd => Ok(self.collection_end(Some(at.end))),
            TokenKind::Key => {
                self.scanner.take();
                let token = self.scanner.peek()?;
                let start = token.at.start;
                match token.kind {
                    TokenKind::Value | TokenKind::FlowEntry | TokenKind::FlowMappingEnd => {
                        self.state = State::FlowMappingValue;
                        Ok(empty_scalar(start, Properties::default()))
                    }
                    _ => self.nested(State::FlowMappingValue, NodePlace::Flow),
                }
            }
            _ => self.nested(State::FlowMappingEmptyValue, NodePlace::Flow),
        }
    }

    pub(super) fn flow_mapping_value(&mut self) -> Scanned<Event<'a>> {
        self.flow_value(State::FlowMappingKey, |kind| {
            matches!(kind, TokenKind::FlowEntry | TokenKind::FlowMappingEnd)
        })
    }

    /// An error where a comma or the closing bracket was expected.
    fn no_comma<T>(&mut self, missing: Fault, never_closed: Fault) -> Scanned<T> {
        let token = self.scanner.peek()?;
        let at = token.at.start;
        if matches!(token.kind, TokenKind::StreamEnd) {
            self.error(at, never_closed)
        } else {
            self.unexpected(at, missing)
        }
    }
}
