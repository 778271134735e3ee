//! A build without the feature `since` checks as the other does, and says what it cannot do.
#![cfg(not(feature = "since"))]
#![allow(missing_docs, clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod common;

use common::{code, run, stderr, stdout};

const FLEET: &str = "testdata/fleets/duplicate-id";

#[test]
fn an_earlier_revision_is_refused_in_words() {
    let output = run(&["check", FLEET, "--since", "HEAD"]);
    assert_eq!((code(&output), stdout(&output).as_str()), (2, ""));
    let told = stderr(&output);
    assert!(
        told.contains("--since: this build of meshlint cannot read Git"),
        "{told}"
    );
    assert!(told.contains("feature `since`"), "{told}");
    assert!(!stdout(&run(&["check", "--help"])).contains("--since"));
}

#[test]
fn everything_else_is_checked() {
    // What CI servers hand on where nobody gave a revision.
    let output = run(&["check", FLEET, "--since", "", "--format", "concise"]);
    assert_eq!(code(&output), 1, "{}", stderr(&output));
    assert!(stdout(&output).contains("error[duplicate-cluster-id]"));
}
