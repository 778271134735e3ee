//! Baselines: the findings that a repository had when meshlint was turned on, in a file beside it.
//!
//! `schema/meshlint-baseline-v1.json` describes the file. It has one finding on each line, in the order of paths, so that
//! people can review what changes in it.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::{Known, Policy};
use crate::neutral::to_json_line;
use crate::rules::find;

/// The version of the file that this program reads and writes.
const VERSION: u64 = 1;

/// Why a text is no baseline.
#[derive(Debug, thiserror::Error)]
pub enum MalformedBaseline {
    /// Not JSON, or not of the right form; says where.
    #[error("it is no baseline: {0}")]
    Form(#[from] serde_json::Error),
    /// Written by another version of the program.
    #[error("it is of version {0}, and this meshlint reads version {VERSION} only")]
    Version(u64),
}

#[derive(Deserialize)]
struct Version {
    version: u64,
}

#[derive(Deserialize)]
struct Document {
    findings: Vec<BaselineEntry>,
}

#[derive(Serialize, Deserialize)]
struct BaselineEntry {
    path: String,
    rule: String,
    message: String,
    clusters: Vec<String>,
    fingerprint: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    fault: Option<String>,
    #[serde(default = "one", skip_serializing_if = "is_one")]
    count: usize,
}

fn one() -> usize {
    1
}

fn is_one(count: &usize) -> bool {
    *count == 1
}

/// A count larger than the number of findings of any repository says nothing that this one does not.
const MAX_COUNT: usize = 100_000;

/// Reads a baseline.
///
/// # Errors
/// When the text is none that this version reads.
pub fn parse(text: &str) -> Result<Vec<Known>, MalformedBaseline> {
    let Version { version } = serde_json::from_str(text)?;
    if version != VERSION {
        return Err(MalformedBaseline::Version(version));
    }
    let document: Document = serde_json::from_str(text)?;
    let mut all = Vec::new();
    for entry in document.findings {
        let known = Known {
            path: entry.path,
            rule: entry.rule,
            message: entry.message,
            fault: entry.fingerprint,
            member: entry.fault,
            clusters: entry.clusters,
        };
        let room = MAX_COUNT.saturating_sub(all.len());
        all.extend(std::iter::repeat_n(known, entry.count.min(room).max(1)));
    }
    Ok(all)
}

/// Writes a baseline.
pub fn text(known: impl IntoIterator<Item = Known>) -> String {
    let mut counts: BTreeMap<Known, usize> = BTreeMap::new();
    for one in known {
        *counts.entry(one).or_default() += 1;
    }
    let lines: Vec<String> = counts
        .into_iter()
        .filter_map(|(known, count)| {
            let entry = BaselineEntry {
                path: known.path,
                rule: known.rule,
                message: known.message,
                clusters: known.clusters,
                fingerprint: known.fault,
                fault: known.member,
                count,
            };
            // Texts and numbers can always be written.
            to_json_line(&entry).ok()
        })
        .map(|line| format!("\n    {line}"))
        .collect();
    let end = if lines.is_empty() { "" } else { "\n  " };
    format!(
        "{{\n  \"version\": {VERSION},\n  \"findings\": [{}{end}]\n}}\n",
        lines.join(",")
    )
}

/// Whether a run under that policy would have shown the fault, were it still there.
pub fn would_show(policy: &Policy, known: &Known) -> bool {
    // No run finds what a rule that is gone once found.
    let runs = find(&known.rule).is_none_or(|rule| policy.runs(rule) && !policy.ignores(rule));
    runs && policy.looks_at(&known.clusters)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sink::Selector;

    fn known(path: &str, rule: &str) -> Known {
        Known {
            path: path.to_owned(),
            rule: rule.to_owned(),
            message: "`a` is \"1\"".to_owned(),
            fault: "0123".to_owned(),
            member: None,
            clusters: vec!["east".to_owned()],
        }
    }

    #[test]
    fn a_baseline_reads_back_sorted_one_finding_a_line() {
        let (a, b) = (known("a.yaml", "missing-path"), known("b.yaml", "missing-path"));
        let written = text([b.clone(), a.clone(), b.clone()]);
        assert_eq!(written.lines().count(), 5 + 2);
        assert!(
            written.contains("\"fingerprint\":\"0123\",\"count\":2}\n"),
            "{written}"
        );
        assert_eq!(parse(&written).unwrap(), [a, b.clone(), b]);
        assert_eq!(text([]), "{\n  \"version\": 1,\n  \"findings\": []\n}\n");
    }

    #[test]
    fn what_is_no_baseline_is_refused_with_the_place() {
        let refused = |text: &str| parse(text).unwrap_err().to_string();
        assert!(refused("").contains("line 1 column 0"));
        assert!(refused("[1]").contains("line 1"));
        assert!(refused("{\n  \"version\": 1,\n  \"findings\": [{}]\n}").contains("line 3"));
        assert!(refused("{\"version\": 2, \"findings\": 1}").contains("version 2"));
    }

    #[test]
    fn a_count_cannot_exhaust_memory() {
        let line = text([known("a", "b")]).replace("\"0123\"}", "\"0123\",\"count\":99999999999}");
        assert_eq!(parse(&line).unwrap().len(), MAX_COUNT);
    }

    #[test]
    fn filters_hide_what_they_leave_out() {
        let policy = Policy {
            select: vec![Selector::parse("missing-path").unwrap()],
            clusters: vec!["west".to_owned()],
            ..Policy::default()
        };
        let mut one = known("a", "missing-path");
        assert!(would_show(&Policy::default(), &one));
        assert!(!would_show(&policy, &one), "another cluster");
        one.clusters = vec!["east".to_owned(), "west".to_owned()];
        assert!(would_show(&policy, &one));
        one.rule = "missing-source".to_owned();
        assert!(!would_show(&policy, &one), "another rule");
        one.rule = "no-such-rule-any-more".to_owned();
        assert!(would_show(&policy, &one));
    }
}
