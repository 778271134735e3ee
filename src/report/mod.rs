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
pub(crate) use style::wrap;
pub use style::{Look, Palette};

use crate::neutral::{Gate, Own};
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
            // Documents escape for themselves.
            Format::Json => json::write(self, out),
            Format::Sarif => sarif::write(self, out),
            Format::Gitlab => gitlab::write(self, out),
            text => self.write_text(text, out),
        }
    }

    fn write_text(&self, format: Format, out: &mut dyn Write) -> io::Result<()> {
        let own = Own {
            escapes: self.look.escapes(),
            commands: format == Format::Github,
        };
        let mut gate = Gate::new(out, own);
        match format {
            Format::Concise => concise::write(self, &mut gate),
            Format::Github => github::write(self, &mut gate),
            Format::Junit => junit::write(self, &mut gate),
            Format::Agent => agent::write(self, &mut gate),
            Format::Human | Format::Json | Format::Sarif | Format::Gitlab => human::write(self, &mut gate),
        }?;
        gate.finish().map(|_| ())
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
