//! What the test programs share.
#![allow(
    dead_code,
    missing_docs,
    unreachable_pub,
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic
)]

pub mod compare;
pub mod configured;
pub mod fleet;
pub mod form;
pub mod found;
pub mod git;
pub mod junit;
pub mod mark;
pub mod page;
pub mod sarif;
pub mod schema;

use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::sync::LazyLock;

use clap::ValueEnum as _;
use meshlint::report::Format;

/// Whether generated text is to be rewritten instead of compared.
pub fn bless() -> bool {
    std::env::var_os("MESHLINT_BLESS").is_some_and(|value| value == "1")
}

/// The root of the project.
pub fn project() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

/// What a variable names that a test needs from outside. `build.rs` has the test ignored where it is not set.
pub fn outside(variable: &str) -> PathBuf {
    std::env::var_os(variable)
        .unwrap_or_else(|| panic!("{variable} is not set"))
        .into()
}

/// The repositories below `MESHLINT_CORPUS`.
pub fn corpus() -> Vec<PathBuf> {
    directories(&outside("MESHLINT_CORPUS"))
}

/// The directories in a directory, of which there is one at least.
pub fn directories(parent: &Path) -> Vec<PathBuf> {
    let mut found: Vec<PathBuf> = std::fs::read_dir(parent)
        .unwrap()
        .map(|entry| entry.unwrap().path().canonicalize().unwrap())
        .filter(|path| path.is_dir())
        .collect();
    found.sort();
    assert!(!found.is_empty(), "no directory is in {}", parent.display());
    found
}

/// The names of all output formats.
pub fn formats() -> impl Iterator<Item = &'static str> {
    static NAMES: LazyLock<Vec<String>> = LazyLock::new(|| {
        let values = Format::value_variants().iter();
        values
            .filter_map(|format| Some(format.to_possible_value()?.get_name().to_owned()))
            .collect()
    });
    NAMES.iter().map(String::as_str)
}

/// The program, started in the project with an environment that says nothing about colours.
pub fn meshlint() -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_meshlint"));
    command.current_dir(project());
    for variable in [
        "NO_COLOR",
        "CLICOLOR_FORCE",
        "FORCE_COLOR",
        "FORCE_HYPERLINK",
        "GITHUB_ACTIONS",
        "COLUMNS",
    ] {
        command.env_remove(variable);
    }
    command
}

pub fn run(arguments: &[&str]) -> Output {
    meshlint().args(arguments).output().expect("the program starts")
}

pub fn stdout(output: &Output) -> String {
    String::from_utf8(output.stdout.clone()).expect("output is UTF-8")
}

pub fn stderr(output: &Output) -> String {
    String::from_utf8(output.stderr.clone()).expect("output is UTF-8")
}

pub fn code(output: &Output) -> i32 {
    output.status.code().expect("the program was not killed")
}

/// Compares the content of a checked-in file with what it should be, or rewrites it.
pub fn check_generated(path: &Path, current: &str, wanted: &str) {
    if current == wanted {
        return;
    }
    if bless() {
        std::fs::write(path, wanted).expect("the file can be written");
        return;
    }
    let differing = current.lines().zip(wanted.lines()).find(|(a, b)| a != b);
    let (has, should) = differing.unwrap_or(("(its length)", "(another length)"));
    panic!(
        "{} is out of date; MESHLINT_BLESS=1 cargo test rewrites it\n  has:    {has}\n  should: {should}",
        path.display()
    );
}
