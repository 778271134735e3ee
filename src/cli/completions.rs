//! `meshlint completions`: scripts that complete commands, options and the names of rules.

use clap::builder::{PossibleValue, PossibleValuesParser};
use clap::{Command, CommandFactory};

use super::args::{Cli, CompletionsArgs};
use super::terminal::Terminal;
use super::{Failure, Status};
use crate::rules::{Category, RULES};

/// Prints the script for a shell.
pub(super) fn run(args: &CompletionsArgs, terminal: &Terminal) -> Result<Status, Failure> {
    let mut command = with_rule_names(Cli::command());
    let mut script = Vec::new();
    clap_complete::generate(args.shell, &mut command, "meshlint", &mut script);
    terminal.print_whole(|out| out.write_all(&script))?;
    Ok(Status::Clean)
}

/// The command line with the names of rules as values, which the program itself checks in its own words.
fn with_rule_names(command: Command) -> Command {
    let rules = || {
        RULES
            .iter()
            .map(|rule| PossibleValue::new(rule.name).help(plain(&rule.summary())))
    };
    let selectors = || {
        let words = [
            PossibleValue::new("all").help("every rule"),
            PossibleValue::new("default").help("every rule that is not pedantic"),
        ];
        let categories = Category::ALL.map(|category| PossibleValue::new(category.as_str()));
        PossibleValuesParser::new(words.into_iter().chain(categories).chain(rules()))
    };
    let chooses_rules = |command: Command| {
        command
            .mut_arg("select", |select| select.value_parser(selectors()))
            .mut_arg("ignore", |ignore| ignore.value_parser(selectors()))
    };
    command
        .mut_subcommand("check", chooses_rules)
        .mut_subcommand("diff", chooses_rules)
        .mut_subcommand("explain", |explain| {
            explain.mut_arg("rule", |rule| {
                rule.value_parser(PossibleValuesParser::new(rules()))
            })
        })
}

/// A summary without what a shell would expand: `clap_complete` puts it between double quotes for fish.
fn plain(summary: &str) -> String {
    summary.replace(['$', '`', '"', '\\'], "")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_completed_is_what_is_taken() {
        let command = with_rule_names(Cli::command());
        command.clone().debug_assert();
        let arguments = [
            ("check", "select"),
            ("check", "ignore"),
            ("diff", "select"),
            ("explain", "rule"),
        ];
        for (subcommand, argument) in arguments {
            let found = command.find_subcommand(subcommand).unwrap();
            let found = found
                .get_arguments()
                .find(|one| one.get_id() == argument)
                .unwrap();
            let names: Vec<_> = found.get_possible_values();
            assert!(names.len() >= RULES.len(), "{argument}");
            for name in names {
                let name = name.get_name();
                let is_known = crate::rules::find(name).is_some()
                    || (argument != "rule" && crate::sink::Selector::parse(name).is_ok());
                assert!(is_known, "{argument}: {name}");
            }
        }
    }
}
