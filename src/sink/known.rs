//! Findings that are no news: those of a baseline, or of the tree that a change began from.

use std::collections::HashMap;

use super::Reported;
use crate::source::{RepoPath, SourceMap};

/// A fault that was there before.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Known {
    /// The file of its primary label.
    pub path: String,
    /// The name of the rule.
    pub rule: String,
    /// What the finding said.
    pub message: String,
    /// [`Reported::fault`].
    pub fault: String,
    /// The clusters that had it.
    pub clusters: Vec<String>,
}

impl Known {
    /// What is left of a finding when its run is over.
    pub fn of(sources: &SourceMap, reported: &Reported) -> Self {
        let finding = &reported.finding;
        Self {
            path: sources.file(finding.primary().span.file).path().to_string(),
            rule: reported.rule.name.to_owned(),
            message: finding.message.clone(),
            fault: reported.fault.clone(),
            clusters: finding.clusters.clone(),
        }
    }
}

/// Which findings were known, and which of the known ones are still found.
#[derive(Debug, Default)]
pub struct Matches {
    /// For each finding, whether it was known.
    pub is_known: Vec<bool>,
    /// For each known one, whether it is still there.
    pub is_found: Vec<bool>,
}

/// How near to each other a finding and a known fault have to be. The nearest find each other first, so that what is
/// left over is what was added even where nothing but its place tells it from an old one.
const ROUNDS: [Nearness; 5] = [
    Nearness::SAME,
    Nearness {
        message: false,
        ..Nearness::SAME
    },
    Nearness {
        message: false,
        clusters: false,
        ..Nearness::SAME
    },
    Nearness {
        message: false,
        path: false,
        ..Nearness::SAME
    },
    Nearness {
        message: false,
        clusters: false,
        path: false,
    },
];

/// What has to be equal, besides the fault.
#[derive(Clone, Copy)]
struct Nearness {
    path: bool,
    message: bool,
    /// Else the finding may have lost some of the clusters: one that leaves the mesh makes no fault new.
    clusters: bool,
}

impl Nearness {
    const SAME: Self = Self {
        path: true,
        message: true,
        clusters: true,
    };

    fn holds(self, sources: &SourceMap, reported: &Reported, now: &str, known: &Known) -> bool {
        let finding = &reported.finding;
        let clusters = if self.clusters {
            finding.clusters == known.clusters
        } else {
            finding.clusters.iter().all(|name| known.clusters.contains(name))
                && finding.clusters.is_empty() == known.clusters.is_empty()
        };
        let message = !self.message || finding.message == known.message;
        clusters && message && (now == known.path || !self.path && may_have_moved(sources, reported, known))
    }
}

/// An object is the same in whatever file it stands. Where there is none, the file itself must have got another name:
/// one that is still there had its fault mended.
fn may_have_moved(sources: &SourceMap, reported: &Reported, known: &Known) -> bool {
    reported.finding.object.is_some() || sources.file_at(&RepoPath::clamp(&known.path)).is_none()
}

