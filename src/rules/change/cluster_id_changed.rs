use super::support::members::{living, stated_change};
use crate::finding::{Finding, Severity};
use crate::mesh::Member;
use crate::rules::places::at;
use crate::rules::{Category, Context, Rule};

/// A connected cluster gets another `cluster.id`.
pub(crate) static RULE: Rule = Rule {
    name: "cluster-id-changed",
    category: Category::Change,
    severity: Severity::Error,
    pedantic: false,
    since: "0.1.0",
    page: include_str!("../../../rules/change/cluster-id-changed.md"),
    check,
};

fn message(member: &Member, before: i64, after: i64) -> String {
    let name = &member.name;
    format!("the id of cluster `{name}` changes from {before} to {after} while it is connected")
}

fn label(before: i64) -> String {
    format!("the id was {before}")
}

const HELP: &str = "take the cluster out of the mesh first, change its id, restart every pod that Cilium manages, and connect it again";

fn check(context: &Context<'_>, findings: &mut Vec<Finding>) {
    for one in living(context).into_iter().filter(|one| one.is_connected) {
        let Some((&before, &after)) = stated_change(&one.before.id.value, &one.after.id.value) else {
            continue;
        };
        let Some(best) = one.after.id.best() else {
            continue;
        };
        let finding = at(message(one.after, before, after), &best.place, label(before));
        findings.push(finding.help(HELP).clusters([one.after.name.as_str()]));
    }
}
