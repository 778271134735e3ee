use std::collections::{BTreeMap, BTreeSet};

use crate::finding::{Finding, Severity};
use crate::rules::{Category, Context, Rule};
use crate::source::Span;

/// A build refers to what is not in the repository.
pub(crate) static RULE: Rule = Rule {
    name: "remote-base-not-rendered",
    category: Category::Kustomize,
    severity: Severity::Info,
    pedantic: false,
    since: "0.1.0",
    page: include_str!("../../../rules/kustomize/remote-base-not-rendered.md"),
    check,
};

fn message(address: &str) -> String {
    format!("remote base `{address}` is not rendered")
}

fn help() -> &'static str {
    "keep a copy in the repository to have what it brings checked"
}

fn check(context: &Context<'_>, findings: &mut Vec<Finding>) {
    let mut bases: BTreeMap<&str, Base<'_>> = BTreeMap::new();
    for cluster in &context.fleet.clusters {
        for owner in cluster.own_kustomizations() {
            for opaque in owner.build.iter().flat_map(|build| &build.opaque) {
                let base = bases.entry(&opaque.address).or_default();
                base.places.insert(opaque.origin.span);
                base.clusters.insert(&cluster.name);
            }
        }
    }
    findings.extend(
        bases
            .into_iter()
            .filter_map(|(address, base)| base.finding(address)),
    );
}

/// Where an address stands, and which clusters build it.
#[derive(Debug, Default)]
struct Base<'a> {
    places: BTreeSet<Span>,
    clusters: BTreeSet<&'a str>,
}

impl Base<'_> {
    fn finding(self, address: &str) -> Option<Finding> {
        let mut places = self.places.into_iter();
        let first = places.next()?;
        let finding = Finding::new(RULE.name, message(address), first, "its objects are unknown")
            .help(help())
            .clusters(self.clusters);
        Some(places.fold(finding, |finding, span| finding.label(span, "here too")))
    }
}
