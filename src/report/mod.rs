//! The output formats. Each turns the same sorted findings into text and decides nothing.

mod agent;
mod causes;
mod concise;
mod diagnostic;
mod excerpt;
mod figures;
mod github;
mod gitlab;
mod human;
mod json;
mod junit;
mod markdown;
mod page_url;
mod place;
mod run;
mod sarif;
mod style;
mod uri;

pub(crate) use page_url::page_url;
pub use run::Report;
use std::io::{self, Write};

pub(crate) use figures::in_words;
pub use style::{Look, Palette};
pub(crate) use style::{hanging, wrap};
#[cfg(feature = "lsp")]
pub(crate) use uri::of_file;

use crate::neutral::{Gate, Own};

/// Makes the one list of formats of a report: each with the module that writes it, and what its text is.
macro_rules! formats {
    ($(#[$what:meta])* $list:ident of $report:ident {
        $($(#[$about:meta])* $name:ident => $module:ident is $kind:ident,)*
    }) => {
        $(#[$what])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, clap::ValueEnum)]
        pub enum $list {
            $($(#[$about])* $name,)*
        }

        impl $list {
            /// Every format, in the order in which they are listed.
            pub const ALL: &[Self] = &[$(Self::$name,)*];
        }

        impl $report<'_> {
            /// Writes the report in that format.
            ///
            /// # Errors
            /// When `out` cannot be written to.
            pub fn write(&self, format: $list, out: &mut dyn std::io::Write) -> std::io::Result<()> {
                match format {
                    $($list::$name => crate::report::$kind(self.look, &mut |out| $module::write(self, out), out),)*
                }
            }
        }
    };
}

mod change;

pub use change::{Base, ChangeFormat, ChangeReport};
pub(crate) use change::{hunks, value_as_json, value_in_words};

formats! {
    /// An output format.
    Format of Report {
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
    /// Markdown with folded details, for summaries of CI jobs and comments.
    Markdown => markdown is text,
    /// One line per finding with its help, for language models.
    Agent => agent is text,
    }
}

/// Writes a report in one format.
type Writer<'w> = &'w mut dyn FnMut(&mut dyn Write) -> io::Result<()>;

/// Documents escape for themselves.
fn document(_look: Look, write: Writer<'_>, out: &mut dyn Write) -> io::Result<()> {
    write(out)
}

fn text(look: Look, write: Writer<'_>, out: &mut dyn Write) -> io::Result<()> {
    through_gate(look, write, false, out)
}

/// Text with workflow commands of its own.
fn commands(look: Look, write: Writer<'_>, out: &mut dyn Write) -> io::Result<()> {
    through_gate(look, write, true, out)
}

fn through_gate(look: Look, write: Writer<'_>, commands: bool, out: &mut dyn Write) -> io::Result<()> {
    let own = Own {
        escapes: look.escapes(),
        commands,
    };
    let mut gate = Gate::new(out, own);
    write(&mut gate)?;
    gate.finish().map(|_| ())
}

#[cfg(test)]
mod tests;
