//! Completions and manual pages, read by the programs that they are for where those are installed.
#![allow(missing_docs, clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod common;

use std::fs;
use std::process::{Command, Output};

use common::{code, run, stderr, stdout};

const SHELLS: [&str; 5] = ["bash", "elvish", "fish", "powershell", "zsh"];
const COMMANDS: &[&str] = &[
    "check",
    "init",
    #[cfg(feature = "lsp")]
    "lsp",
    "render",
    "build",
    "diff",
    "clusters",
    "services",
    "list",
    "trace",
    "explain",
    "rules",
    "completions",
    "man",
];

/// Runs a program that may not be installed.
fn try_run(program: &str, arguments: &[&str]) -> Option<Output> {
    match Command::new(program).args(arguments).output() {
        Ok(output) => Some(output),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => None,
        Err(error) => panic!("{program}: {error}"),
    }
}

fn script(shell: &str) -> tempfile::NamedTempFile {
    let output = run(&["completions", shell]);
    assert_eq!((code(&output), stderr(&output)), (0, String::new()), "{shell}");
    let file = tempfile::NamedTempFile::new().unwrap();
    fs::write(&file, output.stdout).unwrap();
    file
}

#[test]
fn every_shell_has_a_script_with_every_command() {
    for shell in SHELLS {
        let text = fs::read_to_string(script(shell)).unwrap();
        for word in COMMANDS.iter().chain(&["--fail-on", "--select"]) {
            // fish writes long options without their dashes.
            assert!(
                text.contains(word.trim_start_matches('-')),
                "{shell} lacks {word}"
            );
        }
        // The scripts for these shells hold values of options and arguments too.
        if ["bash", "fish", "zsh"].contains(&shell) {
            assert!(text.contains("duplicate-cluster-id"), "{shell}");
        }
    }
    assert_eq!(code(&run(&["completions", "csh"])), 2);
}

#[test]
fn shells_understand_their_scripts() {
    for shell in ["bash", "zsh", "fish"] {
        let script = script(shell);
        let Some(output) = try_run(shell, &["-n", script.path().to_str().unwrap()]) else {
            continue;
        };
        assert_eq!((code(&output), stderr(&output)), (0, String::new()), "{shell}");
    }
}

#[test]
fn bash_completes_the_names_of_rules() {
    let script = script("bash");
    let complete = format!(
        "source {}; COMP_WORDS=(meshlint explain duplicate-cluster-i); COMP_CWORD=2; \
         _meshlint meshlint duplicate-cluster-i explain; echo \"${{COMPREPLY[@]}}\"",
        script.path().display()
    );
    let Some(output) = try_run("bash", &["--norc", "-c", &complete]) else {
        return;
    };
    assert_eq!(stdout(&output), "duplicate-cluster-id\n", "{}", stderr(&output));
}

#[test]
fn fish_completes_the_names_of_rules() {
    let script = script("fish");
    let complete = format!(
        "source {}; complete --do-complete 'meshlint check --select undefined-v'",
        script.path().display()
    );
    let Some(output) = try_run("fish", &["--no-config", "-c", &complete]) else {
        return;
    };
    assert!(
        stdout(&output).starts_with("undefined-variable\tAn expression"),
        "{output:?}"
    );
}

#[test]
fn every_command_has_a_manual_page() {
    let scratch = tempfile::tempdir().unwrap();
    let directory = scratch.path().join("man1");
    let output = run(&["man", "--directory", directory.to_str().unwrap()]);
    assert_eq!(
        (code(&output), stdout(&output), stderr(&output)),
        (0, String::new(), String::new())
    );
    let mut names: Vec<String> = fs::read_dir(&directory)
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    names.sort();
    let mut wanted: Vec<String> = COMMANDS.iter().map(|name| format!("meshlint-{name}.1")).collect();
    wanted.push("meshlint.1".to_owned());
    wanted.sort();
    assert_eq!(names, wanted);
    for name in names {
        let text = fs::read_to_string(directory.join(&name)).unwrap();
        let command = name
            .trim_end_matches(".1")
            .trim_start_matches("meshlint")
            .trim_start_matches('-');
        let printed = match command {
            "" => run(&["man"]),
            command => run(&["man", command]),
        };
        assert_eq!(stdout(&printed), text, "{name}");
        for section in ["NAME", "SYNOPSIS", "DESCRIPTION", "OPTIONS", "SEE ALSO"] {
            let heading = format!(".SH {section}\n");
            let quoted = format!(".SH \"{section}\"\n");
            assert!(
                text.contains(&heading) || text.contains(&quoted),
                "{name} lacks {section}"
            );
        }
        let is_long = ["", "check", "diff"].contains(&command);
        assert_eq!(text.contains("FORCE_HYPERLINK"), is_long, "{name}");
        assert_eq!(text.contains("EXIT STATUS"), is_long, "{name}");
    }
    let unknown = run(&["man", "chekc"]);
    assert_eq!(code(&unknown), 2);
    assert!(stderr(&unknown).contains("did you mean `check`?"));
}

#[test]
fn man_can_show_the_pages() {
    let page = tempfile::NamedTempFile::new().unwrap();
    for command in COMMANDS {
        fs::write(&page, run(&["man", command]).stdout).unwrap();
        let Some(output) = try_run(
            "groff",
            &["-man", "-ww", "-Tutf8", "-z", page.path().to_str().unwrap()],
        ) else {
            return;
        };
        assert_eq!((code(&output), stderr(&output)), (0, String::new()), "{command}");
    }
}
