//! The output formats. Each turns the same sorted findings into text and decides nothing.

mod agent;
mod concise;
mod excerpt;
mod github;
mod gitlab;
mod human;
mod json;
mod junit;
mod place;
mod sarif;
mod style;
mod uri;

use std::io::{self, Write};

pub(crate) use human::in_words;
pub use style::{Look, Palette};
pub(crate) use style::{one_line, wrap};

use crate::rules::Rule;
use crate::sink::Outcome;
use crate::source::SourceMap;

/// An output format.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, clap::ValueEnum)]
pub enum Format {
    /// Source lines with labels, for people.
    Human,
    /// One line per finding, for `grep` and editors.
    Concise,
    /// One document for programs; `schema/meshlint-output-v1.json` describes it.
    Json,
    /// SARIF 2.1.0, for GitHub code scanning and other services.
    Sarif,
    /// Annotations of GitHub Actions.
    Github,
    /// A code quality report of GitLab.
    Gitlab,
    /// JUnit XML, for test reports of CI servers.
    Junit,
    /// One line per finding with its help, for language models.
    Agent,
}

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

impl Report<'_> {
    /// Writes the report in that format.
    ///
    /// # Errors
    /// When `out` cannot be written to.
    pub fn write(&self, format: Format, out: &mut dyn Write) -> io::Result<()> {
        match format {
            Format::Human => human::write(self, out),
            Format::Concise => concise::write(self, out),
            Format::Json => json::write(self, out),
            Format::Sarif => sarif::write(self, out),
            Format::Github => github::write(self, out),
            Format::Gitlab => gitlab::write(self, out),
            Format::Junit => junit::write(self, out),
            Format::Agent => agent::write(self, out),
        }
    }
}

/// The address of a rule's page, when the package says where it is published.
pub(crate) fn page_url(rule: &Rule) -> Option<String> {
    let home = env!("CARGO_PKG_REPOSITORY");
    let version = env!("CARGO_PKG_VERSION");
    let category = rule.category.as_str();
    let is_published = !home.is_empty() && !rule.page.is_empty();
    is_published.then(|| format!("{home}/blob/v{version}/rules/{category}/{}.md", rule.name))
}

#[cfg(test)]
mod tests;
