//! One repository for every layout in which clusters and their Cilium are found in the wild, and the same faults in each.
//!
//! A layout is a folder in `testdata/layouts`: the repository of a correct fleet below `repository`, and `layout.toml`, which
//! says what is to be seen of it and which faults are planted, one at a time. A new folder is a new row of the table; nothing
//! else is to be changed. `cargo test --test layouts -- --nocapture` prints the table with its score.
#![allow(
    missing_docs,
    unreachable_pub,
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::print_stdout
)]

#[path = "../common/mod.rs"]
mod common;
mod layout;
mod row;

use std::collections::BTreeSet;

use layout::Layout;
use row::{Outcome, Row};

/// What is planted into every layout whose clusters are meshed, unless it says why its files cannot tell.
const EVERYWHERE: [&str; 5] = [
    "duplicate-cluster-id",
    "pod-cidr-overlap",
    "one-way-peering",
    "peer-port-mismatch",
    "encryption-mismatch",
];

#[test]
fn every_layout_is_seen_and_each_fault_in_it_is_named_on_its_line() {
    let rows: Vec<Row> = Layout::all().iter().map(Row::of).collect();
    let (mut held, mut all) = (0, 0);
    for row in &rows {
        held += row.held();
        all += row.outcomes.len();
        println!("{row}");
    }
    println!("{held} of {all} hold in {} layouts", rows.len());
    let broken: Vec<String> = rows.iter().flat_map(Row::broken).collect();
    assert!(broken.is_empty(), "{}", broken.join("\n"));
}

#[test]
fn the_same_faults_are_planted_everywhere() {
    for layout in Layout::all().iter().filter(|layout| layout.meshed) {
        let planted: BTreeSet<&str> = layout.fault.iter().map(|fault| fault.rule.as_str()).collect();
        let excused = |rule: &&str| planted.contains(rule) || layout.untold.contains_key(*rule);
        let without: Vec<&&str> = EVERYWHERE.iter().filter(|rule| !excused(rule)).collect();
        assert!(without.is_empty(), "{}: no {without:?}", layout.name);
    }
}

#[test]
fn what_is_pending_names_a_check_of_its_layout() {
    for layout in Layout::all() {
        let row = Row::of(&layout);
        let checks: BTreeSet<&str> = row
            .outcomes
            .iter()
            .map(|one: &Outcome| one.check.as_str())
            .collect();
        for pending in &layout.pending {
            assert!(
                pending == "everything" || checks.contains(pending.as_str()),
                "{}: `{pending}` is no check of it",
                layout.name
            );
        }
    }
}
