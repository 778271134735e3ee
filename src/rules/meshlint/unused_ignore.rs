use crate::finding::{Finding, Severity};
use crate::rules::ignore_comments::Name;
use crate::rules::{Category, Context, Rule};
use crate::source::Span;

/// A comment that ignores what is not found.
pub(crate) static RULE: Rule = Rule {
    name: "unused-ignore",
    category: Category::Meshlint,
    severity: Severity::Warning,
    pedantic: false,
    since: "0.1.0",
    page: include_str!("../../../rules/meshlint/unused-ignore.md"),
    check,
};

/// The finding for a rule that a comment names in vain.
pub(crate) fn finding(name: &Name) -> Finding {
    let message = format!("no finding of `{}` is ignored here", name.text);
    Finding::new(message, name.span, "ignores nothing")
        .help("remove it, or move it to the line of the finding or the line above")
}

/// The finding for an entry of the configuration that ignores nothing.
pub(crate) fn entry_finding(rule: &Rule, rule_at: Span, path_at: Span, reaches_a_file: bool) -> Finding {
    let message = format!("no finding of `{}` is ignored by this entry", rule.name);
    let (label, help) = if reaches_a_file {
        ("has no finding in these files", "remove the entry")
    } else {
        (
            "matches no file",
            "remove the entry, or name files that are there",
        )
    };
    Finding::new(message, rule_at, "ignores nothing")
        .label(path_at, label)
        .help(help)
}

/// What is unused shows only when every rule has spoken: the sink makes these findings.
fn check(_: &Context<'_>, _: &mut Vec<Finding>) {}
