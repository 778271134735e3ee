//! What the documents say of the program is so: links lead somewhere, options and rules exist, commands are printed from their definitions.
// They are about the program with everything in it.
#![cfg(all(feature = "lsp", feature = "since"))]
#![allow(missing_docs, clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod common;
#[path = "../examples/book/pages.rs"]
mod pages;

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use meshlint::rules::RULES;

const COMMANDS: &[&str] = &[
    "check",
    "diff",
    "clusters",
    "services",
    "list",
    "trace",
    "render",
    "build",
    "explain",
    "rules",
    "init",
    "lsp",
    "completions",
    "man",
];

fn book() -> BTreeMap<String, String> {
    pages::sources(&common::project()).expect("all documents are there")
}

fn documents() -> impl Iterator<Item = (String, String)> {
    book().into_iter().filter(|(path, _)| path.ends_with(".md"))
}

#[test]
fn the_commands_are_documented_as_the_program_prints_them() {
    let path = common::project().join("docs/commands.md");
    let current = std::fs::read_to_string(&path).unwrap_or_default();
    common::check_generated(&path, &current, &commands());
}

fn commands() -> String {
    let mut text =
        "# Commands and options\n\nThis is what `meshlint help` and `meshlint help COMMAND` print.\n"
            .to_owned();
    let mut add = |title: &str, arguments: &[&str]| {
        let help = common::stdout(&common::run(arguments));
        text.push_str(&format!("\n## {title}\n\n```text\n{}\n```\n", help.trim_end()));
    };
    add("meshlint", &["--help"]);
    for command in COMMANDS {
        add(&format!("meshlint {command}"), &["help", command]);
    }
    text
}

#[test]
fn every_command_is_documented() {
    let help = common::stdout(&common::run(&["--help"]));
    let (_, listed) = help.split_once("Commands:").expect("the help lists commands");
    let listed: BTreeSet<&str> = listed
        .lines()
        .skip(1)
        .take_while(|line| !line.trim().is_empty())
        .filter_map(|line| line.strip_prefix("  ")?.split(' ').next())
        .filter(|word| !word.is_empty() && *word != "help")
        .collect();
    assert_eq!(listed, COMMANDS.iter().copied().collect());
}

#[test]
fn every_link_leads_to_a_page_or_a_heading() {
    let book = book();
    let mut broken = Vec::new();
    for (path, text) in book.iter().filter(|(path, _)| path.ends_with(".md")) {
        for link in links(text) {
            if link.contains("://") || link.starts_with("mailto:") {
                continue;
            }
            let (target, heading) = link.split_once('#').unwrap_or((link, ""));
            let target = if target.is_empty() {
                path.clone()
            } else {
                resolve(path, target)
            };
            let page = book
                .get(&target)
                .or_else(|| book.get(&format!("{target}/README.md")));
            match page {
                None => broken.push(format!("{path}: {link}")),
                Some(text) if !heading.is_empty() && !headings(text).contains(heading) => {
                    broken.push(format!("{path}: {link} (no such heading)"));
                }
                Some(_) => {}
            }
        }
    }
    assert!(
        broken.is_empty(),
        "links that lead nowhere:\n{}",
        broken.join("\n")
    );
}

/// The targets of `[text](target)` outside of code.
fn links(text: &str) -> Vec<&str> {
    let mut found = Vec::new();
    for line in prose(text) {
        let mut rest = line;
        while let Some((_, behind)) = rest.split_once("](") {
            let end = behind.find(')').unwrap_or(behind.len());
            found.push(&behind[..end]);
            rest = &behind[end..];
        }
    }
    found
}

/// The lines that are not in a fenced block.
fn prose(text: &str) -> impl Iterator<Item = &str> {
    let mut fenced = false;
    text.lines().filter(move |line| {
        let fence = line.trim_start().starts_with("```");
        fenced ^= fence;
        !fenced && !fence
    })
}

