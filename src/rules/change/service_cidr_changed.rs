use super::support::ranges::Loss;
use crate::finding::{Finding, Severity};
use crate::mesh::Member;
use crate::rules::words::all_of;
use crate::rules::{Category, Context, Rule};

/// A cluster gives up service ranges that its Services have addresses of.
pub(crate) static RULE: Rule = Rule {
    name: "service-cidr-changed",
    category: Category::Change,
    severity: Severity::Warning,
    pedantic: false,
    since: "0.1.0",
    page: include_str!("../../../rules/change/service-cidr-changed.md"),
    check,
};

fn message(member: &Member, lost: &[String], after: &[String]) -> String {
    let name = &member.name;
    let (lost, after) = (all_of(lost), all_of(after));
    format!("the Services of cluster `{name}` lose {lost}: their ranges become {after}")
}

const LABEL: &str = "Services keep the addresses they have";
const HELP: &str =
    "keep the range, or make every Service anew, `kubernetes` and that of the cluster's DNS first";

fn check(context: &Context<'_>, findings: &mut Vec<Finding>) {
    let loss = Loss {
        ranges: |member| &member.service_cidrs,
        message,
        label: LABEL,
        help: HELP,
    };
    loss.report(context, findings);
}
