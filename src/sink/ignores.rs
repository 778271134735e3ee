//! Ignore comments against what the rules found.

use std::collections::BTreeSet;

use super::{Policy, apart};
use crate::finding::Finding;
use crate::rules::{IgnoreComment, Name, Rule, UNUSED_IGNORE, ignore_comments, unused_ignore};
use crate::source::Span;
use crate::yaml::Store;

/// Takes out what comments ignore and adds those that ignore nothing. Gives the rest, and how many findings were taken
/// out of those that the policy shows.
pub fn apply(
    store: &Store<'_>,
    policy: &Policy,
    found: Vec<(&'static Rule, Finding)>,
) -> (Vec<(&'static Rule, Finding)>, usize) {
    let comments = ignore_comments(store);
    if comments.is_empty() {
        return (found, 0);
    }
    let mut used: BTreeSet<Span> = BTreeSet::new();
    // A fault that several clusters share is one finding.
    let mut suppressed: BTreeSet<(Span, &str, String)> = BTreeSet::new();
    let mut kept = Vec::with_capacity(found.len());
    let is_named = |rule: &'static Rule, finding: &Finding| {
        let at = finding.primary().span;
        comments.iter().any(|comment| named(comment, rule, at).is_some())
    };
    for (rule, finding) in apart(found, is_named) {
        let at = finding.primary().span;
        let mut ignoring = comments
            .iter()
            .filter_map(|comment| named(comment, rule, at))
            .peekable();
        if ignoring.peek().is_none() {
            kept.push((rule, finding));
            continue;
        }
        used.extend(ignoring.map(|name| name.span));
        if policy.looks_at(&finding.clusters) {
            suppressed.insert((at, rule.name, finding.message));
        }
    }
    if policy.runs(UNUSED_IGNORE) {
        let effective = comments.iter().filter(|comment| comment.flaw.is_none());
        let names = effective.flat_map(|comment| &comment.names);
        let unused = names.filter(|name| {
            // A rule that did not run might have found something.
            name.rule.is_some_and(|rule| policy.runs(rule)) && !used.contains(&name.span)
        });
        kept.extend(unused.map(|name| (UNUSED_IGNORE, unused_ignore(name))));
    }
    (kept, suppressed.len())
}

/// The name by which a comment ignores what `rule` found at a place.
fn named<'a>(comment: &'a IgnoreComment, rule: &Rule, at: Span) -> Option<&'a Name> {
    let range = comment.range.filter(|_| comment.flaw.is_none())?;
    let within = range.file == at.file && range.start <= at.start && at.end <= range.end;
    comment
        .names
        .iter()
        .find(|name| within && name.rule.is_some_and(|named| named.name == rule.name))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rules::find;
    use crate::source::SourceMap;

    const TEXT: &str = "x: 1\na: 2 # meshlint: ignore[missing-path, missing-source] why\nb: 3\n";

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
