//! What the program knows of where its output goes.

use std::io::{self, BufWriter, IsTerminal, Write};

use super::Failure;
use super::args::Color;
use crate::report::{Format, Look, Report, one_line};
use crate::sink::{Outcome, Reported};
use crate::source::SourceMap;

/// Where output goes and how it may look.
#[derive(Debug)]
pub(super) struct Terminal {
    /// The look of standard output.
    pub(super) look: Look,
    /// Whether GitHub Actions reads the output.
    pub(super) github_actions: bool,
}

impl Terminal {
    /// For output that is data: it looks the same wherever it goes.
    pub(super) fn plain(quiet: bool) -> Self {
        Self::new(Color::Never, quiet)
    }

    /// For output that people read, as the environment wants it.
    pub(super) fn new(color: Color, quiet: bool) -> Self {
        let variable = |name: &str| std::env::var(name).ok();
        let is_terminal = io::stdout().is_terminal();
        let colour = wants_colour(color, is_terminal, &variable);
        let width = if is_terminal {
            terminal_width()
        } else {
            Look::PLAIN.width
        };
        Self {
            look: Look {
                colour,
                links: is_terminal && colour,
                width,
                quiet,
            },
            github_actions: variable("GITHUB_ACTIONS").is_some_and(|value| value == "true"),
        }
    }

    /// Writes to standard output.
    pub(super) fn print(&self, write: impl FnOnce(&mut dyn Write) -> io::Result<()>) -> Result<(), Failure> {
        let mut out = BufWriter::new(io::stdout().lock());
        write(&mut out)
            .and_then(|()| out.flush())
            .map_err(Failure::writing)
    }

    /// Writes a line to standard error.
    pub(super) fn complain(&self, text: &str) {
        let _ = writeln!(io::stderr(), "{}", one_line(text));
    }

    /// Writes findings to standard error.
    pub(super) fn complain_with(&self, sources: &SourceMap, findings: Vec<Reported>) {
        let outcome = Outcome {
            findings,
            ..Outcome::default()
        };
        let look = if io::stderr().is_terminal() {
            self.look
        } else {
            Look::PLAIN
        };
        let report = Report {
            sources,
            outcome: &outcome,
            look: Look { quiet: true, ..look },
        };
        let _ = report.write(Format::Human, &mut io::stderr().lock());
    }

    /// Writes a line to standard error, unless the person wants quiet.
    pub(super) fn remark(&self, text: &str) {
        if !self.look.quiet {
            self.complain(text);
        }
    }
}

fn terminal_width() -> usize {
    let (terminal_size::Width(columns), _) =
        terminal_size::terminal_size().unwrap_or((terminal_size::Width(0), terminal_size::Height(0)));
    match usize::from(columns) {
        0 => Look::PLAIN.width,
        columns => columns.clamp(40, 160),
    }
}

/// `--color` beats NO_COLOR (no-color.org) beats CLICOLOR_FORCE and FORCE_COLOR beat the terminal.
fn wants_colour(color: Color, is_terminal: bool, variable: &dyn Fn(&str) -> Option<String>) -> bool {
    let is_on = |name: &str| variable(name).is_some_and(|value| !value.is_empty() && value != "0");
    match color {
        Color::Always => true,
        Color::Never => false,
        Color::Auto if variable("NO_COLOR").is_some_and(|value| !value.is_empty()) => false,
        Color::Auto if is_on("CLICOLOR_FORCE") || is_on("FORCE_COLOR") => true,
        Color::Auto => is_terminal && variable("TERM").is_none_or(|term| term != "dumb"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn colour(color: Color, is_terminal: bool, variables: &[(&str, &str)]) -> bool {
        wants_colour(color, is_terminal, &|name| {
            variables
                .iter()
                .find(|(key, _)| *key == name)
                .map(|(_, value)| (*value).to_owned())
        })
    }

    #[test]
    fn the_strongest_wish_wins() {
        assert!(colour(Color::Auto, true, &[]));
        assert!(!colour(Color::Auto, false, &[]));
        assert!(!colour(Color::Auto, true, &[("NO_COLOR", "1")]));
        assert!(colour(Color::Auto, true, &[("NO_COLOR", "")]));
        assert!(colour(Color::Auto, false, &[("CLICOLOR_FORCE", "1")]));
        assert!(colour(Color::Auto, false, &[("FORCE_COLOR", "3")]));
        assert!(!colour(Color::Auto, false, &[("FORCE_COLOR", "0")]));
        assert!(!colour(
            Color::Auto,
            true,
            &[("NO_COLOR", "1"), ("FORCE_COLOR", "1")]
        ));
        assert!(!colour(Color::Auto, true, &[("TERM", "dumb")]));
        assert!(colour(Color::Always, false, &[("NO_COLOR", "1")]));
        assert!(!colour(Color::Never, true, &[("FORCE_COLOR", "1")]));
    }
}
