//! A word of a command.

use std::ops::Range;
use std::sync::Arc;

use crate::source::{SourceMap, Span};
use crate::yaml::{Node, Origin, Substitution, embedded_places};

/// A word of a command.
#[derive(Debug, Clone)]
pub(in crate::fleet::ways) struct Word {
    /// Without quotes, with the values of variables that are known.
    pub(in crate::fleet::ways) text: String,
    pub(in crate::fleet::ways) span: Span,
    /// For each byte of the text, the byte of the file that it comes from.
    pub(in crate::fleet::ways) places: Vec<u32>,
    /// Variables in the text: where, and the place that sets them; `None` when nobody knows.
    pub(in crate::fleet::ways) variables: Vec<(Range<usize>, String, Option<Span>)>,
}

impl Word {
    /// A scalar as a word.
    pub(in crate::fleet::ways) fn of_node(node: &Node, sources: &SourceMap) -> Self {
        let text = node.as_text().unwrap_or_default();
        let places = embedded_places(node, sources);
        let place = |at: usize| places(at..at + 1).span.start;
        Self {
            text: text.to_owned(),
            span: node.span(),
            places: (0..text.len()).map(place).collect(),
            variables: Vec::new(),
        }
    }

    /// Whether something in it is not known.
    pub(in crate::fleet::ways) fn is_computed(&self) -> bool {
        self.variables.iter().any(|(_, _, value)| value.is_none())
    }

    /// The whole word as a scalar.
    pub(in crate::fleet::ways) fn node(&self) -> Node {
        self.part(0..self.text.len())
    }

    /// Part of the word as a scalar.
    pub(in crate::fleet::ways) fn part(&self, range: Range<usize>) -> Node {
        let text = self.text.get(range.clone()).unwrap_or_default();
        let place = |at: usize| {
            self.places
                .get(at)
                .map_or(self.span.end as usize, |place| *place as usize)
        };
        let end = range
            .end
            .checked_sub(1)
            .map_or(place(range.start), |last| place(last) + 1);
        let span = Span::new(self.span.file, place(range.start), end.max(place(range.start)));
        let taken: Vec<Substitution> = self
            .variables
            .iter()
            .filter(|(at, ..)| at.start < range.end && range.start < at.end)
            .map(|(_, name, value)| Substitution {
                variable: name.as_str().into(),
                expression: span,
                value: *value,
                unknown: value.is_none(),
                output: None,
            })
            .collect();
        let origin = Origin {
            span,
            substituted: (!taken.is_empty()).then(|| Arc::from(taken)),
        };
        Node::plain(text, origin)
    }

    /// What follows the first bytes.
    pub(in crate::fleet::ways) fn behind(&self, at: usize) -> Self {
        let variables = self.variables.iter().filter(|(range, ..)| range.start >= at);
        Self {
            text: self.text.get(at..).unwrap_or_default().to_owned(),
            span: Span::new(
                self.span.file,
                self.places
                    .get(at)
                    .map_or(self.span.end as usize, |place| *place as usize),
                self.span.end as usize,
            ),
            places: self.places.get(at..).unwrap_or_default().to_vec(),
            variables: variables
                .map(|(range, name, value)| (range.start - at..range.end - at, name.clone(), *value))
                .collect(),
        }
    }
}
