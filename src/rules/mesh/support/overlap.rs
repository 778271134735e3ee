//! Ranges of clusters of one mesh that overlap, whatever they are for.

use crate::finding::Finding;
use crate::mesh::compare::{Owned, heaps, members_of, names};
use crate::rules::places;
use crate::rules::words;

/// What a finding says.
pub(crate) struct Words {
    /// `pods`
    pub(crate) what: &'static str,
    pub(crate) help: &'static str,
}

fn message(heap: &[Owned<'_, ()>], words: &Words) -> String {
    let clusters = names(&members_of(heap));
    let Some(first) = heap.first() else {
        return String::new();
    };
    if heap.iter().all(|owned| owned.range.is_same_as(first.range)) {
        let both = if clusters.len() == 2 { "both" } else { "all" };
        return format!(
            "{} {both} give their {} addresses of `{}`",
            words::clusters(&clusters),
            words.what,
            first.range
        );
    }
    let ranges: Vec<String> = heap
        .iter()
        .map(|owned| format!("`{}` of `{}`", owned.range, owned.member.name))
        .collect();
    format!("ranges of {} overlap: {}", words.what, cut_short(&ranges))
}

fn cut_short(parts: &[String]) -> String {
    const SHOWN: usize = 4;
    let shown = parts.iter().take(SHOWN).cloned().collect::<Vec<_>>().join(", ");
    match parts.len().checked_sub(SHOWN) {
        None | Some(0) => shown,
        Some(more) => format!("{shown} and {more} more"),
    }
}

fn label(owned: &Owned<'_, ()>, words: &Words) -> String {
    let Owned { member, range, .. } = owned;
    if range.by_default {
        format!(
            "`{}` keeps the chart's default `{range}`: nothing is set here",
            member.name
        )
    } else {
        format!("{} of `{}` are in `{range}`", words.what, member.name)
    }
}

/// One finding for each heap of ranges in which several clusters meet.
pub(crate) fn overlaps(ranges: Vec<Owned<'_, ()>>, words: &Words) -> Vec<Finding> {
    let mut findings: Vec<Finding> = Vec::new();
    for mut heap in heaps(ranges) {
        let members = members_of(&heap);
        if members.len() < 2 {
            continue;
        }
        heap.sort_by_key(|owned| (owned.member.cluster, owned.range.first));
        let Some((first, others)) = heap.split_first() else {
            continue;
        };
        let finding = places::at(message(&heap, words), &first.range.place, label(first, words));
        let finding = others.iter().fold(finding, |finding, owned| {
            places::also(finding, &owned.range.place, label(owned, words))
        });
        // Both address families left at their defaults are one omission.
        let told = |other: &Finding| other.primary().span == finding.primary().span;
        if !findings.iter().any(told) {
            findings.push(finding.help(words.help).clusters(names(&members)));
        }
    }
    findings
}
