//! Ignore comments against what the rules found.

use std::collections::{BTreeMap, BTreeSet};

use super::Policy;
use super::apart::apart;
use crate::finding::Finding;
use crate::rules::{IgnoreComment, Name, RULES, Rule, UNUSED_IGNORE, ignore_comments, unused_ignore};
use crate::source::{FileId, Span};
use crate::yaml::Store;

/// Takes out what comments ignore and adds those that ignore nothing. Gives the rest, and how many findings were taken
/// out of those that the policy shows.
pub fn apply(
    store: &Store<'_>,
    policy: &Policy,
    found: Vec<(&'static Rule, Finding)>,
) -> (Vec<(&'static Rule, Finding)>, usize) {
    let comments = ignore_comments(store, RULES);
    if comments.is_empty() {
        return (found, 0);
    }
    let effective = comments.iter().filter(|comment| comment.flaw.is_none());
    let mut ranges = Ranges::of(&comments);
    // A fault that several clusters share is one finding.
    let mut suppressed: BTreeSet<(Span, &str, String)> = BTreeSet::new();
    let mut kept = Vec::with_capacity(found.len());
    let is_named = |rule: &'static Rule, finding: &Finding| ranges.hold(rule, finding.primary().span);
    let found: Vec<_> = apart(found, is_named).collect();
    for (rule, finding) in found {
        let at = finding.primary().span;
        if !ranges.hold(rule, at) {
            kept.push((rule, finding));
            continue;
        }
        ranges.note(rule, at);
        if policy.looks_at(&finding.clusters) {
            suppressed.insert((at, rule.name, finding.message));
        }
    }
    let used = ranges.used();
    if policy.runs(UNUSED_IGNORE) {
        let names = effective.flat_map(|comment| &comment.names);
        let unused = names.filter(|name| {
            // A rule that did not run might have found something.
            name.rule.is_some_and(|rule| policy.runs(rule)) && !used.contains(&name.span)
        });
        kept.extend(unused.map(|name| (UNUSED_IGNORE, unused_ignore(name))));
    }
    (kept, suppressed.len())
}

/// What the comments cover, by rule and file.
#[derive(Default)]
struct Ranges<'a>(BTreeMap<(&'static str, FileId), OfFile<'a>>);

/// What comments cover of one file for one rule.
#[derive(Default)]
struct OfFile<'a> {
    /// By start; the second is the furthest end of this one and those before.
    ranges: Vec<(Span, u32, &'a Name)>,
    /// Where findings were ignored.
    ignored: Vec<Span>,
}

impl<'a> Ranges<'a> {
    fn of(comments: &'a [IgnoreComment]) -> Self {
        let mut all = Self::default();
        for comment in comments.iter().filter(|comment| comment.flaw.is_none()) {
            let Some(range) = comment.range else { continue };
            let mut seen = BTreeSet::new();
            for name in &comment.names {
                let Some(rule) = name.rule.filter(|rule| seen.insert(rule.name)) else {
                    continue;
                };
                let of_file = all.0.entry((rule.name, range.file)).or_default();
                of_file.ranges.push((range, range.end, name));
            }
        }
        for of_file in all.0.values_mut() {
            of_file.ranges.sort_by_key(|(range, ..)| *range);
            let mut furthest = 0;
            for (range, end, _) in &mut of_file.ranges {
                furthest = furthest.max(range.end);
                *end = furthest;
            }
        }
        all
    }

    /// Whether a comment ignores what `rule` found at a place.
    fn hold(&self, rule: &Rule, at: Span) -> bool {
        let Some(of_file) = self.0.get(&(rule.name, at.file)) else {
            return false;
        };
        let before = of_file
            .ranges
            .partition_point(|(range, ..)| range.start <= at.start);
        let furthest = before.checked_sub(1).and_then(|last| of_file.ranges.get(last));
        furthest.is_some_and(|(_, end, _)| at.end <= *end)
    }

    /// Notes that something was ignored there.
    fn note(&mut self, rule: &Rule, at: Span) {
        if let Some(of_file) = self.0.get_mut(&(rule.name, at.file)) {
            of_file.ignored.push(at);
        }
    }

    /// The names in comments that ignored something.
    fn used(mut self) -> BTreeSet<Span> {
        self.0.values_mut().flat_map(OfFile::used).collect()
    }
}

impl OfFile<'_> {
    /// From the back, with the nearest end of what was ignored behind each range's start.
    fn used(&mut self) -> Vec<Span> {
        self.ignored.sort_unstable();
        let mut nearest = u32::MAX;
        let mut used = Vec::new();
        for (range, _, name) in self.ranges.iter().rev() {
            while let Some(last) = self.ignored.pop_if(|last| last.start >= range.start) {
                nearest = nearest.min(last.end);
            }
            if nearest <= range.end {
                used.push(name.span);
            }
        }
        used
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rules::find;
    use crate::source::SourceMap;

    const TEXT: &str = "x: 1\na: 2 # meshlint: ignore[missing-path, missing-source] why\nb: 3\n";

    #[test]
    fn ranges_within_ranges_are_told_apart() {
        let text = "# meshlint: ignore[missing-path] all of it\nx:\n  # meshlint: ignore[missing-path] this\n  a: 1\n  b: 2\n\
                    # meshlint: ignore[missing-path] not this\ny: 3\n";
        let sources = SourceMap::from_memory([("a.yaml", text)]);
        let store = Store::new(&sources);
        let (file, _) = sources.iter().next().unwrap();
        let rule = find("missing-path").unwrap();
        let found = |at: &str| {
            let at = text.find(at).unwrap() + 3;
            let place = Span::new(file, at, at + 1);
            let (kept, suppressed) = apply(
                &store,
                &Policy::default(),
                vec![(rule, Finding::new("no", place, "here"))],
            );
            (kept.len(), suppressed)
        };
        // Each comment that ignores nothing is a finding.
        assert_eq!(found("a: 1"), (1, 1));
        assert_eq!(found("b: 2"), (2, 1));
        assert_eq!(found("y: 3"), (1, 1));
    }

    fn names(policy: &Policy, at: usize) -> (Vec<&'static str>, usize) {
        let sources = SourceMap::from_memory([("a.yaml", TEXT)]);
        let store = Store::new(&sources);
        let (file, _) = sources.iter().next().unwrap();
        let rule = find("missing-path").unwrap();
        let place = Span::new(file, at, at + 1);
        let found = ["east", "west"].map(|cluster| {
            let finding = Finding::new("no such path", place, "here").clusters([cluster]);
            (rule, finding)
        });
        let (kept, suppressed) = apply(&store, policy, found.into());
        (kept.into_iter().map(|(rule, _)| rule.name).collect(), suppressed)
    }

    #[test]
    fn what_is_ignored_is_counted_once_and_what_is_ignored_in_vain_is_told() {
        let value = TEXT.find('2').unwrap();
        assert_eq!(names(&Policy::default(), value), (vec!["unused-ignore"], 1));
        let elsewhere = TEXT.find('3').unwrap();
        assert_eq!(
            names(&Policy::default(), elsewhere),
            (
                vec!["missing-path", "missing-path", "unused-ignore", "unused-ignore"],
                0
            )
        );
    }

    #[test]
    fn a_rule_that_did_not_run_is_not_ignored_in_vain() {
        let select = ["missing-path", "unused-ignore"];
        let policy = Policy {
            select: select
                .iter()
                .map(|word| super::super::Selector::parse(word).unwrap())
                .collect(),
            ..Policy::default()
        };
        assert_eq!(names(&policy, TEXT.find('2').unwrap()), (vec![], 1));
    }
}
