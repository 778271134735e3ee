//! What a report is made of.

use super::style::Look;
use crate::sink::Outcome;
use crate::source::SourceMap;

/// What a report is made of.
#[derive(Debug, Clone, Copy)]
pub struct Report<'a> {
    /// The files that the findings point into.
    pub sources: &'a SourceMap,
    /// The findings and figures.
    pub outcome: &'a Outcome,
    /// How text for people looks.
    pub look: Look,
}
