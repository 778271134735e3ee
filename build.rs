//! Lists the rules that the categories name, and tells the tests which inputs from outside are at hand, so that those that need one are
//! reported as ignored where it is not.
#![allow(clippy::print_stdout)]

use std::fmt::Write as _;
use std::path::Path;
use std::{env, fs, io};

/// Each becomes a `cfg` of the same name in small letters.
const INPUTS: [&str; 10] = [
    "MESHLINT_CASES",
    "MESHLINT_CONFORMANCE",
    "MESHLINT_CORPUS",
    "MESHLINT_FIXES",
    "MESHLINT_FLUX_EXPECTED",
    "MESHLINT_HISTORIES",
    "MESHLINT_JUNIT_SCHEMA",
    "MESHLINT_KUSTOMIZE_EXPECTED",
    "MESHLINT_POLICIES",
    "MESHLINT_SARIF_SCHEMA",
];

/// In the order in which rules are listed.
const CATEGORIES: [&str; 9] = [
    "mesh",
    "service",
    "policy",
    "flux",
    "schema",
    "kustomize",
    "yaml",
    "change",
    "meshlint",
];

fn main() -> io::Result<()> {
    println!("cargo::rerun-if-changed=build.rs");
    list_rules()?;
    look_for_inputs();
    Ok(())
}

/// Writes what `src/rules/registry.rs` includes: `RULES`, with each module that a category declares but `support`.
fn list_rules() -> io::Result<()> {
    let mut list = String::from("[\n");
    for category in CATEGORIES {
        let file = format!("src/rules/{category}/mod.rs");
        println!("cargo::rerun-if-changed={file}");
        let text = fs::read_to_string(&file)?;
        let mut rules: Vec<&str> = text
            .lines()
            .filter_map(|line| line.strip_suffix(';')?.split_once("mod "))
            .map(|(_, name)| name)
            .collect();
        rules.retain(|name| *name != "support");
        rules.sort_unstable();
        for rule in rules {
            let _ = writeln!(list, "    &super::{category}::{rule}::RULE,");
        }
    }
    list.push_str("]\n");
    let directory = env::var_os("OUT_DIR").unwrap_or_default();
    fs::write(Path::new(&directory).join("rules.rs"), list)
}

fn look_for_inputs() {
    for variable in INPUTS {
        let name = variable.to_ascii_lowercase();
        println!("cargo::rustc-check-cfg=cfg({name})");
        println!("cargo::rerun-if-env-changed={variable}");
        if std::env::var_os(variable).is_some() {
            println!("cargo::rustc-cfg={name}");
        }
    }
}
