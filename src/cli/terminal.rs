//! What the program knows of where its output goes.

use std::io::{self, BufWriter, IsTerminal, Write};

use super::Failure;
use super::args::Color;
use crate::neutral::{Gate, Own, one_line};
use crate::report::{Format, Look, Report};
use crate::sink::{Outcome, Reported};
use crate::source::SourceMap;

/// Where output goes and how it may look.
#[derive(Debug)]
pub(super) struct Terminal {
    /// The look of standard output.
    pub(super) look: Look,
    /// Whether GitHub Actions reads the output.
    pub(super) github_actions: bool,
    /// Whether somebody waits at standard error.
    pub(super) is_watched: bool,
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
        Self {
            look: Look {
                colour,
                links: color != Color::Never && wants_links(is_terminal && colour, &variable),
                width: width(is_terminal, &variable),
                quiet,
                full: false,
            },
            github_actions: variable("GITHUB_ACTIONS").is_some_and(|value| value == "true"),
            is_watched: !quiet && is_watched(io::stderr().is_terminal(), &variable),
        }
    }

    /// Writes text for people to standard output.
    pub(super) fn print(&self, write: impl FnOnce(&mut dyn Write) -> io::Result<()>) -> Result<(), Failure> {
        let own = Own {
            escapes: self.look.escapes(),
            commands: false,
        };
        self.print_whole(|out| {
            let mut gate = Gate::new(out, own);
            write(&mut gate)?;
            gate.finish().map(|_| ())
        })
    }

    /// Writes what is harmless already to standard output: reports, documents that escape for themselves, our own scripts.
    pub(super) fn print_whole(
        &self,
        write: impl FnOnce(&mut dyn Write) -> io::Result<()>,
    ) -> Result<(), Failure> {
        let mut out = BufWriter::new(io::stdout().lock());
        write(&mut out)
            .and_then(|()| out.flush())
            .map_err(Failure::writing)
    }

    /// Writes a line to standard error.
    pub(super) fn complain(&self, text: &str) {
        complain(text);
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

/// Writes a line to standard error, whatever the terminal is.
pub(super) fn complain(text: &str) {
    let mut gate = Gate::new(io::stderr().lock(), Own::default());
    // When it cannot be printed there is nobody to tell.
    let _ = writeln!(gate, "{}", one_line(text)).and_then(|()| gate.finish());
}

/// COLUMNS beats what the terminal says; what is no terminal has a fixed width, so that reports do not depend on the
/// machine.
fn width(is_terminal: bool, variable: &dyn Fn(&str) -> Option<String>) -> usize {
    let stated = variable("COLUMNS").and_then(|value| value.trim().parse().ok());
    let measured = || {
        let (terminal_size::Width(columns), _) = terminal_size::terminal_size()?;
        Some(usize::from(columns))
    };
    match stated.or_else(|| measured().filter(|_| is_terminal)) {
        None | Some(0) => Look::PLAIN.width,
        Some(columns) => columns.clamp(40, 160),
    }
}

/// CI servers keep what a terminal would overwrite.
fn is_watched(is_terminal: bool, variable: &dyn Fn(&str) -> Option<String>) -> bool {
    is_terminal && variable("CI").is_none() && variable("TERM").is_none_or(|term| term != "dumb")
}

/// Links need a terminal that is known to show them; whoever turns colours off wants plain text. FORCE_HYPERLINK
/// decides where it is set, as in other programs (supports-hyperlinks).
fn wants_links(is_colourful_terminal: bool, variable: &dyn Fn(&str) -> Option<String>) -> bool {
    if let Some(wish) = variable("FORCE_HYPERLINK") {
        return wish.trim() != "0";
    }
    // A path of this machine means nothing to a terminal on another one.
    let is_remote = variable("SSH_CONNECTION").is_some() || variable("SSH_TTY").is_some();
    is_colourful_terminal && !is_remote && supports_hyperlinks::supports_hyperlinks()
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

    #[test]
    fn links_are_for_terminals_on_this_machine() {
        let links = |is_terminal: bool, key: &'static str, value: &'static str| {
            wants_links(is_terminal, &|name| (name == key).then(|| value.to_owned()))
        };
        assert!(links(false, "FORCE_HYPERLINK", "1"));
        assert!(!links(true, "FORCE_HYPERLINK", "0"));
        assert!(!links(true, "SSH_CONNECTION", "10.0.0.1 22 10.0.0.2 22"));
        assert!(!links(false, "TERM_PROGRAM", "WezTerm"));
    }

    #[test]
    fn nobody_waits_in_ci() {
        let watched = |is_terminal: bool, key: &'static str, value: &'static str| {
            is_watched(is_terminal, &|name| (name == key).then(|| value.to_owned()))
        };
        assert!(watched(true, "TERM", "xterm"));
        assert!(!watched(true, "TERM", "dumb"));
        assert!(!watched(true, "CI", "true"));
        assert!(!watched(false, "TERM", "xterm"));
    }

    #[test]
    fn the_width_is_what_columns_says() {
        let width = |value: &str| {
            let value = value.to_owned();
            width(false, &move |name| (name == "COLUMNS").then(|| value.clone()))
        };
        assert_eq!([width("80"), width("10"), width("1000")], [80, 40, 160]);
        assert_eq!([width(""), width("0"), width("wide")], [Look::PLAIN.width; 3]);
    }
}
