use std::collections::{BTreeMap, BTreeSet};

use crate::finding::{Finding, Severity};
use crate::rules::{Category, Context, Rule};
use crate::source::{FileId, Span};

/// A build refers to what is not in the repository.
pub(crate) static RULE: Rule = Rule {
    name: "remote-base-not-rendered",
    category: Category::Kustomize,
    severity: Severity::Info,
    pedantic: true,
    since: "0.1.0",
    page: include_str!("../../../rules/kustomize/remote-base-not-rendered.md"),
    check,
};

fn message(address: &str, others: usize) -> String {
    match others {
        0 => format!("remote base `{address}` is not rendered"),
        1 => format!("remote base `{address}` and another beside it are not rendered"),
        _ => format!("remote base `{address}` and {others} others beside it are not rendered"),
    }
}

fn help() -> &'static str {
    "keep a copy in the repository to have what it brings checked"
}

/// Labels for further addresses of one list.
const MAX_BESIDE: usize = 4;

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
    // A list of many files of one server and directory is one decision of whoever wrote it.
    let mut lists: BTreeMap<List<'_>, Vec<(&str, Base<'_>)>> = BTreeMap::new();
    for (address, base) in bases {
        let files = base.places.iter().map(|place| place.file).collect();
        let directory = address
            .rsplit_once('/')
            .map_or(address, |(directory, _)| directory);
        lists
            .entry((files, directory, base.clusters.clone()))
            .or_default()
            .push((address, base));
    }
    findings.extend(lists.into_values().filter_map(|mut list| {
        list.sort_by_key(|(_, base)| base.places.first().copied());
        let members = list.iter().filter_map(|one| finding(std::slice::from_ref(one)));
        Some(finding(&list)?.members(members))
    }));
}

/// The files that hold addresses, the directory that these share, and the clusters that build them.
type List<'a> = (BTreeSet<FileId>, &'a str, BTreeSet<&'a str>);

/// Where an address stands, and which clusters build it.
#[derive(Debug, Default)]
struct Base<'a> {
    places: BTreeSet<Span>,
    clusters: BTreeSet<&'a str>,
}

fn finding(list: &[(&str, Base<'_>)]) -> Option<Finding> {
    let ((address, base), others) = list.split_first()?;
    let mut places = base.places.iter();
    let first = places.next()?;
    let finding = Finding::new(message(address, others.len()), *first, "its objects are unknown")
        .help(help())
        .clusters(base.clusters.iter().copied());
    let finding = places.fold(finding, |finding, span| finding.label(*span, "here too"));
    let beside = others.iter().filter_map(|(_, other)| other.places.first());
    Some(beside.take(MAX_BESIDE).fold(finding, |finding, span| {
        finding.label(*span, "nor is this one rendered")
    }))
}
