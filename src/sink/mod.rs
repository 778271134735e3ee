//! The one place where policy meets findings: which rules speak, which clusters are looked at, what is one finding
//! and not five, in which order they come, and what they are called from one run to the next.

pub mod baseline;
mod entries;
mod fingerprint;
mod ignores;
mod known;
mod level;
mod members;
mod select;
mod summary;

use std::collections::{BTreeMap, BTreeSet};

pub use entries::{IgnoreEntry, apply as apply_entries};
pub use ignores::apply as apply_ignores;
pub use known::{Known, Marks, Matches, match_up};
pub use level::{Level, Levels};
pub use members::Member;
pub use select::{Selector, UnknownSelector};
pub use summary::{ClusterSummary, Outcome, Summary, count_unknown, is_manifest};

use crate::finding::{Finding, Label, Severity};
use crate::rules::Rule;
use crate::source::{SourceMap, Span};

/// What the person running the program wants to hear of.
#[derive(Debug, Clone, Default)]
pub struct Policy {
    /// Only these rules run; empty for every rule that is not pedantic.
    pub select: Vec<Selector>,
    /// Findings of these rules are counted as suppressed.
    pub ignore: Vec<Selector>,
    /// Only findings that concern one of these clusters, or none in particular; empty for all.
    pub clusters: Vec<String>,
    /// The rules that run unless `select` says otherwise; empty for every rule that is not pedantic.
    pub preselected: Vec<Selector>,
    /// Levels other than the rules' own. A pedantic rule runs when one is set for it by name.
    pub levels: Levels,
    /// Findings that the configuration leaves out.
    pub entries: Vec<IgnoreEntry>,
}

impl Policy {
    /// Whether `rule` is to run: as `select` says, else as its level and what is preselected say. What is off only runs
    /// when `select` names it.
    pub fn runs(&self, rule: &'static Rule) -> bool {
        let covered = |selectors: &[Selector]| selectors.iter().any(|selector| selector.covers(rule));
        let named = |selector: &Selector| matches!(selector, Selector::Rule(_)) && selector.covers(rule);
        if self.select.iter().any(named) {
            return true;
        }
        if self.levels.of(rule) == Some(Level::Off) {
            return false;
        }
        if !self.select.is_empty() {
            return covered(&self.select);
        }
        if self.levels.of_itself(rule).is_some() {
            return true;
        }
        match self.preselected.as_slice() {
            [] => Selector::Default.covers(rule),
            preselected => covered(preselected),
        }
    }

    fn severity(&self, rule: &Rule, finding: &Finding) -> Severity {
        match self.levels.of(rule) {
            Some(Level::At(severity)) => severity,
            Some(Level::Off) | None => finding.severity.unwrap_or(rule.severity),
        }
    }

    fn ignores(&self, rule: &'static Rule) -> bool {
        self.ignore.iter().any(|selector| selector.covers(rule))
    }

    fn looks_at(&self, clusters: &[String]) -> bool {
        self.clusters.is_empty()
            || clusters.is_empty()
            || clusters.iter().any(|cluster| self.clusters.contains(cluster))
    }
}

/// A finding as every report shows it.
#[derive(Debug, Clone)]
pub struct Reported {
    /// The rule that it breaks.
    pub rule: &'static Rule,
    /// Its level.
    pub severity: Severity,
    /// The same from run to run for as long as the fault is there, whatever lines move.
    pub fingerprint: String,
    /// What the fault is, whichever clusters have it and wherever its object stands. Several findings may have the same.
    pub fault: String,
    /// The finding.
    pub finding: Finding,
    /// The faults that it stands for, in the order of [`Finding::faults`].
    pub members: Vec<Member>,
}

/// What the sink lets through.
#[derive(Debug, Default)]
pub struct Sorted {
    /// By path, position and rule.
    pub findings: Vec<Reported>,
    /// How many findings were left out because they are ignored.
    pub suppressed: usize,
}

impl Sorted {
    /// How many findings have that level.
    pub fn count(&self, severity: Severity) -> usize {
        self.findings
            .iter()
            .filter(|one| one.severity == severity)
            .count()
    }
}

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
        if !policy.looks_at(&finding.clusters) {
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

/// Takes groups apart of which some members, and not all, are marked: what hides one fault hides no other.
fn apart(
    found: Vec<(&'static Rule, Finding)>,
    is_marked: impl Fn(&'static Rule, &Finding) -> bool,
) -> impl Iterator<Item = (&'static Rule, Finding)> {
    found.into_iter().flat_map(move |(rule, mut finding)| {
        let marked = finding
            .members
            .iter()
            .filter(|member| is_marked(rule, member))
            .count();
        let all = if marked > 0 && marked < finding.members.len() {
            std::mem::take(&mut finding.members)
        } else {
            vec![finding]
        };
        all.into_iter().map(move |finding| (rule, finding))
    })
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
    first.severity = first.severity.max(other.severity);
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
