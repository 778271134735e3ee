//! The one place where policy meets findings: which rules speak, which clusters are looked at, what is one finding
//! and not five, in which order they come, and what they are called from one run to the next.

mod apart;
pub mod baseline;
mod entries;
mod fingerprint;
mod ignores;
mod known;
mod level;
mod members;
mod policy;
mod reported;
mod select;
mod sight;
mod summary;

pub use policy::{IgnoreEntry, Policy};
pub use reported::{Member, Reported, Sorted};
use std::collections::{BTreeMap, BTreeSet};

pub use entries::apply as apply_entries;
pub use ignores::apply as apply_ignores;
pub use known::{Fixed, Known, Marks, Matches, match_up};
pub use level::{Level, Levels};
pub use select::{Selector, UnknownSelector};
pub use sight::{MeshSight, UnknownFact};
pub use summary::{ClusterSummary, Outcome, Summary, count_unknown};

use crate::finding::{Finding, Fix, Label, Severity};
use crate::rules::Rule;
use crate::source::{SourceMap, Span};

/// Applies the policy to what the rules found in those clusters. The result does not depend on the order of `found`.
pub fn collect(
    sources: &SourceMap,
    policy: &Policy,
    clusters: &BTreeSet<&str>,
    found: Vec<(&'static Rule, Finding)>,
) -> Sorted {
    let mut suppressed = 0;
    let mut findings = Vec::new();
    for (rule, finding) in merge(found) {
        if !policy.looks_at(&finding.clusters) || !policy.hears(rule, &finding) {
            continue;
        }
        if policy.ignores(rule) {
            suppressed += 1;
            continue;
        }
        let severity = policy.severity(rule, &finding);
        findings.push(Reported {
            rule,
            severity,
            fingerprint: String::new(),
            fault: String::new(),
            members: members::of(sources, clusters, rule, &finding),
            finding,
        });
    }
    fingerprint::assign(sources, &mut findings);
    Sorted { findings, suppressed }
}

/// Makes one finding of those that say the same of the same place, which is what a fault in a file that several
/// clusters render looks like. Sorted by path, position and rule.
fn merge(found: Vec<(&'static Rule, Finding)>) -> Vec<(&'static Rule, Finding)> {
    type Key = (Span, &'static str, String);
    let mut merged: BTreeMap<Key, (&'static Rule, Vec<Finding>)> = BTreeMap::new();
    for (rule, finding) in found {
        let key = (finding.primary().span, rule.name, finding.message.clone());
        merged.entry(key).or_insert((rule, Vec::new())).1.push(finding);
    }
    merged
        .into_values()
        .filter_map(|(rule, mut same)| {
            // Rules run in parallel, so only the content may decide who comes first.
            same.sort_by(|a, b| {
                (&a.clusters, &a.object, &a.labels, &a.route).cmp(&(
                    &b.clusters,
                    &b.object,
                    &b.labels,
                    &b.route,
                ))
            });
            let united = same.into_iter().reduce(unite)?;
            Some((rule, united))
        })
        .collect()
}

/// The members of groups that are one.
fn united(members: impl Iterator<Item = Finding>) -> Vec<Finding> {
    let mut same: BTreeMap<(Span, String), Finding> = BTreeMap::new();
    for member in members {
        let key = (member.primary().span, member.message.clone());
        let member = match same.remove(&key) {
            Some(known) => unite(known, member),
            None => member,
        };
        same.insert(key, member);
    }
    same.into_values().collect()
}

fn unite(mut first: Finding, other: Finding) -> Finding {
    if !(first.members.is_empty() && other.members.is_empty()) {
        first.members = united(first.faults().iter().chain(other.faults()).cloned());
    }
    for Label { span, text, primary } in other.labels {
        if !primary {
            first = first.label(span, text);
        }
    }
    if first.help.is_none() {
        first.help = other.help;
    }
    let fixes: Vec<&Fix> = first.fix.iter().chain(&other.fix).collect();
    first.fix = Fix::all(&fixes);
    first.severity = first.severity.max(other.severity);
    first.pedantic &= other.pedantic;
    first.clusters(other.clusters)
}

/// The level from which on findings make the run fail.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, clap::ValueEnum)]
pub enum FailOn {
    /// Errors only.
    #[default]
    Error,
    /// Warnings and errors.
    Warning,
    /// Any finding.
    Info,
    /// Nothing.
    Never,
}

impl FailOn {
    /// Whether a finding of that level makes the run fail.
    pub fn reached_by(self, severity: Severity) -> bool {
        match self {
            Self::Error => severity >= Severity::Error,
            Self::Warning => severity >= Severity::Warning,
            Self::Info => true,
            Self::Never => false,
        }
    }
}

#[cfg(test)]
mod tests;
