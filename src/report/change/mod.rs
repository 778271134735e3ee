//! What a change does, in the formats of `meshlint diff`.

mod group;
mod human;
mod json;
mod lines;
mod markdown;
mod unified;
mod words;

pub(crate) use lines::hunks;
pub(crate) use words::{json as value_as_json, value as value_in_words};

use super::Look;
use crate::change::{Change, Side, Spot, Tree};
use crate::sink::Outcome;
use crate::source::SourceMap;

/// What a change began from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Base {
    /// A commit of the repository.
    Commit {
        /// The revision that was asked for.
        revision: String,
        /// The commit where the histories parted.
        id: String,
    },
    /// Another directory.
    Directory(String),
}

/// What a report of a change is made of.
#[derive(Debug, Clone, Copy)]
pub struct ChangeReport<'a> {
    /// What the change began from.
    pub base: &'a Base,
    /// The files and clusters as they were.
    pub before: Tree<'a>,
    /// As they become.
    pub after: Tree<'a>,
    /// What changes.
    pub change: &'a Change<'a>,
    /// What is found of it.
    pub outcome: &'a Outcome,
    /// How text for people looks.
    pub look: Look,
}

impl<'a> ChangeReport<'a> {
    fn tree(&self, side: Side) -> Tree<'a> {
        match side {
            Side::Before => self.before,
            Side::After => self.after,
        }
    }

    fn sources(&self, side: Side) -> &'a SourceMap {
        self.tree(side).sources()
    }

    /// `path:line` of a place.
    fn place(&self, spot: Spot) -> String {
        let sources = self.sources(spot.side);
        let line = sources.file(spot.file()).line_column(spot.span.start).line;
        format!("{}:{line}", super::place::path(sources, spot.span))
    }
}

formats! {
    /// An output format of a change.
    ChangeFormat of ChangeReport {
        /// What changes in which clusters, and the lines that make it so, for people.
        Human => human is text,
        /// The objects as `diff` prints two versions of a file.
        Unified => unified is text,
        /// A comment of a pull request, or a summary of GitHub Actions.
        Markdown => markdown is text,
        /// One document for programs; `schema/meshlint-diff-v1.json` describes it.
        Json => json is document,
    }
}
