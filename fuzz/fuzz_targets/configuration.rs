//! Any `meshlint.toml` is read, and what is wrong with it can be reported.
#![no_main]

use libfuzzer_sys::fuzz_target;
use meshlint::config;
use meshlint::report::{Format, Look, Report};
use meshlint::sink::Outcome;
use meshlint::source::{RepoPath, SourceMap};

fuzz_target!(|text: &str| {
    let sources = SourceMap::from_memory([("meshlint.toml", text), ("apps/a.yaml", "a: 1")]);
    let path = RepoPath::clamp("meshlint.toml");
    let Some(file) = sources.file_at(&path) else {
        return;
    };
    let Err(findings) = config::read(&sources, &path, file) else {
        return;
    };
    assert!(!findings.is_empty());
    let outcome = Outcome {
        findings,
        ..Outcome::default()
    };
    let report = Report {
        sources: &sources,
        outcome: &outcome,
        look: Look::PLAIN,
    };
    report.write(Format::Human, &mut Vec::new()).unwrap();
});
