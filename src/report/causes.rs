//! Findings as people take them up: by level and rule, and together what one edit mends.

use std::collections::{BTreeMap, HashMap};

use crate::finding::Severity;
use crate::rules::{Category, Rule};
use crate::sink::Reported;
use crate::source::FileId;

/// The findings of one rule and level.
#[derive(Debug)]
pub(super) struct Chapter<'a> {
    pub(super) rule: &'static Rule,
    pub(super) severity: Severity,
    pub(super) causes: Vec<Cause<'a>>,
}

impl Chapter<'_> {
    /// How many findings it has.
    pub(super) fn count(&self) -> usize {
        self.causes.iter().map(Cause::count).sum()
    }
}

/// Findings of which one tells all: they say the same of several places, or ask for the same edit of one file.
#[derive(Debug)]
pub(super) struct Cause<'a> {
    pub(super) first: &'a Reported,
    pub(super) others: Vec<&'a Reported>,
}

impl Cause<'_> {
    pub(super) fn count(&self) -> usize {
        1 + self.others.len()
    }
}

/// The mildest first.
pub(super) fn chapters(findings: &[Reported]) -> Vec<Chapter<'_>> {
    type Key = (Severity, Category, &'static str);
    let mut chapters: BTreeMap<Key, Vec<&Reported>> = BTreeMap::new();
    for one in findings {
        let key = (one.severity, one.rule.category, one.rule.name);
        chapters.entry(key).or_default().push(one);
    }
    let chapters = chapters.into_iter().filter_map(|((severity, ..), findings)| {
        Some(Chapter {
            rule: findings.first()?.rule,
            severity,
            causes: causes(&findings),
        })
    });
    chapters.collect()
}

fn causes<'a>(findings: &[&'a Reported]) -> Vec<Cause<'a>> {
    let mut causes: Vec<Cause<'a>> = Vec::new();
    let mut by_message: HashMap<(&str, Option<&str>), usize> = HashMap::new();
    let mut by_edit: HashMap<(FileId, &str), usize> = HashMap::new();
    for &one in findings {
        let help = one.finding.help.as_deref();
        let said = (one.finding.message.as_str(), help);
        let edit = help.map(|help| (one.finding.primary().span.file, help));
        let known = by_message
            .get(&said)
            .or_else(|| by_edit.get(edit.as_ref()?))
            .copied();
        let at = known.unwrap_or(causes.len());
        match causes.get_mut(at) {
            Some(cause) => cause.others.push(one),
            None => causes.push(Cause {
                first: one,
                others: Vec::new(),
            }),
        }
        by_message.entry(said).or_insert(at);
        if let Some(edit) = edit {
            by_edit.entry(edit).or_insert(at);
        }
    }
    causes
}
