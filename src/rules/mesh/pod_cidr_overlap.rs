use super::support::compare::{Owned, heaps, members_of, names};
use super::support::places;
use crate::finding::{Finding, Severity};
use crate::mesh::{Group, Mesh};
use crate::rules::words;
use crate::rules::{Category, Context, Rule};

/// Pod ranges of clusters of one mesh have addresses in common.
pub(crate) static RULE: Rule = Rule {
    name: "pod-cidr-overlap",
    category: Category::Mesh,
    severity: Severity::Error,
    pedantic: false,
    since: "0.1.0",
    page: include_str!("../../../rules/mesh/pod-cidr-overlap.md"),
    check,
};

/// What a finding of this rule or its sister about Services says.
pub(super) struct Words {
    pub(super) rule: &'static str,
    /// `pods`
    pub(super) what: &'static str,
    pub(super) help: &'static str,
}

const WORDS: Words = Words {
    rule: "pod-cidr-overlap",
    what: "pods",
    help: "give every cluster of the mesh pod ranges that no other cluster has; a range can only be changed \
           by rebuilding the cluster, so settle it before the clusters are connected",
};

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

fn check(context: &Context<'_>, findings: &mut Vec<Finding>) {
    for group in &context.mesh.groups {
        let pods = owned(context.mesh, group);
        findings.extend(overlaps(pods, &WORDS));
    }
}

fn owned<'m>(mesh: &'m Mesh<'_>, group: &'m Group) -> Vec<Owned<'m, ()>> {
    mesh.members_of(group)
        .flat_map(|member| {
            let ranges = member.pod_cidrs.get().into_iter().flatten();
            ranges.map(move |range| Owned {
                member,
                range,
                kind: (),
            })
        })
        .collect()
}

/// One finding for each heap of ranges in which several clusters meet.
pub(super) fn overlaps(ranges: Vec<Owned<'_, ()>>, words: &Words) -> Vec<Finding> {
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
        let finding = places::at(
            words.rule,
            message(&heap, words),
            &first.range.place,
            label(first, words),
        );
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
