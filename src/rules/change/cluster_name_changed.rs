use super::support::members::{living, stated_change};
use crate::finding::{Finding, Severity};
use crate::mesh::Member;
use crate::rules::places::at;
use crate::rules::{Category, Context, Rule};

/// A connected cluster gets another `cluster.name`.
pub(crate) static RULE: Rule = Rule {
    name: "cluster-name-changed",
    category: Category::Change,
    severity: Severity::Error,
    pedantic: false,
    since: "0.1.0",
    page: include_str!("../../../rules/change/cluster-name-changed.md"),
    check,
};

fn message(member: &Member, before: &str, after: &str) -> String {
    let name = &member.name;
    format!(
        "the name of cluster `{name}` in the mesh changes from `{before}` to `{after}` while it is connected"
    )
}

fn label(before: &str) -> String {
    format!("the name was `{before}`")
}

const HELP: &str = "keep the name, or take the cluster out of the mesh first, change its name, restart every pod that Cilium manages, and connect it again";

fn check(context: &Context<'_>, findings: &mut Vec<Finding>) {
    for one in living(context).into_iter().filter(|one| one.is_connected) {
        let names = stated_change(&one.before.cluster_name.value, &one.after.cluster_name.value);
        let Some(((before, after), best)) = names.zip(one.after.cluster_name.best()) else {
            continue;
        };
        let finding = at(message(one.after, before, after), &best.place, label(before));
        findings.push(finding.help(HELP).clusters([one.after.name.as_str()]));
    }
}
