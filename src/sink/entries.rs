//! Findings that the configuration leaves out, by rule and path, by cluster and object.

use std::collections::BTreeSet;

use super::apart::apart;
use super::policy::{IgnoreEntry, Policy};
use crate::finding::Finding;
use crate::rules::{Rule, UNUSED_IGNORE, unused_ignore_entry};
use crate::source::{SourceMap, Span};

/// Takes out what the entries ignore and adds those that ignore nothing. Gives the rest, and how many findings were
/// taken out of those that the policy shows.
pub fn apply(
    sources: &SourceMap,
    policy: &Policy,
    found: Vec<(&'static Rule, Finding)>,
) -> (Vec<(&'static Rule, Finding)>, usize) {
    let entries = &policy.entries;
    let mut used = vec![false; entries.len()];
    // A fault that several clusters share is one finding.
    let mut suppressed: BTreeSet<(Span, &str, String)> = BTreeSet::new();
    let mut kept = Vec::with_capacity(found.len());
    let is_covered = |rule: &'static Rule, finding: &Finding| {
        entries
            .iter()
            .any(|entry| entry.covers(sources, rule, finding) && !entry.leaves_some(&finding.clusters))
    };
    for (rule, mut finding) in apart(found, is_covered) {
        let at = finding.primary().span;
        let mut ignored = false;
        for (entry, used) in entries.iter().zip(&mut used) {
            if entry.covers(sources, rule, &finding) {
                *used = true;
                ignored |= !entry.leaves_some(&finding.clusters);
                if !ignored {
                    finding
                        .clusters
                        .retain(|cluster| !entry.clusters.contains(cluster));
                }
            }
        }
        if !ignored {
            kept.push((rule, finding));
        } else if policy.looks_at(&finding.clusters) {
            suppressed.insert((at, rule.name, finding.message));
        }
    }
    if policy.runs(UNUSED_IGNORE) {
        // A rule that did not run might have found something.
        let unused = entries
            .iter()
            .zip(used)
            .filter(|(entry, used)| !used && policy.runs(entry.rule));
        kept.extend(unused.filter_map(|(entry, _)| Some((UNUSED_IGNORE, unused_entry(sources, entry)?))));
    }
    (kept, suppressed.len())
}

impl IgnoreEntry {
    /// Whether it is about the finding, in one of its clusters at least.
    fn covers(&self, sources: &SourceMap, rule: &Rule, finding: &Finding) -> bool {
        let path = sources.file(finding.primary().span.file).path();
        let in_cluster = self.clusters.is_empty()
            || finding
                .clusters
                .iter()
                .any(|cluster| self.clusters.contains(cluster));
        self.rule.name == rule.name && in_cluster && self.is_about(finding) && self.paths.cover(path)
    }

    fn is_about(&self, finding: &Finding) -> bool {
        let Some(object) = &finding.object else {
            return self.object.is_empty();
        };
        let namespace = object.namespace.as_deref().unwrap_or_default();
        std::iter::zip(&self.object, [&*object.name, namespace, &*object.kind])
            .all(|(named, own)| named.as_str() == own)
    }

    /// Whether a finding in those clusters stays in some of them.
    fn leaves_some(&self, clusters: &[String]) -> bool {
        !self.clusters.is_empty() && clusters.iter().any(|cluster| !self.clusters.contains(cluster))
    }
}

fn unused_entry(sources: &SourceMap, entry: &IgnoreEntry) -> Option<Finding> {
    let rule_at = sources.span_of(&entry.rule_at)?;
    let path_at = sources.span_of(&entry.path_at)?;
    let reaches_a_file = sources
        .files()
        .iter()
        .any(|file| !file.is_ignored() && entry.paths.cover(file.path()));
    Some(unused_ignore_entry(entry.rule, rule_at, path_at, reaches_a_file))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rules::find;
    use crate::sink::{Level, Levels, Selector};
    use crate::source::{Anchor, Patterns};

    const CONFIG: &str = "[[ignore]]\nrule = \"missing-path\"\npath = \"/lab/\"\nreason = \"x\"\n";

    fn kept(policy: Policy, path: &str) -> (Vec<(&'static str, String)>, usize) {
        let sources = SourceMap::from_memory([
            ("lab/a.yaml", "a: 1"),
            ("b.yaml", "b: 1"),
            ("meshlint.toml", CONFIG),
        ]);
        let rule = find("missing-path").unwrap();
        let anchor = |word: &str| {
            let start = CONFIG.find(word).unwrap();
            Anchor {
                path: crate::source::RepoPath::clamp("meshlint.toml"),
                start,
                end: start + word.len(),
            }
        };
        let policy = Policy {
            entries: vec![IgnoreEntry {
                rule,
                paths: Patterns::new(["/lab/"]).unwrap(),
                clusters: Vec::new(),
                object: Vec::new(),
                rule_at: anchor("missing-path"),
                path_at: anchor("/lab/"),
            }],
            ..policy
        };
        let file = sources.file_at(&crate::source::RepoPath::clamp(path)).unwrap();
        let found = ["east", "west"].map(|cluster| {
            let finding = Finding::new("no such path", Span::new(file, 0, 1), "here").clusters([cluster]);
            (rule, finding)
        });
        let (kept, suppressed) = apply(&sources, &policy, found.into());
        let names = kept
            .into_iter()
            .map(|(rule, finding)| (rule.name, sources.snippet(finding.primary().span).to_owned()))
            .collect();
        (names, suppressed)
    }

    #[test]
    fn findings_below_the_path_are_left_out_and_counted_once() {
        assert_eq!(kept(Policy::default(), "lab/a.yaml"), (vec![], 1));
    }

    #[test]
    fn an_entry_that_ignores_nothing_is_told_where_it_stands() {
        let here = ("missing-path", "b".to_owned());
        let unused = ("unused-ignore", "missing-path".to_owned());
        assert_eq!(
            kept(Policy::default(), "b.yaml"),
            (vec![here.clone(), here, unused], 0)
        );
    }

    #[test]
    fn an_entry_for_a_rule_that_is_off_is_not_unused() {
        let mut levels = Levels::default();
        levels.set_rule(find("missing-path").unwrap(), Level::Off);
        let policy = Policy {
            levels,
            ..Policy::default()
        };
        assert_eq!(kept(policy, "b.yaml").0.len(), 2);
        let policy = Policy {
            select: vec![Selector::parse("missing-path").unwrap()],
            ..Policy::default()
        };
        assert_eq!(kept(policy, "b.yaml").0.len(), 2, "unused-ignore does not run");
    }
}
