//! Findings that are no news: those of a baseline, or of the tree that a change began from.

use std::collections::{BTreeMap, HashMap};

use super::Reported;
use crate::finding::Severity;
use crate::rules::Rule;
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
    /// [`Reported::fault`] of a finding that stands for it alone, or of the group where no member is named.
    pub fault: String,
    /// `Member::fault`; files of older versions name groups only.
    pub member: Option<String>,
    /// The clusters that had it.
    pub clusters: Vec<String>,
}

impl Known {
    /// What is left of a finding when its run is over.
    pub fn all_of(reported: &Reported) -> impl Iterator<Item = Self> {
        reported.members.iter().map(|member| Self {
            path: member.path.clone(),
            rule: reported.rule.name.to_owned(),
            message: member.message.clone(),
            fault: reported.fault.clone(),
            member: Some(member.fault.clone()),
            clusters: member.clusters.clone(),
        })
    }
}

/// A finding of the tree before that the tree of today does not have.
#[derive(Debug, Clone)]
pub struct Fixed {
    /// The rule.
    pub rule: &'static Rule,
    /// Its level.
    pub severity: Severity,
    /// The file of its primary label, as it was called.
    pub path: String,
    /// What it said.
    pub message: String,
}

impl Fixed {
    /// Those of the findings before of which no member is found any more; the marks stand for all members of all findings.
    pub fn all_of(before: &[Reported], is_found: &[bool]) -> Vec<Self> {
        let mut is_found = is_found.iter().copied();
        let is_gone = |one: &&Reported| {
            let members: Vec<bool> = is_found.by_ref().take(one.members.len()).collect();
            !members.contains(&true)
        };
        let fixed = |one: &Reported| Self {
            rule: one.rule,
            severity: one.severity,
            path: one
                .members
                .first()
                .map(|member| member.path.clone())
                .unwrap_or_default(),
            message: one.finding.message.clone(),
        };
        before.iter().filter(is_gone).map(fixed).collect()
    }
}

/// For each finding, which of its members are meant.
pub type Marks = Vec<Vec<bool>>;

/// Which findings were known, and which of the known ones are still found.
#[derive(Debug, Default)]
pub struct Matches {
    /// For each finding, which of its members were known.
    pub is_known: Marks,
    /// For each known one, whether it is still there.
    pub is_found: Vec<bool>,
}

/// A fault, or one that was known, as far as matching goes.
struct Item<'a> {
    fault: &'a str,
    path: &'a str,
    message: &'a str,
    clusters: &'a [String],
    /// Of a fault of today: whether it is the same in no other file.
    is_of_file: bool,
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

    fn holds(self, sources: &SourceMap, now: &Item<'_>, known: &Item<'_>) -> bool {
        let clusters = if self.clusters {
            now.clusters == known.clusters
        } else {
            now.clusters.iter().all(|name| known.clusters.contains(name))
                && now.clusters.is_empty() == known.clusters.is_empty()
        };
        let message = !self.message || now.message == known.message;
        clusters && message && (now.path == known.path || !self.path && may_have_moved(sources, now, known))
    }
}

/// An object is the same in whatever file it stands. Where there is none, the file itself must have got another name:
/// one that is still there had its fault mended.
fn may_have_moved(sources: &SourceMap, now: &Item<'_>, known: &Item<'_>) -> bool {
    !now.is_of_file || sources.file_at(&RepoPath::clamp(known.path)).is_none()
}

/// Pairs the members of findings with known faults, cluster by cluster, each with one. A member is known when it is in all of
/// its clusters. What names no member is a group as a whole.
pub fn match_up(sources: &SourceMap, findings: &[Reported], known: &[Known]) -> Matches {
    let mut matches = Matches {
        is_known: findings.iter().map(|one| vec![true; one.members.len()]).collect(),
        is_found: vec![false; known.len()],
    };
    let (now, owners) = of_members(findings);
    let (before, entries) = of_known(known);
    let pairs = pair(sources, &now, &before);
    for (at, (finding, member)) in owners.into_iter().enumerate() {
        if let Some(is_known) = matches
            .is_known
            .get_mut(finding)
            .and_then(|all| all.get_mut(member))
        {
            *is_known &= pairs.contains_key(&at);
        }
    }
    let mut found: Vec<usize> = pairs
        .values()
        .filter_map(|at| entries.get(*at).copied())
        .collect();
    found.extend(match_groups(sources, findings, known, &mut matches.is_known));
    for entry in found {
        if let Some(is_found) = matches.is_found.get_mut(entry) {
            *is_found = true;
        }
    }
    matches
}

/// Members of findings by cluster, with the places of finding and member.
fn of_members(findings: &[Reported]) -> (Vec<Item<'_>>, Vec<(usize, usize)>) {
    let members = findings.iter().enumerate().flat_map(|(finding, reported)| {
        let members = reported.members.iter().enumerate();
        members.map(move |(nth, member)| (member, (finding, nth)))
    });
    let items = members.flat_map(|(member, place)| {
        by_cluster(&member.clusters).map(move |clusters| {
            let item = Item {
                fault: &member.fault,
                path: &member.path,
                message: &member.message,
                clusters,
                is_of_file: member.is_of_file,
            };
            (item, place)
        })
    });
    items.unzip()
}

