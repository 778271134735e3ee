use crate::finding::{Finding, Severity};
use crate::rules::ignore_comments::Name;
use crate::rules::{Category, Context, Rule};

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
    Finding::new(RULE.name, message, name.span, "ignores nothing")
        .help("remove it, or move it to the line of the finding or the line above")
}

/// What is unused shows only when every rule has spoken: the sink makes these findings.
fn check(_: &Context<'_>, _: &mut Vec<Finding>) {}
