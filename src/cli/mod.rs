//! The command line: reads arguments, calls the library, writes what it gives. No logic of its own.
//!
//! Exit status, the same in every format: 0 clean, 1 findings at or above `--fail-on`, 2 usage or configuration, 3 nothing to
//! check.

mod args;
mod baseline;
mod buffer;
mod build;
mod check;
mod clusters;
mod completions;
mod configured;
mod diff;
mod ending;
mod explain;
mod init;
mod links;
mod list;
#[cfg(feature = "lsp")]
mod lsp;
mod man;
mod mend;
mod nothing;
mod output;
mod page;
mod place;
mod progress;
mod render;
mod repository;
mod scope;
mod services;
mod since;
mod terminal;
mod trace;

use std::ffi::OsString;
use std::process::ExitCode;

use clap::{CommandFactory, FromArgMatches};

use crate::neutral::is_harmless;
use args::{Cli, Command};
use ending::{Failure, Status};
use terminal::Terminal;

/// Runs the program.
pub fn main(arguments: impl IntoIterator<Item = OsString>) -> ExitCode {
    let parsed = Cli::command()
        .try_get_matches_from(arguments)
        .and_then(|matches| Ok((Cli::from_arg_matches(&matches)?, matches)));
    let (cli, matches) = match parsed {
        Ok(parsed) => parsed,
        Err(error) => {
            explain_usage(&error);
            return ExitCode::from(u8::try_from(error.exit_code()).unwrap_or(2));
        }
    };
    let result = match &cli.command {
        Command::Check(args) => {
            let mut terminal = Terminal::new(args.color.color, args.quiet);
            terminal.look.full = args.full;
            check::run(args, matches.subcommand_matches("check"), &terminal)
        }
        Command::Diff(args) => {
            let terminal = Terminal::new(args.color.color, args.quiet);
            diff::run(args, &terminal)
        }
        Command::Init(args) => init::run(args, &Terminal::plain(false)),
        Command::Render(args) => render::render(args, &Terminal::plain(args.quiet)),
        Command::Build(args) => build::run(args, &Terminal::plain(args.quiet)),
        Command::Services(args) => services::run(args, &Terminal::new(args.color.color, false)),
        Command::List(args) => list::run(args, &Terminal::new(args.color.color, false)),
        Command::Trace(args) => trace::run(args, &Terminal::plain(false)),
        Command::Clusters(args) => clusters::run(args, &Terminal::new(args.color.color, false)),
        Command::Explain(args) => explain::explain(args, &Terminal::new(args.color.color, false)),
        Command::Rules(args) => explain::list(args, &Terminal::new(args.color.color, false)),
        Command::Completions(args) => completions::run(args, &Terminal::plain(false)),
        #[cfg(feature = "lsp")]
        Command::Lsp => Ok(lsp::run()),
        Command::Man(args) => man::run(args, &Terminal::plain(false)),
    };
    match result {
        Ok(status) => ExitCode::from(status as u8),
        Err(failure) if failure.is_closed_pipe() => ExitCode::SUCCESS,
        Err(failure) => {
            terminal::complain(&format!("meshlint: {failure}"));
            ExitCode::from(failure.code())
        }
    }
}

/// Help and version come this way too. What is quoted of the arguments may be the name of somebody's branch.
fn explain_usage(error: &clap::Error) {
    let text = error.render().to_string();
    let lines = text.lines().map(|line| line.trim_start());
    let is_ours = is_harmless(&text) && !lines.clone().any(|line| line.starts_with("::"));
    if is_ours {
        // When it cannot be printed there is nobody to tell.
        let _ = error.print();
    } else {
        text.lines().for_each(terminal::complain);
    }
}
