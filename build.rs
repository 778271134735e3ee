//! Tells the tests which inputs from outside are at hand, so that those that need one are reported as ignored where it is not.
//! Nothing of it reaches the program.
#![allow(clippy::print_stdout)]

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

fn main() {
    println!("cargo::rerun-if-changed=build.rs");
    for variable in INPUTS {
        let name = variable.to_ascii_lowercase();
        println!("cargo::rustc-check-cfg=cfg({name})");
        println!("cargo::rerun-if-env-changed={variable}");
        if std::env::var_os(variable).is_some() {
            println!("cargo::rustc-cfg={name}");
        }
    }
}
