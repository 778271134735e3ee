use super::support::ranges::Loss;
use crate::finding::{Finding, Severity};
use crate::mesh::Member;
use crate::rules::words::all_of;
use crate::rules::{Category, Context, Rule};

/// A cluster gives up pod ranges that its nodes use.
pub(crate) static RULE: Rule = Rule {
    name: "pod-cidr-changed",
    category: Category::Change,
    severity: Severity::Error,
    pedantic: false,
    since: "0.1.0",
    page: include_str!("../../../rules/change/pod-cidr-changed.md"),
    check,
};

fn message(member: &Member, lost: &[String], after: &[String]) -> String {
    let name = &member.name;
    let (lost, after) = (all_of(lost), all_of(after));
    format!("the pods of cluster `{name}` lose {lost}: their ranges become {after}")
}

const LABEL: &str = "nodes keep the ranges they have";
const HELP: &str = "leave the ranges that are there and add another behind them, or build the cluster anew";

fn check(context: &Context<'_>, findings: &mut Vec<Finding>) {
    let loss = Loss {
        ranges: |member| &member.pod_cidrs,
        message,
        label: LABEL,
        help: HELP,
    };
    loss.report(context, findings);
}
