//! Three fleets after real mistakes: everything that is found in each, and nothing else.
#![allow(missing_docs, clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod common;

use meshlint::engine::{self, RunOptions};
use meshlint::source::SourceMap;

/// `level rule path:line`, one for each finding.
fn found(sources: &SourceMap) -> Vec<String> {
    let findings = engine::check(sources, &RunOptions::default()).outcome.findings;
    let show = |one: &meshlint::sink::Reported| {
        let span = one.finding.primary().span;
        let file = sources.file(span.file);
        let line = file.line_column(span.start).line;
        format!("{} {} {}:{line}", one.severity, one.rule.name, file.path())
    };
    findings.iter().map(show).collect()
}

fn fleet(name: &str) -> SourceMap {
    SourceMap::open(&common::project().join("testdata/fleets").join(name)).unwrap()
}

#[test]
fn ranges_that_meet_and_a_secret_with_two_owners() {
    assert_eq!(
        found(&fleet("seed-overlapping-ranges")),
        [
            "error cidr-kind-overlap clusters/apps/cluster-settings.yaml:9",
            "error mesh-secret-conflict infrastructure/cilium/peers.yaml:12",
        ]
    );
}

#[test]
fn a_mesh_in_one_direction_and_a_service_that_only_one_side_has() {
    assert_eq!(
        found(&fleet("seed-one-way")),
        [
            "error one-way-peering clusters/apps/cilium.yaml:40",
            "warning unresolvable-service-name clusters/apps/shop/cart.yaml:26",
            "error peer-name-not-in-certificate clusters/infra/cilium.yaml:42",
            "warning peer-port-mismatch clusters/infra/cilium.yaml:43",
            "warning global-service-not-mirrored clusters/infra/dragonfly/service.yaml:12",
        ]
    );
}

#[test]
fn an_unquoted_wildcard_hides_what_else_is_wrong() {
    let sources = fleet("seed-values-files");
    assert_eq!(found(&sources), ["error unparsable-yaml values-west.yaml:24"]);
    let quoted = sources.iter().map(|(_, file)| {
        let text = file.text().unwrap().replace("- *.mypc.loc", "- '*.mypc.loc'");
        (file.path().as_str().to_owned(), text)
    });
    assert_eq!(
        found(&SourceMap::from_memory(quoted)),
        [
            "error duplicate-cluster-id values-east.yaml:3",
            "warning certificates-not-renewed values-east.yaml:20",
            "warning certificates-not-renewed values-west.yaml:20",
        ]
    );
}