fn resolve(from: &str, target: &str) -> String {
    let mut parts: Vec<&str> = from.split('/').collect();
    parts.pop();
    for part in target.split('/') {
        match part {
            ".." => drop(parts.pop()),
            "." | "" => {}
            part => parts.push(part),
        }
    }
    parts.join("/")
}

/// The anchors of headings, as mdBook and the forges make them.
fn headings(text: &str) -> BTreeSet<String> {
    let titles =
        prose(text).filter_map(|line| line.strip_prefix('#').map(|rest| rest.trim_start_matches('#')));
    titles
        .map(|title| {
            let kept = title.trim().to_lowercase();
            let kept = kept
                .chars()
                .filter(|c| c.is_alphanumeric() || matches!(c, ' ' | '-' | '_'));
            kept.map(|c| if c == ' ' { '-' } else { c }).collect()
        })
        .collect()
}

#[test]
fn every_option_in_the_documents_exists() {
    let known = commands();
    let mut unknown = Vec::new();
    for (path, text) in documents().filter(|(path, _)| path != "docs/commands.md") {
        for line in text.lines().filter(|line| line.contains("meshlint ")) {
            let ours = line.split("meshlint ").skip(1).flat_map(str::split_whitespace);
            for word in ours {
                let option: String = word
                    .trim_start_matches(['`', '['])
                    .chars()
                    .take_while(|c| c.is_ascii_alphanumeric() || *c == '-')
                    .collect();
                if option.len() > 2 && option.starts_with("--") && !known.contains(&option) {
                    unknown.push(format!("{path}: {option}"));
                }
            }
        }
        for option in inline_code(&text).filter(|code| code.starts_with("--")) {
            let option = option.split([' ', '=']).next().unwrap_or_default();
            if path.starts_with("docs/") && !known.contains(option) {
                unknown.push(format!("{path}: {option}"));
            }
        }
    }
    assert!(
        unknown.is_empty(),
        "options that no command has:\n{}",
        unknown.join("\n")
    );
}

fn inline_code(text: &str) -> impl Iterator<Item = &str> {
    prose(text).flat_map(|line| line.split('`').skip(1).step_by(2))
}

#[test]
fn every_rule_in_a_command_or_comment_exists() {
    let mut unknown = Vec::new();
    for (path, text) in documents().filter(|(path, _)| !path.starts_with("rules/")) {
        let explained = text.split("meshlint explain ").skip(1);
        let ignored = text.split("meshlint: ignore[").skip(1);
        for rest in explained.chain(ignored) {
            let name: String = rest
                .chars()
                .take_while(|c| c.is_ascii_lowercase() || matches!(c, '-' | '0'..='9'))
                .collect();
            let placeholder = matches!(&*name, "" | "rule" | "rule-name");
            if !placeholder && RULES.iter().all(|rule| rule.name != name) {
                unknown.push(format!("{path}: {name}"));
            }
        }
    }
    assert!(
        unknown.is_empty(),
        "rules that do not exist:\n{}",
        unknown.join("\n")
    );
}

#[test]
fn the_book_lists_every_page_once() {
    let book = book();
    let summary = &book["SUMMARY.md"];
    let listed: Vec<&str> = links(summary);
    let unique: BTreeSet<&str> = listed.iter().copied().collect();
    assert_eq!(listed.len(), unique.len(), "a page is listed twice");
    for path in book
        .keys()
        .filter(|path| path.ends_with(".md") && *path != "SUMMARY.md")
    {
        assert!(unique.contains(path.as_str()), "{path} is in no chapter");
    }
    for document in std::fs::read_dir(common::project().join("docs")).expect("there are documents") {
        let name = document.expect("a file").file_name();
        let path = format!("docs/{}", name.to_string_lossy());
        assert!(
            Path::new(&path)
                .extension()
                .is_none_or(|extension| extension != "md")
                || book.contains_key(&path),
            "{path} is not in the book"
        );
    }
}