/// Known members by cluster, with their places in the list.
fn of_known(known: &[Known]) -> (Vec<Item<'_>>, Vec<usize>) {
    let members = known.iter().enumerate();
    let members = members.filter_map(|(at, one)| Some((at, one, one.member.as_deref()?)));
    let items = members.flat_map(|(at, one, fault)| {
        by_cluster(&one.clusters).map(move |clusters| (Item::of_known(one, fault, clusters), at))
    });
    items.unzip()
}

/// A fault of several clusters is one in each of them.
fn by_cluster(clusters: &[String]) -> impl Iterator<Item = &[String]> {
    clusters.chunks(1).chain(clusters.is_empty().then_some(clusters))
}

impl<'a> Item<'a> {
    fn of_known(known: &'a Known, fault: &'a str, clusters: &'a [String]) -> Self {
        Self {
            fault,
            path: &known.path,
            message: &known.message,
            clusters,
            is_of_file: false,
        }
    }
}

/// Pairs the findings that are not known yet with entries that name no members. Gives the entries.
fn match_groups(
    sources: &SourceMap,
    findings: &[Reported],
    known: &[Known],
    is_known: &mut Marks,
) -> Vec<usize> {
    let (entries, before): (Vec<usize>, Vec<Item<'_>>) = known
        .iter()
        .enumerate()
        .filter(|(_, one)| one.member.is_none())
        .map(|(at, one)| (at, Item::of_known(one, &one.fault, &one.clusters)))
        .unzip();
    if before.is_empty() {
        return Vec::new();
    }
    let (owners, now): (Vec<usize>, Vec<Item<'_>>) = findings
        .iter()
        .enumerate()
        .filter(|(at, _)| is_known.get(*at).is_none_or(|members| members.contains(&false)))
        .map(|(at, reported)| (at, group(sources, reported)))
        .unzip();
    let pairs = pair(sources, &now, &before);
    for owner in pairs.keys().filter_map(|at| owners.get(*at)) {
        if let Some(members) = is_known.get_mut(*owner) {
            members.fill(true);
        }
    }
    pairs
        .values()
        .filter_map(|at| entries.get(*at).copied())
        .collect()
}

fn group<'a>(sources: &'a SourceMap, reported: &'a Reported) -> Item<'a> {
    let finding = &reported.finding;
    Item {
        fault: &reported.fault,
        path: sources.file(finding.primary().span.file).path().as_str(),
        message: &finding.message,
        clusters: &finding.clusters,
        is_of_file: finding.object.is_none(),
    }
}

/// Pairs what is there now with what was there before, each with one, by their places in the lists.
fn pair(sources: &SourceMap, now: &[Item<'_>], before: &[Item<'_>]) -> BTreeMap<usize, usize> {
    let mut by_fault: HashMap<&str, Vec<usize>> = HashMap::new();
    for (nth, one) in before.iter().enumerate() {
        by_fault.entry(one.fault).or_default().push(nth);
    }
    let mut pairs = BTreeMap::new();
    for nearness in ROUNDS {
        for (nth, one) in now.iter().enumerate() {
            let Some(candidates) = by_fault.get_mut(one.fault).filter(|_| !pairs.contains_key(&nth)) else {
                continue;
            };
            let near = |at: &usize| {
                before
                    .get(*at)
                    .is_some_and(|old| nearness.holds(sources, one, old))
            };
            if let Some(at) = candidates.iter().position(near) {
                pairs.insert(nth, candidates.remove(at));
            }
        }
    }
    pairs
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::finding::{Finding, ObjectRef, Severity};
    use crate::rules::find;
    use crate::sink::Member;
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
            members: vec![Member {
                fault: "member".to_owned(),
                path: path.to_owned(),
                message: message.to_owned(),
                clusters: clusters.iter().map(|name| (*name).to_owned()).collect(),
                is_of_file: true,
            }],
            finding: finding.clusters(clusters.iter().copied()),
        }
    }

    fn about_an_object(mut reported: Reported) -> Reported {
        reported.members[0].is_of_file = false;
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
            member: Some("member".to_owned()),
            clusters: clusters.iter().map(|name| (*name).to_owned()).collect(),
        }
    }

    fn is_known(findings: &[Reported], known: &[Known]) -> Vec<bool> {
        let by_member = match_up(&sources(), findings, known).is_known.concat();
        // Files of older versions say the same of findings that stand for one fault.
        let older: Vec<Known> = known
            .iter()
            .cloned()
            .map(|one| Known { member: None, ..one })
            .collect();
        assert_eq!(
            match_up(&sources(), findings, &older).is_known.concat(),
            by_member
        );
        by_member
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
        other.member = Some("another".to_owned());
        let matches = match_up(&sources(), &[found("a.yaml", "m", &["east"])], &[other]);
        assert_eq!(
            (matches.is_known, matches.is_found),
            (vec![vec![false]], vec![false])
        );
    }
}
