use semver::Version;

use super::support::members::{living, stated_change};
use crate::finding::{Finding, Severity};
use crate::rules::places::at;
use crate::rules::{Category, Context, Rule};

/// Cilium goes up or down by more than one minor version at once.
pub(crate) static RULE: Rule = Rule {
    name: "cilium-minor-skipped",
    category: Category::Change,
    severity: Severity::Warning,
    pedantic: false,
    since: "0.1.0",
    page: include_str!("../../../rules/change/cilium-minor-skipped.md"),
    check,
};

fn message(before: &Version, after: &Version) -> String {
    format!("Cilium goes from {before} to {after} in one step")
}

fn label(before: &Version) -> String {
    format!("it was {before}")
}

fn help(before: &Version, after: &Version) -> String {
    let next = if after > before {
        before.minor + 1
    } else {
        before.minor.saturating_sub(1)
    };
    format!(
        "go to the newest release of {}.{next} first, wait until every node runs it, and go on from there",
        before.major
    )
}

fn check(context: &Context<'_>, findings: &mut Vec<Finding>) {
    for one in living(context) {
        let Some((before, after)) = stated_change(&one.before.version.value, &one.after.version.value) else {
            continue;
        };
        let is_skipped = before.major == after.major && before.minor.abs_diff(after.minor) > 1;
        let Some(best) = one.after.version.best().filter(|_| is_skipped) else {
            continue;
        };
        let finding = at(message(before, after), &best.place, label(before));
        let finding = finding.help(help(before, after));
        findings.push(finding.clusters([one.after.name.as_str()]));
    }
}
