//! The output formats. Each turns the same sorted findings into text and decides nothing.

mod agent;
mod concise;
mod excerpt;
mod github;
mod gitlab;
mod human;
mod json;
mod junit;
mod page_url;
mod place;
mod run;
mod sarif;
mod style;
mod uri;

pub(crate) use page_url::page_url;
pub use run::Report;
use std::io::{self, Write};

pub(crate) use human::in_words;
pub(crate) use style::wrap;
pub use style::{Look, Palette};

use crate::neutral::{Gate, Own};

/// Makes the one list of formats: each with the module that writes it, and what its text is.
macro_rules! formats {
    ($($(#[$about:meta])* $name:ident => $module:ident is $what:ident,)*) => {
        /// An output format.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, clap::ValueEnum)]
        pub enum Format {
            $($(#[$about])* $name,)*
        }

        impl Report<'_> {
            /// Writes the report in that format.
            ///
            /// # Errors
            /// When `out` cannot be written to.
            pub fn write(&self, format: Format, out: &mut dyn Write) -> io::Result<()> {
                match format {
                    $(Format::$name => self.$what($module::write, out),)*
                }
            }
        }
    };
}

formats! {
    /// Source lines with labels, for people.
    Human => human is text,
    /// One line per finding, for `grep` and editors.
    Concise => concise is text,
    /// One document for programs; `schema/meshlint-output-v1.json` describes it.
    Json => json is document,
    /// SARIF 2.1.0, for GitHub code scanning and other services.
    Sarif => sarif is document,
    /// Annotations of GitHub Actions.
    Github => github is commands,
    /// A code quality report of GitLab.
    Gitlab => gitlab is document,
    /// JUnit XML, for test reports of CI servers.
    Junit => junit is text,
    /// One line per finding with its help, for language models.
    Agent => agent is text,
}

/// Writes a report in one format.
type Writer = fn(&Report<'_>, &mut dyn Write) -> io::Result<()>;

impl Report<'_> {
    /// Documents escape for themselves.
    fn document(&self, write: Writer, out: &mut dyn Write) -> io::Result<()> {
        write(self, out)
    }

    fn text(&self, write: Writer, out: &mut dyn Write) -> io::Result<()> {
        self.through_gate(write, false, out)
    }

    /// Text with workflow commands of its own.
    fn commands(&self, write: Writer, out: &mut dyn Write) -> io::Result<()> {
        self.through_gate(write, true, out)
    }

    fn through_gate(&self, write: Writer, commands: bool, out: &mut dyn Write) -> io::Result<()> {
        let own = Own {
            escapes: self.look.escapes(),
            commands,
        };
        let mut gate = Gate::new(out, own);
        write(self, &mut gate)?;
        gate.finish().map(|_| ())
    }
}

#[cfg(test)]
mod tests;