/// Pairs findings with known faults, each with one.
pub fn match_up(sources: &SourceMap, findings: &[Reported], known: &[Known]) -> Matches {
    let mut by_fault: HashMap<&str, Vec<usize>> = HashMap::new();
    for (nth, one) in known.iter().enumerate() {
        by_fault.entry(&one.fault).or_default().push(nth);
    }
    let mut matches = Matches {
        is_known: vec![false; findings.len()],
        is_found: vec![false; known.len()],
    };
    for nearness in ROUNDS {
        for (reported, is_known) in findings.iter().zip(&mut matches.is_known) {
            let Some(candidates) = by_fault.get_mut(reported.fault.as_str()).filter(|_| !*is_known) else {
                continue;
            };
            let path = sources.file(reported.finding.primary().span.file).path();
            let near = |nth: &usize| {
                known
                    .get(*nth)
                    .is_some_and(|one| nearness.holds(sources, reported, path.as_str(), one))
            };
            if let Some(at) = candidates.iter().position(near) {
                let nth = candidates.remove(at);
                *is_known = true;
                if let Some(is_found) = matches.is_found.get_mut(nth) {
                    *is_found = true;
                }
            }
        }
    }
    matches
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::finding::{Finding, ObjectRef, Severity};
    use crate::rules::find;
    use crate::source::Span;

    fn sources() -> SourceMap {
        SourceMap::from_memory([("a.yaml", "a: 1"), ("b.yaml", "b: 1"), ("c.yaml", "c: 1")])
    }

    fn found(path: &str, message: &str, clusters: &[&str]) -> Reported {
        let file = sources().file_at(&RepoPath::clamp(path)).unwrap();
        let finding = Finding::new(message, Span::new(file, 0, 1), "here");
        Reported {
            rule: find("missing-path").unwrap(),
            severity: Severity::Error,
            fingerprint: String::new(),
            fault: "fault".to_owned(),
            finding: finding.clusters(clusters.iter().copied()),
        }
    }

    fn about_an_object(mut reported: Reported) -> Reported {
        reported.finding.object = Some(ObjectRef {
            api_version: "v1".to_owned(),
            kind: "ConfigMap".to_owned(),
            namespace: None,
            name: "x".to_owned(),
        });
        reported
    }

    fn known(path: &str, message: &str, clusters: &[&str]) -> Known {
        Known {
            path: path.to_owned(),
            rule: "missing-path".to_owned(),
            message: message.to_owned(),
            fault: "fault".to_owned(),
            clusters: clusters.iter().map(|name| (*name).to_owned()).collect(),
        }
    }

    fn is_known(findings: &[Reported], known: &[Known]) -> Vec<bool> {
        match_up(&sources(), findings, known).is_known
    }

    #[test]
    fn the_nearest_find_each_other() {
        let findings =
            ["a.yaml", "b.yaml", "c.yaml"].map(|path| about_an_object(found(path, "m", &["east"])));
        assert_eq!(
            is_known(&findings, &[known("b.yaml", "m", &["east"])]),
            [false, true, false]
        );
        // One entry for each.
        let two = [
            known("c.yaml", "other words", &["east"]),
            known("gone.yaml", "m", &["east"]),
        ];
        assert_eq!(is_known(&findings, &two), [true, false, true]);
        // The one that says the same before the one that was there before.
        let findings = ["m", "n"].map(|message| found("a.yaml", message, &["east"]));
        assert_eq!(
            is_known(&findings, &[known("a.yaml", "n", &["east"])]),
            [false, true]
        );
    }

    #[test]
    fn a_fault_without_an_object_moves_only_with_its_file() {
        let finding = || found("a.yaml", "m", &["east"]);
        assert_eq!(
            is_known(&[finding()], &[known("b.yaml", "m", &["east"])]),
            [false]
        );
        assert_eq!(
            is_known(&[finding()], &[known("gone.yaml", "m", &["east"])]),
            [true]
        );
        let object = about_an_object(finding());
        assert_eq!(is_known(&[object], &[known("b.yaml", "m", &["east"])]), [true]);
    }

    #[test]
    fn clusters_may_leave_and_not_join() {
        let now = |clusters: &[&str], before: &[&str]| {
            is_known(&[found("a.yaml", "m", clusters)], &[known("a.yaml", "m", before)])[0]
        };
        assert!(now(&["east"], &["east", "west"]));
        assert!(!now(&["east", "west"], &["east"]));
        assert!(!now(&["north"], &["east"]));
        assert!(now(&[], &[]));
        assert!(!now(&[], &["east"]));
        assert!(!now(&["east"], &[]));
    }

    #[test]
    fn another_fault_is_not_known() {
        let mut other = known("a.yaml", "m", &["east"]);
        other.fault = "another".to_owned();
        let matches = match_up(&sources(), &[found("a.yaml", "m", &["east"])], &[other]);
        assert_eq!((matches.is_known, matches.is_found), (vec![false], vec![false]));
    }
}
