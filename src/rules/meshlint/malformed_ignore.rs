use crate::finding::{Finding, Severity};
use crate::rules::ignore_comments::{Flaw, IgnoreComment, Name, ignore_comments};
use crate::rules::{Category, Context, Rule};
use crate::text::suggest::nearest;

/// A comment for meshlint that cannot be followed.
pub(crate) static RULE: Rule = Rule {
    name: "malformed-ignore",
    category: Category::Meshlint,
    severity: Severity::Error,
    pedantic: false,
    since: "0.1.0",
    page: include_str!("../../../rules/meshlint/malformed-ignore.md"),
    check,
};

fn message(flaw: Flaw) -> &'static str {
    match flaw {
        Flaw::NotUnderstood => "a comment for meshlint is no `ignore[…]`",
        Flaw::NamesNothing => "an ignore comment names no rule",
        Flaw::WithoutReason => "an ignore comment gives no reason",
    }
}

fn label(flaw: Flaw) -> &'static str {
    match flaw {
        Flaw::NotUnderstood => "not understood",
        Flaw::NamesNothing => "ignores nothing",
        Flaw::WithoutReason => "has no effect without a reason",
    }
}

fn help(flaw: Flaw) -> &'static str {
    match flaw {
        Flaw::NotUnderstood | Flaw::NamesNothing => "write `# meshlint: ignore[rule-name] the reason`",
        Flaw::WithoutReason => "say behind the bracket why this is as it should be",
    }
}

fn unknown(name: &Name, rules: &[&Rule]) -> Finding {
    let message = format!("no rule is called `{}`", name.text);
    let finding = Finding::new(message, name.span, "ignores nothing");
    match nearest(&name.text, rules.iter().map(|rule| rule.name)) {
        Some(meant) => finding.did_you_mean(&name.text, meant),
        None => finding.help("run `meshlint rules` for the names"),
    }
}

fn check(context: &Context<'_>, findings: &mut Vec<Finding>) {
    for IgnoreComment {
        span, names, flaw, ..
    } in ignore_comments(context.store, context.rules)
    {
        if let Some(flaw) = flaw {
            let finding = Finding::new(message(flaw), span, label(flaw));
            findings.push(finding.help(help(flaw)));
        }
        let unknown_names = names.iter().filter(|name| name.rule.is_none());
        findings.extend(unknown_names.map(|name| unknown(name, context.rules)));
    }
}
