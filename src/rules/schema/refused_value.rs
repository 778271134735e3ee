use super::support::told::tell;
use crate::finding::{Finding, Severity};
use crate::kustomize::Object;
use crate::rules::words::all_of;
use crate::rules::{Category, Context, Rule};
use crate::schema::{Fault, Refusal, Wrong};
use crate::text::suggest::nearest;

/// A value of the right type that the API server does not take.
pub(crate) static RULE: Rule = Rule {
    name: "refused-value",
    category: Category::Schema,
    severity: Severity::Error,
    pedantic: false,
    since: "0.1.0",
    page: include_str!("../../../rules/schema/refused-value.md"),
    check,
};

fn message(object: &Object, route: &str, text: &str, refusal: &Refusal) -> String {
    let who = format!("{} `{}`", object.kind(), object.name());
    let counted = |bound: &(bool, f64), one: &str, many: &str| {
        let (is_more, number) = *bound;
        let noun = if (number - 1.0).abs() < 0.5 { one } else { many };
        let takes = if is_more {
            "takes at most"
        } else {
            "needs at least"
        };
        format!("{who} {takes} {number} {noun} in `{route}`")
    };
    match refusal {
        Refusal::Items(bound) => counted(bound, "item", "items"),
        Refusal::Entries(bound) => counted(bound, "entry", "entries"),
        Refusal::Length(bound) => counted(bound, "character", "characters"),
        _ => format!("{who} does not take `{text}` in `{route}`"),
    }
}

fn label(refusal: &Refusal) -> String {
    match refusal {
        Refusal::Word(words) => format!("takes {}", all_of(words)),
        Refusal::Pattern(pattern) => format!("has to match `{pattern}`"),
        Refusal::Range((true, most)) => format!("is above {most}"),
        Refusal::Range((false, least)) => format!("is below {least}"),
        Refusal::Format(format) => format!("is no {}", named(format)),
        Refusal::Items((true, _)) | Refusal::Entries((true, _)) | Refusal::Length((true, _)) => {
            "too many".to_owned()
        }
        Refusal::Items(_) | Refusal::Entries(_) | Refusal::Length(_) => "too few".to_owned(),
    }
}

fn help(text: &str, refusal: &Refusal) -> String {
    match refusal {
        Refusal::Word(words) => match nearest(text, words.iter().map(String::as_str)) {
            Some(near) => format!("did you mean `{near}`?"),
            None => format!("use one of {}", all_of(words)),
        },
        Refusal::Pattern(_) => "write it as the pattern asks".to_owned(),
        Refusal::Range((true, most)) => format!("write at most {most}"),
        Refusal::Range((false, least)) => format!("write at least {least}"),
        Refusal::Format(format) => format!("write {}, for example `{}`", one(format), example(format)),
        Refusal::Items((true, bound)) | Refusal::Entries((true, bound)) | Refusal::Length((true, bound)) => {
            format!("leave at most {bound}")
        }
        Refusal::Items((false, bound))
        | Refusal::Entries((false, bound))
        | Refusal::Length((false, bound)) => {
            format!("write at least {bound}")
        }
    }
}

fn named(format: &str) -> &str {
    match format {
        "byte" => "base64",
        "cidr" => "range of addresses",
        "ipv4" => "IPv4 address",
        "ipv6" => "IPv6 address",
        "int32" => "integer of 32 bits",
        "date-time" => "time of RFC 3339",
        other => other,
    }
}

fn one(format: &str) -> String {
    match named(format) {
        "base64" => "base64".to_owned(),
        name if name.starts_with(['I', 'i']) => format!("an {name}"),
        name => format!("a {name}"),
    }
}

fn example(format: &str) -> &'static str {
    match format {
        "byte" => "aGVsbG8=",
        "cidr" => "10.0.0.0/8",
        "ipv4" => "10.0.0.1",
        "ipv6" => "fd00::1",
        "int32" => "2147483647",
        "date-time" => "2026-01-31T08:00:00Z",
        _ => "500Mi",
    }
}

fn check(context: &Context<'_>, findings: &mut Vec<Finding>) {
    tell(context, findings, finding);
}

fn finding(object: &Object, fault: &Fault) -> Option<Finding> {
    let Wrong::Value { text, refusal } = &fault.wrong else {
        return None;
    };
    let shown = if object.kind() == "Secret" { "" } else { text };
    let message = match shown {
        "" if matches!(refusal, Refusal::Format(_)) => {
            format!(
                "{} `{}` does not take what is in `{}`",
                object.kind(),
                object.name(),
                fault.route
            )
        }
        _ => message(object, &fault.route, shown, refusal),
    };
    let finding = Finding::new(message, fault.span, label(refusal)).help(help(shown, refusal));
    Some(finding)
}
