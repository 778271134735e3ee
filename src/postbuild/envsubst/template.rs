//! A parsed text.

use std::ops::Range;
use std::sync::Arc;

use super::parse;
use super::syntax::{Part, SyntaxError};

/// A parsed text.
#[derive(Debug, Clone)]
pub struct Template {
    pub(crate) text: Arc<str>,
    pub(crate) parts: Vec<Part>,
}

impl Template {
    /// Parses a text.
    ///
    /// # Errors
    /// When the grammar refuses an expression; the real program stops at the first one, so nothing behind it is known.
    pub fn parse(text: impl Into<Arc<str>>) -> Result<Self, SyntaxError> {
        let (template, errors) = Self::parse_tolerantly(text);
        errors.into_iter().next().map_or(Ok(template), Err)
    }

    /// Parses a text in which malformed expressions stay text. The first error is the one that the real program gives;
    /// the others are what it would give if those before were mended.
    pub fn parse_tolerantly(text: impl Into<Arc<str>>) -> (Self, Vec<SyntaxError>) {
        let text = text.into();
        let (parts, errors) = parse::parse(&text);
        (Self { text, parts }, errors)
    }

    /// The text as it was before evaluation.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// Whether evaluation gives the text back whatever the variables are: no expression, no `$$`.
    pub fn is_literal(&self) -> bool {
        match self.parts.as_slice() {
            [] => self.text.is_empty(),
            [Part::Text(only)] => only.len() == self.text.len(),
            _ => false,
        }
    }

    /// Where the outermost expressions stand, in order.
    pub fn expressions(&self) -> impl Iterator<Item = Range<usize>> {
        self.parts.iter().filter_map(|part| match part {
            Part::Text(_) => None,
            Part::Expression(expression) => Some(expression.range.clone()),
        })
    }

    /// Hands out the name in every expression, those within others too.
    pub fn names(&self, take: &mut dyn FnMut(&str)) {
        self.names_in(&self.parts, take);
    }

    fn names_in(&self, parts: &[Part], take: &mut dyn FnMut(&str)) {
        for part in parts {
            if let Part::Expression(expression) = part {
                take(self.text.get(expression.name.clone()).unwrap_or_default());
                expression.words.iter().for_each(|word| self.names_in(word, take));
            }
        }
    }
}
