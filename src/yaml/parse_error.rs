//! Why a text cannot be used as written.

use std::borrow::Cow;

use crate::source::Span;

/// What kind of problem a [`ParseError`] is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ParseErrorKind {
    /// The file cannot be read as text.
    Unreadable,
    /// The text is not YAML; nothing behind this place was read.
    Syntax,
    /// The text is YAML, but Go's reader takes it otherwise or refuses it.
    Dialect,
    /// A key stands twice in one map. The tree has the last value.
    DuplicateKey,
    /// An alias without its anchor, or within it, or a merge of something that is no map.
    Alias,
    /// Too deep, too many values.
    Limit,
}

/// Why a text, or a part of it, cannot be used as written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ParseError {
    /// What kind of problem it is.
    pub kind: ParseErrorKind,
    /// The place.
    pub span: Span,
    /// States the fact.
    pub message: Cow<'static, str>,
    /// Says what to do, where that is known.
    pub help: Option<Cow<'static, str>>,
    /// What Go's packages say of it (yaml.v2, yaml.v3, kyaml), without their position: the words of Flux' and
    /// kustomize's errors, where these are known.
    pub upstream: Option<Cow<'static, str>>,
    /// Another place that has to do with it, with a few words on what it contributes.
    pub related: Option<(Span, &'static str)>,
}

impl ParseError {
    pub(crate) fn new(kind: ParseErrorKind, span: Span, message: impl Into<Cow<'static, str>>) -> Self {
        Self {
            kind,
            span,
            message: message.into(),
            help: None,
            upstream: None,
            related: None,
        }
    }

    pub(crate) fn help(mut self, help: impl Into<Cow<'static, str>>) -> Self {
        self.help = Some(help.into());
        self
    }

    pub(crate) fn upstream(mut self, words: impl Into<Cow<'static, str>>) -> Self {
        self.upstream = Some(words.into());
        self
    }

    pub(crate) fn related(mut self, span: Span, text: &'static str) -> Self {
        self.related = Some((span, text));
        self
    }
}
