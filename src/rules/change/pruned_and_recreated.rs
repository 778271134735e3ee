use std::collections::BTreeMap;

use crate::change::{Fate, Owned};
use crate::finding::{Finding, Severity};
use crate::flux::Kustomization;
use crate::rules::{Category, Context, Rule};

/// A Kustomization goes, and prune deletes what another one has from now on.
pub(crate) static RULE: Rule = Rule {
    name: "pruned-and-recreated",
    category: Category::Change,
    severity: Severity::Warning,
    pedantic: false,
    since: "0.1.0",
    page: include_str!("../../../rules/change/pruned-and-recreated.md"),
    check,
};

fn message(old: &Kustomization, new: &Kustomization, count: usize) -> String {
    let s = if count == 1 { "" } else { "s" };
    format!(
        "Kustomization `{}` takes over {count} object{s} of `{}`, which is removed and prunes them",
        new.full_name(),
        old.full_name()
    )
}

const LABEL: &str = "whether it applies them before they are deleted is left to chance";

fn help(old: &Kustomization) -> String {
    format!(
        "set `deletionPolicy: Orphan` in `{}` and merge that first, or keep its name",
        old.full_name()
    )
}

/// Objects that are gone for good once they are deleted.
const DATA: [(&str, &str); 3] = [
    ("", "Namespace"),
    ("", "PersistentVolumeClaim"),
    ("apiextensions.k8s.io", "CustomResourceDefinition"),
];

#[derive(Default)]
struct Taken<'a> {
    owners: Option<(&'a Kustomization, &'a Kustomization)>,
    count: usize,
    has_data: bool,
}

fn check(context: &Context<'_>, findings: &mut Vec<Finding>) {
    let Some(past) = context.past else {
        return;
    };
    for cluster in &past.change.clusters {
        let mut taken: BTreeMap<(String, String), Taken<'_>> = BTreeMap::new();
        for (before, after) in &cluster.moved {
            let (fate, pruner) = cluster.end_of(before);
            if fate == Fate::Deleted && pruner.is_some_and(|pruner| !pruner.is_direct) {
                let key = (before.owner.full_name(), after.owner.full_name());
                let one = taken.entry(key).or_default();
                one.owners = Some((before.owner, after.owner));
                one.count += 1;
                one.has_data |= is_data(after);
            }
        }
        for one in taken.into_values() {
            let Some((old, new)) = one.owners else {
                continue;
            };
            let mut finding = Finding::new(message(old, new, one.count), new.object.name_span(), LABEL);
            if one.has_data {
                finding = finding.severity(Severity::Error);
            }
            let finding = finding.help(help(old)).object(new.object.reference());
            findings.push(finding.clusters([cluster.name()]));
        }
    }
}

fn is_data(owned: &Owned<'_>) -> bool {
    DATA.contains(&(owned.object.group(), owned.object.kind()))
}
