//! What the person running the program wants to hear of.

use super::level::{Level, Levels};
use super::select::Selector;
use crate::finding::{Finding, Severity};
use crate::rules::Rule;
use crate::source::{Anchor, Patterns};

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

    /// Whether a finding of a rule that runs is told: a pedantic one where the rule is asked for by name, or all are.
    pub(crate) fn hears(&self, rule: &'static Rule, finding: &Finding) -> bool {
        let asks = |selector: &Selector| {
            matches!(selector, Selector::All | Selector::Rule(_)) && selector.covers(rule)
        };
        let selected = match self.select.as_slice() {
            [] => &self.preselected,
            selected => selected,
        };
        !finding.pedantic || self.levels.of_itself(rule).is_some() || selected.iter().any(asks)
    }

    pub(crate) fn severity(&self, rule: &Rule, finding: &Finding) -> Severity {
        match self.levels.of(rule) {
            Some(Level::At(severity)) => severity,
            Some(Level::Off) | None => finding.severity.unwrap_or(rule.severity),
        }
    }

    pub(crate) fn ignores(&self, rule: &'static Rule) -> bool {
        self.ignore.iter().any(|selector| selector.covers(rule))
    }

    pub(crate) fn looks_at(&self, clusters: &[String]) -> bool {
        self.clusters.is_empty()
            || clusters.is_empty()
            || clusters.iter().any(|cluster| self.clusters.contains(cluster))
    }
}

/// An entry of the configuration that leaves findings out.
#[derive(Debug, Clone)]
pub struct IgnoreEntry {
    /// The rule.
    pub rule: &'static Rule,
    /// Where its findings are left out: the files of their primary labels.
    pub paths: Patterns,
    /// The clusters in which they are left out; all where none is named.
    pub clusters: Vec<String>,
    /// The object that they are about, from its name to its kind.
    pub object: Vec<String>,
    /// Where the entry names the rule.
    pub rule_at: Anchor,
    /// Where it names the paths.
    pub path_at: Anchor,
}
