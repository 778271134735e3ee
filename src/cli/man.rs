//! `meshlint man`: manual pages, from the same definitions as the help.

use std::io::{self, Write};

use clap::{Command, CommandFactory};
use clap_mangen::Man;
use clap_mangen::roff::{Roff, bold, roman};

use super::args::{Cli, EXIT_STATUS, ManArgs};
use super::terminal::Terminal;
use super::{Failure, Status, output};
use crate::text::suggest::nearest;

/// What the program reads from its environment.
const ENVIRONMENT: [(&str, &str); 6] = [
    ("NO_COLOR", "Where it is set and not empty: no colours."),
    (
        "CLICOLOR_FORCE, FORCE_COLOR",
        "Where one is set and not 0: colours, even into files and pipes.",
    ),
    (
        "FORCE_HYPERLINK",
        "Whether paths are links: 0 for never, anything else for always. Terminals that are known to show links get them anyway.",
    ),
    ("COLUMNS", "The width to wrap prose at."),
    (
        "GITHUB_ACTIONS",
        "Where it is true, --format is github unless given.",
    ),
    ("CI", "Where it is set: no progress line."),
];

/// Prints a page, or writes all of them into a directory.
pub(super) fn run(args: &ManArgs, terminal: &Terminal) -> Result<Status, Failure> {
    let commands = commands();
    if let Some(directory) = &args.directory {
        for command in commands {
            let mut page = Vec::new();
            write_page(&command, &mut page).map_err(Failure::writing)?;
            output::write_into(directory, &Man::new(command).get_filename(), &page)?;
        }
        return Ok(Status::Clean);
    }
    let wanted = args.command.as_deref().unwrap_or("meshlint");
    let command = commands
        .iter()
        .find(|command| command.get_name() == wanted)
        .ok_or_else(|| unknown(wanted, &commands))?;
    terminal.print_whole(|out| write_page(command, out))?;
    Ok(Status::Clean)
}

fn unknown(name: &str, commands: &[Command]) -> Failure {
    let names = commands.iter().map(Command::get_name);
    let hint = nearest(name, names).map(|name| format!("; did you mean `{name}`?"));
    Failure::Usage(format!(
        "there is no command `{name}`{}",
        hint.unwrap_or_default()
    ))
}

/// The program itself, then its commands.
fn commands() -> Vec<Command> {
    let mut program = Cli::command().disable_help_subcommand(true);
    program.build();
    let commands: Vec<Command> = program.get_subcommands().cloned().collect();
    std::iter::once(program).chain(commands).collect()
}

fn write_page(command: &Command, out: &mut dyn Write) -> io::Result<()> {
    let page = Man::new(command.clone()).source(concat!("meshlint ", env!("CARGO_PKG_VERSION")));
    page.render_title(out)?;
    page.render_name_section(out)?;
    page.render_synopsis_section(out)?;
    page.render_description_section(out)?;
    page.render_options_section(out)?;
    let is_program = command.has_subcommands();
    if is_program {
        page.render_subcommands_section(out)?;
    }
    let mut own = Roff::new();
    if is_program || matches!(command.get_name(), "check" | "diff") {
        own.control("SH", ["EXIT STATUS"]);
        for (status, meaning) in EXIT_STATUS {
            own.control("TP", []);
            own.text([bold(status.to_string())]);
            own.text([roman(meaning)]);
        }
        own.control("SH", ["ENVIRONMENT"]);
        for (variable, meaning) in ENVIRONMENT {
            own.control("TP", []);
            own.text([bold(variable)]);
            own.text([roman(meaning)]);
        }
    }
    own.control("SH", ["SEE ALSO"]);
    let other = if is_program { "meshlint-check" } else { "meshlint" };
    own.text([bold(other), roman("(1)")]);
    own.to_writer(out)
}
