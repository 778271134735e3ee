//! Findings as reports show them.

use crate::finding::{Finding, Severity};
use crate::rules::Rule;

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

/// A fault of one cluster, or of none in particular.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Member {
    /// Rule, object, route, and the fact itself.
    pub fault: String,
    /// The file of its primary label.
    pub path: String,
    /// What a finding that stands for it alone says.
    pub message: String,
    /// The clusters that have it.
    pub clusters: Vec<String>,
    /// Whether nothing but its file tells it from the same fault elsewhere.
    pub is_of_file: bool,
}
