//! A repository of three files of any text is checked as a whole and reported in every format but SARIF, which writes the pages of
//! all rules each time and would make up nearly all of a run.
#![no_main]

use libfuzzer_sys::fuzz_target;
use meshlint::engine::{self, RunOptions};
use meshlint::report::{Format, Look, Report};
use meshlint::source::SourceMap;

const ENTRY: &str = include_str!("entry.yaml");

fuzz_target!(|files: (&str, &str, &str)| {
    let sources = SourceMap::from_memory([
        ("clusters/a/flux-system/gotk-sync.yaml", ENTRY),
        ("clusters/a/first.yaml", files.0),
        ("clusters/a/second.yaml", files.1),
        ("apps/third.yaml", files.2),
    ]);
    let outcome = engine::check(&sources, &RunOptions::default()).outcome;
    for format in Format::ALL {
        let report = Report {
            sources: &sources,
            outcome: &outcome,
            look: Look::PLAIN,
        };
        report.write(*format, &mut Vec::new()).unwrap();
    }
});
